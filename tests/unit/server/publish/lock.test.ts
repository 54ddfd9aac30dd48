import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { locked } from '../../../../server/publish/lock.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relais-lock-'));
  path = join(folder, 'some.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process that lives as long as these tests do, and is another one. */
const OTHER = process.ppid;
const boot = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

describe('a lock', () => {
  it('holds as long as the work, and names its owner', async () => {
    const ran = await locked(path, 0, async () => readFileSync(path, 'utf8'));
    expect(ran?.result).toBe(`${process.pid} ${boot()}`);
    expect(existsSync(path)).toBe(false);
    await expect(locked(path, 0, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(path)).toBe(false);
  });

  it('of a process that lives is waited for, and not taken', async () => {
    writeFileSync(path, `${OTHER} ${boot()}`);
    expect(await locked(path, 300, async () => 'mine')).toBeUndefined();
    const late = locked(path, 5_000, async () => 'mine');
    setTimeout(() => rmSync(path), 300);
    expect(await late).toEqual({ result: 'mine' });
  });

  it('that this process has already is waited for as well', async () => {
    const { promise, resolve: end } = Promise.withResolvers<void>();
    const first = locked(path, 0, () => promise);
    await expect.poll(() => existsSync(path)).toBe(true);
    expect(await locked(path, 300, async () => 'second')).toBeUndefined();
    const late = locked(path, 5_000, async () => 'third');
    end();
    await first;
    expect(await late).toEqual({ result: 'third' });
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    ['that is gone', () => `999999999 ${boot()}`],
    [
      'whose number another one has since the machine was started again',
      () => `${OTHER} 00000000-0000-0000-0000-000000000000`,
    ],
    ['of an earlier version', () => String(OTHER)],
  ])('of a process %s is taken over', async (_, text) => {
    writeFileSync(path, text());
    expect(await locked(path, 0, async () => 'mine')).toEqual({ result: 'mine' });
  });
});
