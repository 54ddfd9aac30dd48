import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReceivedFiles, type ReceiveLimits } from '../../../../server/carry/receive.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'relais-received-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** A body in parts of 100 bytes, and how many of them were asked for. */
const bodyOf = (parts: number) => {
  let asked = 0;
  const next = async (): Promise<Uint8Array | undefined> =>
    asked++ < parts ? new Uint8Array(100).fill(asked) : undefined;
  return { next, asked: () => asked };
};
const left = (): readonly string[] => {
  const folder = join(dataDir, 'received');
  return existsSync(folder) ? readdirSync(folder) : [];
};
const never = async (): Promise<never> => {
  throw new Error('it was taken');
};

describe('ReceivedFiles', () => {
  const open = (limits: ReceiveLimits = {}) => new ReceivedFiles(dataDir, { most: 1_000, reserve: 0, ...limits });

  it('holds a file of the size that is allowed, whole, as long as it is worked with', async () => {
    const size = await open().take(bodyOf(10).next, undefined, async (path) => readFileSync(path).length);
    expect(size).toBe(1_000);
    expect(left()).toEqual([]);
  });

  it('refuses one that says that it is too large before the first byte', async () => {
    const body = bodyOf(11);
    await expect(open().take(body.next, 1_001, never)).rejects.toMatchObject({ code: 'too-large' });
    expect([body.asked(), left()]).toEqual([0, []]);
  });

  it.each([undefined, 500])('refuses one at the byte that is too much, whatever it says (%s)', async (announced) => {
    const body = bodyOf(100);
    await expect(open().take(body.next, announced, never)).rejects.toMatchObject({ code: 'too-large' });
    expect([body.asked(), left()]).toEqual([11, []]);
  });

  it('leaves room on the disk', async () => {
    const body = bodyOf(10);
    const files = open({ reserve: Number.MAX_SAFE_INTEGER });
    await expect(files.take(body.next, 1_000, never)).rejects.toMatchObject({ code: 'full' });
    expect([body.asked(), left()]).toEqual([0, []]);
  });

  it('is free again after one that was refused, cut or could not be used', async () => {
    const files = open();
    const cut = async (): Promise<never> => {
      throw new Error('cut');
    };
    await expect(files.take(cut, undefined, never)).rejects.toThrow('cut');
    await expect(files.take(bodyOf(1).next, undefined, never)).rejects.toThrow('it was taken');
    expect(left()).toEqual([]);
    expect(await files.take(bodyOf(1).next, undefined, async () => 'good')).toBe('good');
  });
});
