import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NewerAsked, newestAsked, restoredWords, withoutHistory } from '../../../../server/publish/newer.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'relais-newer-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

it('remembers what phones have above the box’s own number, and says what to do about it', () => {
  const asked = new NewerAsked(dataDir);
  expect([37, 36, 0, Number.NaN, 37.5].map((seq) => asked.note(seq, 37, 0))).toEqual(Array(5).fill(false));
  expect(existsSync(join(dataDir, 'newer.json'))).toBe(false);
  expect(restoredWords(dataDir, 37)).toEqual([]);
  expect(asked.note(120, 37, 0)).toBe(true);
  expect(newestAsked(dataDir)).toBe(120);
  expect(restoredWords(dataDir, 37).join(' ')).toContain('npm run publish -- --after 120');
  expect(new NewerAsked(dataDir).note(119, 37, 1e9)).toBe(false);
  // Once it has published above that number, all is well.
  expect(restoredWords(dataDir, 121)).toEqual([]);
});

it('neither believes a number beyond all reason nor writes at every request', () => {
  const asked = new NewerAsked(dataDir);
  expect(asked.note(Number.MAX_SAFE_INTEGER, 37, 0)).toBe(false);
  expect([38, 39, 40].map((seq) => asked.note(seq, 37, 1_000))).toEqual([true, false, false]);
  expect(asked.note(41, 37, 62_000)).toBe(true);
  expect(newestAsked(dataDir)).toBe(41);
});

it('takes a damaged note for none', () => {
  writeFileSync(join(dataDir, 'newer.json'), '{"seq":');
  expect(newestAsked(dataDir)).toBe(0);
});

it('says that a box with keys and no history starts at number 1', () => {
  expect(withoutHistory(dataDir)).toEqual([]);
  mkdirSync(join(dataDir, 'keys'));
  writeFileSync(join(dataDir, 'keys/root-1.json'), '');
  expect(withoutHistory(dataDir).join(' ')).toContain('npm run publish -- --after N');
  mkdirSync(join(dataDir, 'history'));
  expect(withoutHistory(dataDir)).toEqual([]);
});
