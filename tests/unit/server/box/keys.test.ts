import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKeys } from '../../../../server/box/keys.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'relais-keys-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

describe('the keys of a box', () => {
  it('are made once, and read ever after', async () => {
    const made = await openKeys(dataDir);
    expect(readdirSync(join(dataDir, 'keys')).sort()).toEqual(['hub.key', 'publisher.key', 'root.key']);
    const read = await openKeys(dataDir);
    expect([read.root?.id, read.publisher.id, read.hub.id]).toEqual([made.root?.id, made.publisher.id, made.hub.id]);
  });

  it('are made to the end where the power went while they were made', async () => {
    mkdirSync(join(dataDir, 'keys/lost+found'), { recursive: true });
    writeFileSync(join(dataDir, 'keys/publisher.key.4242.new'), 'half');
    writeFileSync(join(dataDir, 'keys/hub.key'), `${'A'.repeat(43)}\n`);
    const made = await openKeys(dataDir);
    expect(readFileSync(join(dataDir, 'keys/hub.key'), 'utf8')).toBe(`${'A'.repeat(43)}\n`);
    expect((await openKeys(dataDir)).root?.id).toBe(made.root?.id);
  });

  it('may lie on a disk of their own', async () => {
    mkdirSync(join(dataDir, 'elsewhere'));
    symlinkSync(join(dataDir, 'elsewhere'), join(dataDir, 'keys'));
    await openKeys(dataDir);
    expect(readdirSync(join(dataDir, 'elsewhere')).sort()).toEqual(['hub.key', 'publisher.key', 'root.key']);
  });

  it.each(['hub.sqlite', 'history', 'tree'])(
    'are never made for a box that has been used: %s is there',
    async (name) => {
      mkdirSync(join(dataDir, name));
      await expect(openKeys(dataDir)).rejects.toThrow(/key is missing|\.key is missing/);
      expect(readdirSync(join(dataDir, 'keys'))).toEqual([]);
    },
  );

  it('are the same for two that open a new box at once', async () => {
    const [one, two] = await Promise.all([openKeys(dataDir), openKeys(dataDir)]);
    expect(one.hub.id).toBe(two.hub.id);
  });

  it('are never made anew where one is lost', async () => {
    await openKeys(dataDir);
    rmSync(join(dataDir, 'keys/hub.key'));
    await expect(openKeys(dataDir)).rejects.toThrow(/hub\.key is missing/);
    expect(existsSync(join(dataDir, 'keys/hub.key'))).toBe(false);
    expect(readFileSync(join(dataDir, 'keys/root.key'), 'utf8')).toMatch(/^[\w-]{43}\n$/);
  });
});
