import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gapLines, gapsOf, stamp } from '../../../../server/content/gaps.ts';
import { textMark } from '../../../../server/content/read-item.ts';
import { FORM, FORM_FILE, folder, ITEM, lines, MATTER, read, TEXT, write } from './content-folder.ts';

/** What translators find to do. */

const LIBRARY_YML = 'content/library.yml';
const HAUSA = 'content/pump/ha.md';
const original = lines(...MATTER, ...TEXT);
const translation = (mark: string): string =>
  lines(...MATTER.slice(0, -1), `translates: { lang: fr, text: ${mark} }`, '---', 'Ruwa.');

/** A library in French, translated into Hausa and Zarma. */
const setUp = (files: Readonly<Record<string, string>> = {}) => {
  write(LIBRARY_YML, lines('name: { fr: Centre }', 'languages: [fr, ha, dje]', 'originals: [fr]', 'licence: CC0'));
  for (const [path, text] of Object.entries({ [FORM_FILE]: lines(...FORM), ...files })) write(path, text);
  const all = { [LIBRARY_YML]: readFileSync(join(folder, LIBRARY_YML), 'utf8'), ...files };
  const { library } = read(all);
  const content = join(folder, 'content');
  return { library, content, gaps: () => gapsOf(content, library) };
};
const briefly = (gaps: ReturnType<typeof gapsOf>) =>
  Object.fromEntries(gaps.map(({ lang, missing, outdated }) => [lang, [missing.length, outdated.length]]));

describe('gaps', () => {
  it('are what is missing, with the language to translate from', () => {
    const { gaps } = setUp();
    expect(briefly(gaps())).toEqual({ fr: [0, 0], ha: [1, 0], dje: [1, 0] });
    expect(gapLines(gaps()).slice(1, 3)).toEqual([
      'ha: 0 there, 1 missing, 0 outdated',
      `  missing   ${HAUSA} (from fr)`,
    ]);
  });

  it('are what is outdated once the original has other words', () => {
    const { gaps } = setUp({ [HAUSA]: translation(textMark(original)) });
    expect(briefly(gaps())).toMatchObject({ ha: [0, 0] });
    write(ITEM, original.replace('pompe arrive', 'pompe vient'));
    expect(briefly(gaps())).toMatchObject({ ha: [0, 1] });
    expect(gapLines(gaps())).toContain(`  outdated  ${HAUSA} (from fr)`);
  });

  it('are what does not say which words it translates', () => {
    const { gaps } = setUp({ [HAUSA]: lines(...MATTER, 'Ruwa.') });
    expect(briefly(gaps())).toMatchObject({ ha: [0, 1] });
  });
});

describe('the mark of the original', () => {
  it('is written where there is none yet, once', () => {
    const { library, content, gaps } = setUp({ [HAUSA]: translation(textMark(original)) });
    write(HAUSA, translation('????????'));
    expect(briefly(gaps())).toMatchObject({ ha: [0, 1] });
    expect(stamp(content, library)).toEqual([HAUSA]);
    expect(readFileSync(join(folder, HAUSA), 'utf8')).toBe(translation(textMark(original)));
    expect(briefly(gaps())).toMatchObject({ ha: [0, 0] });
    expect(stamp(content, library)).toEqual([]);
  });

  it('is never written over another: what is outdated stays so', () => {
    const { library, content, gaps } = setUp({ [HAUSA]: translation('abcdefgh') });
    expect(stamp(content, library)).toEqual([]);
    expect(briefly(gaps())).toMatchObject({ ha: [0, 1] });
  });
});
