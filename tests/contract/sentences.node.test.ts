import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linkFolder, publishedData, startHub } from '../support/hub.ts';

/** What an operator reads where a folder or a disk is wrong: the commands as processes. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relais-sentences-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command to its end, behind `limit` of the shell. A command that hangs is killed, and has no code. */
const ran = (script: string, env: Record<string, string>, args: readonly string[] = [], limit = 'true') => {
  const command = ['-c', `${limit}; exec "$@"`, 'sh', process.execPath, `dist/server/main-${script}.js`, ...args];
  const { status, stdout, stderr } = spawnSync('sh', command, {
    env: { ...process.env, PORT: '0', DATA_DIR: join(folder, 'data'), ...env },
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  return { code: status, output: `${stdout}${stderr}`.trim() };
};

describe('a new data folder', () => {
  it('has no library that could stay', () => {
    const { code, output } = ran('publish', { CONTENT_DIR: join(folder, 'away') });
    expect(code).toBe(1);
    expect(output.split('\n')).toEqual([
      expect.stringContaining(`${join(folder, 'away/library.yml')}:1: This file is missing.`),
      'Nothing was published.',
    ]);
  });

  it.each(['hub', 'publish', 'keys'])(
    'in a file system that has no folders to make ends %s with a sentence',
    (name) => {
      const { code, output } = ran(name, { DATA_DIR: '/proc/relais' }, name === 'keys' ? ['show'] : []);
      expect(code).toBe(1);
      expect(output).toContain('The data folder /proc/relais cannot be written: choose another with DATA_DIR');
    },
  );
});

describe('a data folder that a hub runs on', { timeout: 120_000 }, () => {
  it('takes no second hub, which names the first; and the next one after a kill', async () => {
    const hub = await startHub();
    try {
      const { code, output } = ran('hub', { DATA_DIR: hub.dataDir, CONTENT_DIR: hub.contentDir });
      expect(code).toBe(1);
      expect(output).toMatch(
        new RegExp(`^Another hub is running on the data folder ${hub.dataDir}( \\(process ${hub.pid()}\\))?: stop it`),
      );
      // Publishing beside it is what operators do.
      expect((await hub.publish()).code).toBe(0);
      await hub.restart();
      expect((await fetch(`${hub.url}/healthz`)).ok).toBe(true);
    } finally {
      await hub.remove();
    }
  });
});

describe('a published library', () => {
  beforeEach(async () => linkFolder(await publishedData(), join(folder, 'data')));

  it('is not carried into a folder that is missing', () => {
    expect(ran('carry', {}, ['out', join(folder, 'stick/a.zip')])).toEqual({
      code: 1,
      output: `There is no folder ${join(folder, 'stick')}. Correct the name; if it is on a stick, is that mounted?`,
    });
  });

  it('does not fit into what the disk takes of one file, which is named', () => {
    mkdirSync(join(folder, 'stick'));
    const { code, output } = ran('carry', {}, ['out', join(folder, 'stick/a.zip')], 'ulimit -f 200');
    expect(code).toBe(1);
    expect(output).toContain(`${join(folder, 'stick/a.zip')} gets larger than its disk`);
  });

  it('stays, and that is said', () => {
    mkdirSync(join(folder, 'content'));
    writeFileSync(join(folder, 'content/library.yml'), 'centre: 1\n');
    const { code, output } = ran('publish', { CONTENT_DIR: join(folder, 'content') });
    expect(code).toBe(1);
    expect(output).toMatch(/Nothing was published; the library that was there before stays\.$/);
  });
});
