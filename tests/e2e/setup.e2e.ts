import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { run, startHub } from '../support/hub.ts';

/** `npm start` and `npm run publish`, as the operator sees them. */
const start = (env: Record<string, string>) => run('dist/server/main-hub.js', { ...process.env, PORT: '0', ...env });

test('three lines: the address, the code, the data; Ctrl-C ends it cleanly', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'relais-setup-'));
  const child: ChildProcess = spawn('npm', ['start', '--silent'], {
    env: { ...process.env, PORT: '0', DATA_DIR: dataDir },
    detached: true,
  });
  let out = '';
  child.stdout?.on('data', (data: Buffer) => {
    out += data;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await expect.poll(() => out, { timeout: 60_000 }).toContain('Data: ');
  expect(out.trim().split('\n')).toEqual([
    expect.stringMatching(/^Relais: http:\/\/localhost:\d+$/),
    expect.stringMatching(/^Operator's code: [A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}$/),
    `Data: ${dataDir}`,
  ]);
  for (const file of ['keys/root.key', 'keys/publisher.key', 'keys/hub.key', 'hub.sqlite', 'tree/current/c/head']) {
    expect(existsSync(join(dataDir, file))).toBe(true);
  }
  // Ctrl-C goes to every process of the terminal's group; npm itself then ends by the signal.
  process.kill(-(child.pid ?? 0), 'SIGINT');
  await ended;
  const port = /:(\d+)$/m.exec(out)?.[1];
  await expect(fetch(`http://localhost:${port}/healthz`)).rejects.toThrow();

  const hub = spawn(process.execPath, ['scripts/start.mjs'], { env: { ...process.env, PORT: '0', DATA_DIR: dataDir } });
  const hubEnded = new Promise<number | null>((resolve) => hub.once('exit', resolve));
  await new Promise((resolve) => hub.stdout.once('data', resolve));
  hub.kill('SIGINT');
  expect(await hubEnded).toBe(0);
  rmSync(dataDir, { recursive: true, force: true });
});

test('a second start keeps keys, code and number', async () => {
  const hub = await startHub();
  const head = readFileSync(join(hub.dataDir, 'tree/current/c/head'));
  const key = readFileSync(join(hub.dataDir, 'keys/hub.key'));
  await hub.restart();
  expect(readFileSync(join(hub.dataDir, 'tree/current/c/head'))).toEqual(head);
  expect(readFileSync(join(hub.dataDir, 'keys/hub.key'))).toEqual(key);
  await hub.remove();
});

test('a port that is taken: one sentence, exit code 1', async () => {
  const server = createServer().listen(0, 'localhost');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const dataDir = mkdtempSync(join(tmpdir(), 'relais-setup-'));
  const { code, output } = await start({ PORT: String(port), DATA_DIR: dataDir });
  expect(code).toBe(1);
  expect(output.trim()).toBe(`Port ${port} is taken: stop the other program, or choose another with PORT.`);
  server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test('a folder that cannot be written: one sentence, exit code 1', async () => {
  const { code, output } = await start({ DATA_DIR: '/dev/null/relais' });
  expect(code).toBe(1);
  expect(output.trim()).toBe(
    'The data folder /dev/null/relais cannot be written: choose another with DATA_DIR, or change its owner.',
  );
});

test('a setting that makes no sense: one sentence, exit code 1', async () => {
  for (const [env, sentence] of [
    [{ PORT: 'huit' }, 'PORT is "huit": it has to be a whole number from 0 to 65535.'],
    [{ UPSTREAM: 'example.org' }, 'UPSTREAM is "example.org": it has to be like https://relais.example.org.'],
    [
      { UPSTREAM: 'http://x', SHELVES: 'fr,Hausa' },
      'SHELVES has "Hausa": it has to be codes of languages with commas between them, like fr,ha.',
    ],
    [{ UPSTREAM: 'http://x', MEDIA: 'few' }, 'MEDIA is "few": it has to be one of all, pictures, none.'],
    [{ UPSTREAM: 'http://x', DAILY_KB: '5M' }, 'DAILY_KB is "5M": it has to be a whole number from 0 to 1000000000.'],
  ] as const) {
    const { code, output } = await start(env);
    expect(code).toBe(1);
    expect(output.trim()).toBe(sentence);
  }
});

test('a Node that is too old: one sentence, exit code 1', () => {
  const source = readFileSync('scripts/node-version.mjs', 'utf8');
  const old = `Object.defineProperty(process.versions, 'node', { value: '20.20.2' });${source}`;
  let failure: { status?: number; stderr?: string } = {};
  try {
    execFileSync(process.execPath, ['--input-type=module', '-e', old], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    failure = error as typeof failure;
  }
  expect(failure.status).toBe(1);
  expect(failure.stderr?.trim().split('\n')).toHaveLength(1);
  expect(failure.stderr).toContain('Relais needs Node 24 or later');
});

test('broken front matter stops a publication: file, line, remedy; the old tree stays up', async () => {
  const hub = await startHub();
  const path = join(hub.contentDir, 'akashganga/item.yml');
  const before = readFileSync(join(hub.dataDir, 'tree/current/c/head'));
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^picture:/m, 'pictuer:'));
  const { code, output } = await hub.publish();
  expect(code).toBe(1);
  const line =
    readFileSync(path, 'utf8')
      .split('\n')
      .findIndex((text) => text.startsWith('pictuer:')) + 1;
  expect(output).toContain(`content/akashganga/item.yml:${line}: Unknown field "pictuer". Take it out`);
  expect(output).toContain('The field "picture" is missing.');
  expect(output).toContain('Nothing was published; the library that was there before stays.');
  expect(readFileSync(join(hub.dataDir, 'tree/current/c/head'))).toEqual(before);
  expect((await fetch(`${hub.url}/fr/akashganga`)).status).toBe(200);
  await hub.remove();
});

test('a hub that restarts in the middle of a publication never shows half of it', async () => {
  const hub = await startHub();
  const path = join(hub.contentDir, 'niger-radio/fr.md');
  for (let round = 0; round < 5; round++) {
    writeFileSync(path, `${readFileSync(path, 'utf8').trimEnd()}\n\nPhrase ${'i'.repeat(round + 1)}.\n`);
    const child = spawn(process.execPath, ['dist/server/main-publish.js'], {
      env: { ...process.env, DATA_DIR: hub.dataDir, CONTENT_DIR: hub.contentDir },
    });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => setTimeout(resolve, 150 + round * 60));
    child.kill('SIGKILL');
    await gone;
    const head = JSON.parse(await (await fetch(`${hub.url}/c/head`)).text()) as { signed: { seq: number } };
    const { seq } = (await (await fetch(`${hub.url}/healthz`)).json()) as { seq: number };
    expect(head.signed.seq).toBe(seq);
    for (const base of [1, seq]) expect((await fetch(`${hub.url}/c/from/${base}/fr.pack`)).status).toBe(200);
  }
  expect((await hub.publish()).code).toBe(0);
  expect(await (await fetch(`${hub.url}/fr/niger-radio`)).text()).toContain('Phrase iiiii.');
  await hub.remove();
});

test('a mistake in the library does not keep the hub from starting: what was published before is served', async () => {
  const hub = await startHub();
  const path = join(hub.contentDir, 'akashganga/item.yml');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^picture:/m, 'pictuer:'));
  await hub.restart();
  expect(hub.log()).toContain('Unknown field "pictuer"');
  expect(hub.log()).toContain('the library that was there before is served');
  expect((await fetch(`${hub.url}/fr/akashganga`)).status).toBe(200);
  await hub.remove();
});

