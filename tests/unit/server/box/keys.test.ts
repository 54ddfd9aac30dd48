import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

  it('are made anew where the power went while they were made the first time', async () => {
    mkdirSync(join(dataDir, 'keys.4242.new'));
    writeFileSync(join(dataDir, 'keys.4242.new/root.key'), 'half');
    mkdirSync(join(dataDir, 'keys'));
    expect((await openKeys(dataDir)).hub.id).toMatch(/^[\w-]{11}$/);
  });

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
