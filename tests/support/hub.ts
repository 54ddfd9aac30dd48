import { type ChildProcess, spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The real hub as a process of its own, on a data folder and a copy of the content of its own. */

/** Also where this was bundled into another folder. */
const rootAbove = (folder: string): string =>
  existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
const ROOT = rootAbove(dirname(fileURLToPath(import.meta.url)));

export interface Hub {
  readonly url: string;
  readonly port: number;
  readonly code: string;
  readonly dataDir: string;
  readonly contentDir: string;
  /** Of the process that runs now. */
  pid(): number;
  /** What it has written to stderr. */
  log(): string;
  /** Ends the process as a crash does; the data stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  restart(): Promise<void>;
  /** Runs `npm run publish` of this hub's content. Resolves to exit code and output. */
  publish(): Promise<{ readonly code: number; readonly output: string }>;
  /** Ends the process and removes its folders. */
  remove(): Promise<void>;
}

export interface HubOptions {
  readonly port?: number;
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Keys of its own: another library than all other hubs of these tests. */
  readonly stranger?: true;
  /** Mirrors the library at this address, and has none of its own. */
  readonly upstream?: string;
}

/** Ids of the items of this repository's library. */
export const itemIds = (): readonly string[] =>
  readdirSync(join(ROOT, 'content'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'forms')
    .map(({ name }) => name);

let published: Promise<string> | undefined;

/**
 * A data folder with the library published: made by the first test that needs it, shared by all workers until the next build. To compress all
 * its pages takes seconds; a second publication finds that nothing changed.
 */
export const publishedData = (): Promise<string> => {
  published ??= (async () => {
    const folder = join(ROOT, 'dist/published');
    const env = { ...process.env, DATA_DIR: folder, CONTENT_DIR: join(ROOT, 'content') };
    const { code, output } = await run('dist/server/main-publish.js', env);
    if (code !== 0) throw new Error(`The library could not be published: ${output}`);
    return folder;
  })();
  return published;
};

/** A copy of a data folder in which files are links: nobody writes a published file in place. */
export const linkFolder = (from: string, to: string): void => {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkFolder(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    // Held by another worker that looks whether anything changed.
    else if (entry.name !== 'publish.lock') link(source, target);
  }
};

const link = (source: string, target: string): void => {
  try {
    linkSync(source, target);
  } catch (error) {
    // The folder for temporary files is on another disk.
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    copyFileSync(source, target);
  }
};

/** Starts a hub; `dist/` has to be built (`npm test` does). */
export const startHub = async (options: HubOptions = {}): Promise<Hub> => {
  const folder = mkdtempSync(join(tmpdir(), 'relais-hub-'));
  const dataDir = options.dataDir ?? join(folder, 'data');
  const contentDir = join(folder, 'content');
  cpSync(join(ROOT, 'content'), contentDir, { recursive: true });
  if (options.dataDir === undefined && !options.stranger && !options.upstream)
    linkFolder(await publishedData(), dataDir);
  const env = {
    ...process.env,
    DATA_DIR: dataDir,
    CONTENT_DIR: contentDir,
    HOST: 'localhost',
    ...(options.upstream && { UPSTREAM: options.upstream }),
    ...options.env,
  };
  let running = await launch({ ...env, PORT: String(options.port ?? 0) });
  const { port } = running;
  const kill = async (): Promise<void> => {
    const gone = new Promise((resolve) => running.child.once('exit', resolve));
    if (running.child.exitCode !== null || running.child.signalCode !== null) return;
    running.child.kill('SIGKILL');
    await gone;
  };
  return {
    url: `http://localhost:${port}`,
    port,
    code: running.code,
    dataDir,
    contentDir,
    pid: () => running.child.pid as number,
    log: () => running.log(),
    kill,
    async restart() {
      await kill();
      running = await launch({ ...env, PORT: String(port) });
    },
    publish: () => run('dist/server/main-publish.js', env),
    async remove() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const launch = (env: NodeJS.ProcessEnv) =>
  new Promise<{ child: ChildProcess; port: number; code: string; log: () => string }>((resolve, reject) => {
    const child = spawn(process.execPath, ['dist/server/main-hub.js'], { cwd: ROOT, env });
    let out = '';
    let err = '';
    child.stderr.on('data', (data: Buffer) => {
      err += data;
    });
    child.stdout.on('data', (data: Buffer) => {
      out += data;
      const [, port] = /http:\/\/[^:]+:(\d+)\n/.exec(out) ?? [];
      // A hub that mirrors has no inbox.
      const [, code = ''] = /code: (\S+)\n/.exec(out) ?? [];
      if (port && out.includes('Data: ')) resolve({ child, port: Number(port), code, log: () => err });
    });
    child.once('exit', (exit) => reject(new Error(`the hub ended with ${exit}: ${err}`)));
  });

/** Runs one of the built programs to its end. */
export const run = (
  script: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[] = [],
): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], { cwd: ROOT, env });
    let output = '';
    const add = (data: Buffer): void => {
      output += data;
    };
    child.stdout.on('data', add);
    child.stderr.on('data', add);
    child.once('exit', (code) => resolve({ code: code ?? -1, output }));
  });
