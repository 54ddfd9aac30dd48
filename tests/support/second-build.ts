import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The app of tomorrow: a copy of the source with one change, built in a folder of its own, and a hub that runs it. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = [
  ...['src', 'sw', 'server', 'locales', 'public', 'scripts', 'content', 'index.html', 'inbox.html'],
  ...['vite.config.ts', 'vite.server.config.ts', 'tsconfig.base.json', 'package.json', 'package-lock.json'],
];

export interface SecondBuild {
  readonly folder: string;
  /** Starts its hub on a port and a data folder that another one had. Returns what ends it. */
  serve(options: { port: number; dataDir: string; contentDir: string }): Promise<() => Promise<void>>;
  remove(): void;
}

/** Changes one text of one file; fails where it is not there. */
export interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** One line each, in files of the app that have nothing to do with each other. */
export const ONE_LINE = {
  screen: {
    file: 'src/ui/library/list-screen.tsx',
    from: "new Set(['need', 'audience'])",
    to: "new Set(['need', 'door'])",
  },
  engine: { file: 'src/engine/engine.ts', from: "{ what: 'open', ms }", to: "{ what: 'opening', ms }" },
  word: { file: 'locales/fr.json', from: '"title": "Plus"', to: '"title": "Encore"' },
} as const satisfies Readonly<Record<string, Change>>;

export const buildWith = ({ file, from, to }: Change): SecondBuild => {
  const folder = mkdtempSync(join(tmpdir(), 'relais-build-'));
  for (const source of SOURCES.filter((name) => existsSync(join(ROOT, name)))) {
    mkdirSync(dirname(join(folder, source)), { recursive: true });
    cpSync(join(ROOT, source), join(folder, source), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not say ${from}`);
  writeFileSync(path, text.replace(from, to));
  // A runner of tests says that it is one: the bundler would make another build of it.
  const { NODE_ENV: _, ...env } = process.env;
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: folder, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the second build failed: ${stderr}`);
  return {
    folder,
    serve: (options) => serve(folder, options),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

const serve = async (
  cwd: string,
  { port, dataDir, contentDir }: { port: number; dataDir: string; contentDir: string },
): Promise<() => Promise<void>> => {
  const env = { ...process.env, DATA_DIR: dataDir, CONTENT_DIR: contentDir, HOST: 'localhost', PORT: String(port) };
  const child: ChildProcess = spawn(process.execPath, ['dist/server/main-hub.js'], { cwd, env });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let out = '';
    child.stdout?.on('data', (data: Buffer) => {
      out += data;
      if (out.includes('Data: ')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the second hub ended with ${code}`)));
  });
  return async () => {
    child.kill('SIGKILL');
    await gone;
  };
};
