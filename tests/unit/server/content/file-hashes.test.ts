import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileHashes, hashFile } from '../../../../server/content/file-hashes.ts';
import { seededBytes } from '../../../support/fixtures.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relais-hashes-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const put = (name: string, data: string | Uint8Array): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, data);
  return path;
};

it.each([0, 1, 65_535, 65_536, 65_537, 200_000])('is the SHA-256 of a file of %i bytes', (length) => {
  const data = seededBytes('file')(length);
  expect(hashFile(put('file', data))).toBe(createHash('sha256').update(data).digest('base64url'));
});

it('reads a file once, however often it is asked', () => {
  const hashes = new FileHashes();
  const path = put('media/a.webp', 'a');
  const before = hashes.ofFolder(folder);
  writeFileSync(path, 'b');
  expect(hashes.of(path)).toBe(createHash('sha256').update('a').digest('base64url'));
  expect(hashes.ofFolder(folder)).toBe(before);
  expect(new FileHashes().ofFolder(folder)).not.toBe(before);
});

it('of a folder changes with names and bytes, and with nothing else', () => {
  put('fr.md', 'Un');
  const path = put('media/a.webp', 'a');
  const ofFolder = () => new FileHashes().ofFolder(folder);
  const first = ofFolder();
  writeFileSync(path, 'a');
  expect(ofFolder()).toBe(first);
  renameSync(path, join(folder, 'media/b.webp'));
  const renamed = ofFolder();
  expect(renamed).not.toBe(first);
  put('media/b.webp', 'b');
  expect(ofFolder()).not.toBe(renamed);
});

it('says so where a file cannot be read', () => {
  expect(() => hashFile(join(folder, 'none'))).toThrow('ENOENT');
});
