import { describe, expect, it } from 'vitest';
import type { InboxAnswer } from '../../../../server/hub/answer-store.ts';
import { csvHead, csvLine } from '../../../../server/hub/csv.ts';
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
const cellOf = (words: string): string => {
  const line = csvLine({ ...answer, answers: { words } }, form);
  return line.slice(line.indexOf('"yes","",') + '"yes","",'.length).replace(/\r\n$/, '');
};

describe('the export', () => {
  it('begins with a byte-order mark and a column for each question', () => {
    expect(csvHead(form)).toBe(
      '\ufeff"seq","number","received","filled","form","version","item","lang","readable","helped","words"\r\n',
    );
    expect(csvHead(undefined)).toMatch(/"readable"\r\n$/);
  });

  it('has one line an answer, in the columns of the head', () => {
    expect(csvLine(answer, form)).toBe(
      '"3","00000018","2025-06-01T00:01:00.000Z","2025-06-01T00:00:00.000Z","short","1","pump","fr","yes","yes",""\r\n',
    );
  });

  it('has empty times and answers where one could not be read', () => {
    const unread = { ...answer, readable: false, filled: 0, item: '', answers: {} };
    expect(csvLine(unread, form)).toBe(
      '"3","00000018","2025-06-01T00:01:00.000Z","","short","1","","fr","no","",""\r\n',
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

  it('takes no answer to a question that the form lacks', () => {
    expect(csvLine({ ...answer, answers: { helped: 'yes', extra: '=1' } }, form)).not.toContain('=1');
  });
});
