import { describe, expect, it } from 'vitest';
import type { InboxAnswer } from '../../../../server/hub/answer-store.ts';
import { csvColumns, csvHead, csvLine } from '../../../../server/hub/csv.ts';
import type { FormItem } from '../../../../src/core/protocol/item.ts';
import { NOW, testForm } from '../../../support/fixtures.ts';

const form: FormItem = { ...(testForm('fr') as FormItem), rev: 1 };
const answer: InboxAnswer = {
  seq: 3,
  number: '00000018',
  readable: true,
  form: 'short',
  version: 1,
  item: 'pump',
  lang: 'fr',
  answers: { helped: 'yes' },
  filled: NOW / 1000,
  received: NOW / 1000 + 60,
};
const columns = csvColumns([form], []);
const cellOf = (words: string): string => {
  const line = csvLine({ ...answer, answers: { words } }, columns);
  return line.slice(line.indexOf('"yes","",') + '"yes","",'.length).replace(/,""\r\n$/, '');
};

describe('the export', () => {
  it('begins with a byte-order mark and a column for each question', () => {
    expect(csvHead(columns)).toBe(
      '\ufeff"seq","number","received","filled","form","version","item","lang","readable","helped","words","other"\r\n',
    );
    expect(csvHead([])).toMatch(/"readable","other"\r\n$/);
  });

  it('has one line an answer, in the columns of the head', () => {
    expect(csvLine(answer, columns)).toBe(
      '"3","00000018","2025-06-01T00:01:00.000Z","2025-06-01T00:00:00.000Z","short","1","pump","fr","yes","yes","",""\r\n',
    );
  });

  it('has empty times and answers where one could not be read', () => {
    const unread = { ...answer, readable: false, filled: 0, item: '', answers: {} };
    expect(csvLine(unread, columns)).toBe(
      '"3","00000018","2025-06-01T00:01:00.000Z","","short","1","","fr","no","","",""\r\n',
    );
  });

  it.each([
    ['=HYPERLINK("http://example.org")', `"'=HYPERLINK(""http://example.org"")"`],
    ['+227 90', `"'+227 90"`],
    ['-1', `"'-1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\tx', `"'\tx"`],
    ['\rx', `"'\rx"`],
    ["'=1", `"'=1"`],
    ['1=1', '"1=1"'],
    ['dit "oui", puis\nnon', '"dit ""oui"", puis\nnon"'],
    ['', '""'],
  ])('writes %j so that no spreadsheet runs it', (words, cell) => {
    expect(cellOf(words)).toBe(cell);
  });

  it('has a column for every question that was ever asked: of another form, of an earlier version', () => {
    const old = { ...answer, answers: { helped: 'yes', village: 'Tillia' } };
    const other = { ...answer, form: 'visit', answers: { number: '12', village: 'Abalak' } };
    const all = csvColumns([form], [old, answer, other]);
    expect(all).toEqual(['helped', 'words', 'village', 'number']);
    expect(csvHead(all)).toMatch(/"readable","helped","words","village","answer\.number","other"\r\n$/);
    expect(csvLine(old, all)).toMatch(/"yes","yes","","Tillia","",""\r\n$/);
    expect(csvLine(other, all)).toMatch(/"yes","","","Abalak","12",""\r\n$/);
  });

  it('has nothing in a column but what was answered, whatever it is called', () => {
    const odd = { ...answer, answers: { toString: 'x' } };
    const all = csvColumns([form], [odd]);
    expect(csvLine(answer, all)).toMatch(/"yes","yes","","",""\r\n$/);
    expect(csvLine(odd, all)).toMatch(/"yes","","","x",""\r\n$/);
  });

  it('loses nothing to strangers who name thousands of questions', () => {
    const names = Array.from({ length: 3_000 }, (_, i) => `q${i}`);
    const flood = { ...answer, answers: Object.fromEntries(names.map((name) => [name, '=1'])) };
    const all = csvColumns([form], [flood]);
    expect(all).toHaveLength(200);
    const line = csvLine(flood, all);
    expect(line).toContain('""q2999"":""=1""');
  });
});
