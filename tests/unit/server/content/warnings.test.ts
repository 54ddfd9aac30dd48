import { describe, expect, it } from 'vitest';
import { type ContentWarning, summary } from '../../../../server/content/problems.ts';
import { textMark } from '../../../../server/content/read-item.ts';
import {
  FORM,
  FORM_FILE,
  form,
  ITEM,
  item,
  lines,
  MATTER,
  read,
  SHARED,
  SHARED_FILE,
  shared,
  TEXT,
  withLine,
} from './content-folder.ts';

/** What is published all the same, and told with a count. */

const LIBRARY_YML = 'content/library.yml';
const THREE = {
  [LIBRARY_YML]: lines('name: { fr: Centre }', 'languages: [fr, en, ha]', 'originals: [fr]', 'licence: CC0'),
  [FORM_FILE]: lines(...FORM),
};

const warned = (files: Readonly<Record<string, string>>, kind: ContentWarning['kind']) =>
  read(files).warnings.filter((warning) => warning.kind === kind);

describe('a missing source', () => {
  it.each([
    ['of an item', shared(4, 'sources: []', '#'), SHARED_FILE, 1],
    ['of a figure', item('Oui.', '', 'La pompe donne', '240 litres.'), ITEM, 9],
    ['of a figure in another script', item('La pompe donne ٢٤٠ litres.'), ITEM, 7],
    ['of a figure in a list', item('- Un puits', '- **2** pompes', '- Trois[^visit]'), ITEM, 8],
    [
      'of a figure in a table',
      item('| Lieu | Litres |', '|---|---|', '| Tillia | 240[^visit] |', '| Agadez | 90 |'),
      ITEM,
      10,
    ],
    ['of a figure in a call-out', item('> [!unsure] Peut-être 3.'), ITEM, 7],
  ] as const)('%s', (name, files, file, line) => {
    const noSources = name === 'of an item' ? { [SHARED_FILE]: lines(...SHARED.slice(0, 3)), ...item('Oui.') } : files;
    expect(warned(noSources, 'missing-source').map((one) => [one.file, one.line])).toEqual([[file, line]]);
  });

  it('is not missed in arithmetic and registers, whose paragraph names it', () => {
    const register = ['```register', 'title: R', 'columns: [A]', 'rows: 3', 'example: [["12"]]', '```'];
    expect(warned(item('```formula', 'a = 2 × b', '```', '', ...register), 'missing-source')).toEqual([]);
  });
});

describe('an item that is not there', () => {
  it('leaves the words of a link to it', () => {
    const files = item('Oui.', '', 'Voir [la radio](radio).');
    expect(warned(files, 'missing-item').map(({ line }) => line)).toEqual([9]);
    expect(read(files).items.find(({ id }) => id === 'pump')).toMatchObject({
      body: [{ c: ['Oui.'] }, { t: 'p', c: ['Voir ', 'la radio', '.'] }],
    });
  });

  it('is not among what to read next', () => {
    const files = shared(3, 'order: 10', 'related: [radio, pump]');
    expect(warned(files, 'missing-item').map(({ file, line }) => [file, line])).toEqual([[SHARED_FILE, 4]]);
    expect(read(files).items.find(({ id }) => id === 'pump')).toMatchObject({ related: ['pump'] });
  });
});

describe('a missing translation', () => {
  it('of a form’s text: another language stands in', () => {
    const files = form(10, '    label: { fr: Utile }');
    expect(warned(files, 'missing-translation').map(({ file, line }) => [file, line])).toContainEqual([FORM_FILE, 10]);
    const english = read(files).items.find(({ kind, lang }) => kind === 'form' && lang === 'en');
    expect(english).toMatchObject({ questions: [{ label: 'Utile' }] });
  });

  it('of an item, in a language that texts are written in', () => {
    expect(warned({}, 'missing-translation').map(({ file, what }) => `${file} ${what}`)).toContain(
      `${SHARED_FILE} There is no en.md.`,
    );
  });
});

describe('a translation', () => {
  const original = lines(...MATTER, ...TEXT);
  const hausa = (mark: string) =>
    lines(...MATTER.slice(0, -1), `translates: { lang: fr, text: ${mark} }`, '---', 'Ruwa.');

  it('is outdated once its original has other words, and says so', () => {
    const fresh = { ...THREE, 'content/pump/ha.md': hausa(textMark(original)) };
    expect(warned(fresh, 'outdated-translation')).toEqual([]);
    const edited = { ...fresh, [ITEM]: original.replace('pompe', 'POMPE') };
    expect(warned(edited, 'outdated-translation')).toMatchObject([{ file: 'content/pump/ha.md', line: 6 }]);
  });

  it('stays what it is when its original was only reviewed', () => {
    const mark = textMark(original);
    expect(textMark(original.replace('machine-draft', 'human-draft'))).toBe(mark);
  });

  it('says of which language it is', () => {
    const { items } = read({ ...THREE, 'content/pump/ha.md': hausa(textMark(original)) });
    expect(items.find(({ id, lang }) => id === 'pump' && lang === 'ha')).toMatchObject({
      review: { state: 'machine-draft', of: 'fr' },
    });
  });

  it.each(['health', 'disaster', 'money', 'consent'])('by a machine, about %s, is held back', (care) => {
    const files = {
      ...THREE,
      ...shared(3, 'order: 10', `care: [${care}]`),
      'content/pump/ha.md': hausa(textMark(original)),
    };
    expect(warned(files, 'held-back')).toHaveLength(1);
    const languages = (all: Readonly<Record<string, string>>) =>
      read(all)
        .items.filter(({ id }) => id === 'pump')
        .map(({ lang }) => lang);
    expect(languages(files)).toEqual(['fr']);
    const reviewed = files['content/pump/ha.md'].replace(
      'state: machine-draft',
      'state: reviewed, by: Hadiza, on: "2026-05-01"',
    );
    expect(languages({ ...files, 'content/pump/ha.md': reviewed })).toEqual(['fr', 'ha']);
  });
});

it('a long sentence is told in French and English only', () => {
  const long = `${'mot '.repeat(31)}fin.`;
  expect(warned(item(long), 'long-sentence').map(({ line }) => line)).toEqual([7]);
  expect(warned(item('Court. Très court.'), 'long-sentence')).toEqual([]);
  const hausa = { ...THREE, 'content/pump/ha.md': lines(...withLine(MATTER, 2, 'title: Ruwa'), long) };
  expect(warned(hausa, 'long-sentence')).toEqual([]);
});

it('warnings are told with a count of each kind, and one by one where they are asked for', () => {
  const { warnings } = read(item('La pompe donne 240 litres.', '', 'Et 3 puits.'));
  expect(summary(warnings, false)).toContain('2 × missing-source');
  expect(summary(warnings, true).join('\n')).toContain(`${ITEM}:9: `);
});