test('the root key can be taken off the box: the hub goes on, and publishes', async () => {
  const hub = await startHub();
  rmSync(join(hub.dataDir, 'keys/root.key'));
  const path = join(hub.contentDir, 'niger-radio/fr.md');
  writeFileSync(path, `${readFileSync(path, 'utf8').trimEnd()}\n\nSans la clé.\n`);
  await hub.restart();
  expect(await (await fetch(`${hub.url}/fr/niger-radio`)).text()).toContain('Sans la clé.');
  await hub.remove();
});

test('a lost hub key is said, and never replaced by another', async () => {
  const hub = await startHub();
  await hub.kill();
  rmSync(join(hub.dataDir, 'keys/hub.key'));
  const { code, output } = await start({ DATA_DIR: hub.dataDir, CONTENT_DIR: hub.contentDir });
  expect(code).toBe(1);
  expect(output).toContain('hub.key is missing. Restore it from a backup, or make new keys with the spare');
  expect(existsSync(join(hub.dataDir, 'keys/hub.key'))).toBe(false);
  await hub.remove();
});

test('what the hub writes is for its own user only', async () => {
  const hub = await startHub();
  for (const file of ['hub.sqlite', 'keys/hub.key', 'keys/operator-code']) {
    expect(statSync(join(hub.dataDir, file)).mode & 0o077).toBe(0);
  }
  await hub.remove();
});
