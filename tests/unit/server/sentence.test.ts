import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ConfigError } from '../../../server/config.ts';
import { openDatabaseFile } from '../../../server/hub/database.ts';
import { whole } from '../../../server/hub/sqlite.ts';
import { naming, sentenceOf } from '../../../server/sentence.ts';

/** Errors as the system throws them, where that can be had; those of a disk are made up after it. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relais-sentence-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sentence = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return sentenceOf(error);
  }
  throw new Error('Nothing was thrown.');
};
const thrown = (code: string, path?: string): Error =>
  Object.assign(new Error(`${code}: as the system says it`), { code, syscall: 'write', ...(path && { path }) });

it('names a file that is missing, or the first folder on the way to it', () => {
  const file = join(folder, 'a.yml');
  expect(sentence(() => readFileSync(file))).toContain(`There is no file or folder ${file}.`);
  expect(sentence(() => readdirSync(join(folder, 'away/b')))).toContain(`There is no folder ${join(folder, 'away')}.`);
});

it('says that a name leads through a file, or is a folder', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(sentence(() => readFileSync(join(folder, 'file/a')))).toContain('something above it is no folder');
  expect(sentence(() => writeFileSync(folder, ''))).toBe(`${folder} is a folder. Name a file.`);
});

it.each([
  ['ENOSPC', 'The disk that has /x/a.zip is full. Make room on it, then try again.'],
  ['EDQUOT', 'The disk that has /x/a.zip is full.'],
  ['EROFS', '/x/a.zip is on a disk that is read-only.'],
  ['EFBIG', '/x/a.zip gets larger than its disk'],
  ['EACCES', '/x/a.zip may not be read or written by this user.'],
  ['EPERM', '/x/a.zip may not be read or written by this user.'],
  ['EIO', 'The disk that has /x/a.zip does not read or write as it should.'],
])('%s is a sentence, of the file that was meant', (code, words) => {
  expect(sentenceOf(thrown(code, '/x/a.zip.4711.new'))).toContain(words);
  expect(sentenceOf(thrown(code))).not.toContain('undefined');
  const fail = (): never => {
    throw thrown(code);
  };
  expect(sentence(() => naming('/x/a.zip', fail))).toContain(words);
});

it('a database that is none, is full, or is a folder', () => {
  const path = join(folder, 'hub.sqlite');
  const database = openDatabaseFile(path);
  const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number };
  database.exec(`PRAGMA max_page_count = ${pages}`);
  const fill = () => whole(database, () => database.exec('CREATE TABLE more (a); CREATE TABLE most (a)'));
  expect(sentence(fill)).toBe('The disk that has the data folder is full. Make room on it, then try again.');
  database.close();
  expect(sentence(() => new DatabaseSync(folder))).toContain('The database cannot be opened.');
  const other = join(folder, 'other.sqlite');
  writeFileSync(other, 'no database at all '.repeat(100));
  expect(sentence(() => openDatabaseFile(other))).toContain('The database is damaged.');
});

it('what has words of its own keeps them', () => {
  expect(sentenceOf(new ConfigError('PORT is "x".'))).toBe('PORT is "x".');
  expect(sentenceOf(thrown('EXYZ'))).toBe('EXYZ: as the system says it');
  expect(sentenceOf('text')).toBe('text');
});
