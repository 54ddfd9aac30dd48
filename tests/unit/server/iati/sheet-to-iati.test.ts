import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withoutLines } from '../../../../server/iati/activity.ts';
import { checkIati } from '../../../../server/iati/check-iati.ts';
import { readIati } from '../../../../server/iati/read-iati.ts';
import { sheetsToXml, sheetToIati } from '../../../../server/iati/sheet-to-iati.ts';
import { writeIati } from '../../../../server/iati/write-iati.ts';
import { blockOf, ITEM, sheetOf, TEXTS } from './sheet.ts';

const GENERATED = '2026-11-24T12:00:00Z';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const told = (yaml: string, texts = TEXTS, languages?: readonly string[]) =>
  sheetToIati(sheetOf(yaml, texts), { today: '2026-11-24', ...(languages && { languages }) }).findings.map(
    ({ severity, line, what }) => `${severity} ${line}: ${what}`,
  );

describe('a sheet as an activity', () => {
  it('is written as it was agreed, byte by byte', async () => {
    const { xml, findings } = sheetsToXml([sheetOf()], { generated: GENERATED, languages: ['fr', 'en'] });
    expect(findings).toEqual([]);
    await expect(xml).toMatchFileSnapshot(join(import.meta.dirname, 'golden/activities.xml'));
    expect(checkIati(bytes(xml ?? ''), 'activities.xml', '2026-11-24')).toEqual([]);
  });

  it('comes back from its file as it was', () => {
    const { activity } = sheetToIati(sheetOf());
    if (!activity) throw new Error('There is no activity.');
    const back = readIati(bytes(writeIati([activity], GENERATED)), { file: 'a.xml' });
    expect(back.findings).toEqual([]);
    expect(back.generated).toBe(GENERATED);
    expect(back.activities.map(withoutLines)).toEqual([withoutLines(activity)]);
  });

  it('shares a sum for several years out by days, and loses none of it', () => {
    const { activity } = sheetToIati(sheetOf());
    expect(activity?.budgets.map(({ from, to }) => `${from} ${to}`)).toEqual([
      '2004-06-01 2005-05-31',
      '2005-06-01 2006-05-31',
      '2006-06-01 2007-05-31',
      '2007-06-01 2007-06-30',
    ]);
    expect(activity?.budgets.reduce((cents, { value }) => cents + Math.round(Number(value) * 100), 0)).toBe(
      246_000_000,
    );
  });

  it('tells every fault at its line of item.yml, all at once', () => {
    const wrong = ITEM.replace('XI-EXAMPLE-1-seed-000', 'XI-OTHER-7')
      .replace('{ code: 289, percent: 25 }', '{ code: 289, percent: 35 }')
      .replace('code: 22040', 'code: 2204')
      .replace(', split: years', '')
      .replace('planned-end: "2007-06"', 'planned-end: "2003-06"')
      .replace('objectives: [results]', 'objectives: [outcomes]')
      .replace('  currency: USD\n', '');
    expect(told(wrong)).toEqual([
      'error 3: The identifier "XI-OTHER-7" does not begin with that of the reporting organisation.',
      'error 13: The sheet has no field "outcomes" with words.',
      'error 13: <description> has no <narrative>.',
      'error 23: The end, 2003-06-30, comes before the start, 2004-06-01.',
      'error 26: Countries and regions add up to 110, not to 100.',
      'error 31: The sector "2204" is none of vocabulary 1.',
      "error 37: The budget's period, 2004-06-01 to 2007-06-30, is longer than a year.",
      'error 37: The amount has no currency.',
    ]);
  });

  it('warns of what is not told in a language, and counts', () => {
    const missing = told(ITEM.replace('{ fr: UIT, en: ITU }', '{ fr: UIT }'), TEXTS, ['fr', 'en', 'ha']);
    expect(missing).toEqual([
      'warning 3: The sheet is not there in "ha".',
      'warning 15: <participating-org> is not told in "en".',
      'warning 15: <participating-org> is not told in "en".',
    ]);
    expect(sheetToIati(sheetOf(ITEM.replace('{ fr: UIT, en: ITU }', '{ fr: UIT }'))).activity).toBeDefined();
  });

  it('refuses control characters, and two sheets of one identifier', () => {
    const [fr, en] = TEXTS;
    if (!fr || !en) throw new Error('There are no texts.');
    expect(told(ITEM, [{ ...fr, summary: 'a\u0001b' }, en])).toEqual([
      'error 12: <narrative> has a control character.',
    ]);
    const two = sheetsToXml([sheetOf(), { ...sheetOf(), file: 'content/other/item.yml' }]);
    expect(two.xml).toBeUndefined();
    expect(two.findings.map(({ file, what }) => `${file} ${what}`)).toEqual([
      'content/other/item.yml The activity "XI-EXAMPLE-1-seed-000" is that of content/project-connectivity/item.yml already.',
    ]);
  });

  it('makes no document of no sheets', () => {
    expect(sheetsToXml([]).xml).toBeUndefined();
  });

  it('says which words there are', () => {
    expect(() => blockOf(ITEM.replace('status: closed', 'status: shut'))).toThrow(/pipeline, implementation/);
    expect(() => blockOf(ITEM.replace('role: funding', 'role: paying'))).toThrow(/funding, accountable/);
    expect(() => blockOf(ITEM.replace('"2004-06"\n', '"June 2004"\n'))).toThrow(/not a date such as/);
    expect(() => blockOf(ITEM.replace('scope:', 'scoop:'))).toThrow(/scoop/);
  });
});
