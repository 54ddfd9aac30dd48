import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ContentProblem } from '../../../../server/content/problems.ts';
import { readContent } from '../../../../server/content/read-content.ts';
import { symbols } from '../../../../server/publish/site.ts';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import {
  FORM,
  FORM_FILE,
  folder,
  form,
  ITEM,
  icons,
  item,
  LIBRARY,
  lines,
  MATTER,
  matter,
  problemsIn,
  read,
  SHARED,
  SHARED_FILE,
  shared,
  TEXT,
  withLine,
  write,
} from './content-folder.ts';

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly file: string;
  /** Undefined where the problem concerns a name and is told for the file. */
  readonly line?: number;
  readonly what: RegExp;
  readonly remedy: RegExp;
}

const CASES: readonly Case[] = [
  {
    name: 'an unknown field',
    files: matter(4, 'place: Tillia', 'palce: Niamey'),
    file: ITEM,
    line: 5,
    what: /Unknown field "palce"/,
    remedy: /docs\/content\.md/,
  },
  {
    name: 'an unknown field of a source',
    files: shared(7, '    certainty: says', '    url: example.org'),
    file: SHARED_FILE,
    line: 8,
    what: /Unknown field "sources\.0\.url"/,
    remedy: /Take it out/,
  },
  {
    name: 'a missing field',
    files: matter(2),
    file: ITEM,
    line: 2,
    what: /"title" is missing/,
    remedy: /Add it/,
  },
  {
    name: 'a missing field of a source',
    files: shared(7),
    file: SHARED_FILE,
    line: 5,
    what: /"sources\.0\.certainty" is missing/,
    remedy: /Add it/,
  },
  {
    name: 'a value that is not one of the choices',
    files: shared(7, '    certainty: maybe'),
    file: SHARED_FILE,
    line: 7,
    what: /"sources\.0\.certainty" is not right/,
    remedy: /"says"/,
  },
  {
    name: 'a title that is too long',
    files: matter(2, `title: ${'x'.repeat(61)}`),
    file: ITEM,
    line: 2,
    what: /longer than 60/,
    remedy: /docs\/content\.md/,
  },
  {
    name: 'a kind that there is not',
    files: shared(1, 'kind: page'),
    file: SHARED_FILE,
    line: 1,
    what: /"kind" is not right/,
    remedy: /"case" \| "sheet" \| "guide"/,
  },
  {
    name: 'bad YAML',
    files: matter(4, 'place: "Tillia'),
    file: ITEM,
    what: /not YAML/,
    remedy: /quotes/,
  },
  {
    name: 'YAML with a tab',
    files: matter(5, 'review:', '\tstate: machine-draft'),
    file: ITEM,
    line: 6,
    what: /not YAML/,
    remedy: /Mend the line/,
  },
  {
    name: 'a field twice',
    files: matter(5, 'review: { state: machine-draft }', 'place: Agadez'),
    file: ITEM,
    line: 6,
    what: /not YAML: Map keys must be unique/,
    remedy: /Mend the line/,
  },
  {
    name: 'no front matter',
    files: { [ITEM]: lines('# La pompe') },
    file: ITEM,
    line: 1,
    what: /no front matter/,
    remedy: /---/,
  },
  {
    name: 'a source that there is not',
    files: item('Oui.', '', 'Une pompe[^vist].'),
    file: ITEM,
    line: 9,
    what: /no source "vist"/,
    remedy: /`sources`/,
  },
  {
    name: 'HTML',
    files: item('Oui.', '', '<script>alert()</script>'),
    file: ITEM,
    line: 9,
    what: /HTML/,
    remedy: /Markdown/,
  },
  {
    name: 'HTML inside a sentence',
    files: item('Une <b>pompe</b>.'),
    file: ITEM,
    line: 7,
    what: /"html"/,
    remedy: /docs\/content\.md/,
  },
  {
    name: 'a long paragraph',
    files: item('Oui.', '', `${'mot '.repeat(80)}fin.`),
    file: ITEM,
    line: 9,
    what: /paragraph of 324 characters/,
    remedy: /320/,
  },
  ...['http://example.org', 'javascript:alert(1)', 'mailto:a@example.org', '//example.org', '/inbox', 'No-Id'].map(
    (url): Case => ({
      name: `a link to ${url}`,
      files: item('Oui.', '', `Voir [ici](${url}).`),
      file: ITEM,
      line: 9,
      what: /A link to/,
      remedy: /https:/,
    }),
  ),
  {
    name: 'a picture of another site',
    files: item('![pompe](https://example.org/a.png)'),
    file: ITEM,
    line: 7,
    what: /There is no picture "https:\/\/example\.org\/a\.png"/,
    remedy: /media\//,
  },
  {
    name: 'a title inside the text',
    files: item('Oui.', '', '# La pompe'),
    file: ITEM,
    line: 9,
    what: /level 1/,
    remedy: /##/,
  },
  {
    name: 'a quotation',
    files: item('> Il a dit oui.'),
    file: ITEM,
    line: 7,
    what: /quotation/,
    remedy: /\[!unsure\]/,
  },
  {
    name: 'a list inside a list',
    files: item('- Un', '  - Deux'),
    file: ITEM,
    line: 7,
    what: /several blocks/,
    remedy: /One sentence/,
  },
  {
    name: 'code',
    files: item('Oui.', '', '```', 'rm', '```'),
    file: ITEM,
    line: 9,
    what: /A block of code/,
    remedy: /`register`/,
  },
  {
    name: 'a picture that is not drawn',
    files: shared(2, 'picture: camel'),
    file: SHARED_FILE,
    line: 2,
    what: /no drawing "camel"/,
    remedy: /radio/,
  },
  {
    name: 'a form that there is not',
    files: shared(3, 'order: 10', 'form: long'),
    file: SHARED_FILE,
    line: 4,
    what: /no form "long"/,
    remedy: /content\/forms/,
  },
  {
    name: 'a choice without a drawing of that name',
    files: form(12, "      - { name: 'yes', icon: face-wow, label: { fr: Oui, en: 'Yes' } }"),
    file: FORM_FILE,
    line: 12,
    what: /no drawing "face-wow"/,
    remedy: /icons/,
  },
  {
    name: 'a question of an unknown type',
    files: form(7, '    type: number'),
    file: FORM_FILE,
    line: 7,
    what: /"questions\.0\.type" is not right/,
    remedy: /"select_one"/,
  },
  {
    name: 'a question whose name is no column',
    files: form(6, '  - name: Was It?'),
    file: FORM_FILE,
    line: 6,
    what: /not a name of small letters/,
    remedy: /docs\/content\.md/,
  },
  {
    name: 'two questions of one name',
    files: { [FORM_FILE]: lines(...FORM, ...FORM.slice(5)) },
    file: FORM_FILE,
    line: 5,
    what: /two questions of the same name/,
    remedy: /docs\/content\.md/,
  },
  {
    name: 'a question whose name is too long',
    files: form(6, `  - name: ${'n'.repeat(65)}`),
    file: FORM_FILE,
    line: 6,
    what: /longer than 64 characters/,
    remedy: /docs\/content\.md/,
  },
  ...['constructor', 'prototype'].map(
    (name): Case => ({
      name: `a question named ${name}, of which no answer could be kept`,
      files: form(6, `  - name: ${name}`),
      file: FORM_FILE,
      line: 6,
      what: /a name that cannot be used/,
      remedy: /docs\/content\.md/,
    }),
  ),
  ...['La pompe', 'Pump', 'pump_2', 'pump.old', '-pump', 'x'.repeat(65), 'centre', 'index'].map(
    (name): Case => ({
      name: `a folder named ${name}`,
      files: { [`content/${name}/fr.md`]: lines(...MATTER, ...TEXT) },
      file: `content/${name}`,
      line: 1,
      what: /cannot be the id of an item/,
      remedy: /small letters, digits and dashes/,
    }),
  ),
  {
    name: 'a form whose folder is no id',
    files: { 'content/forms/Avis Court/form.yml': lines(...FORM) },
    file: 'content/forms/Avis Court',
    line: 1,
    what: /"Avis Court" cannot be the id of a form/,
    remedy: /small letters, digits and dashes/i,
  },
  {
    name: 'a form and an item of one id',
    files: { 'content/forms/pump/form.yml': lines(...FORM) },
    file: 'content/forms/pump',
    line: 1,
    what: /"pump" cannot be the id of a form/,
    remedy: /no id of an item/,
  },
  ...['français', 'FR', 'f', 'fr_FR', '../en', 'fr-'].map(
    (lang): Case => ({
      name: `a library in the language "${lang}"`,
      files: {
        'content/library.yml': lines('name: { fr: Centre, en: Centre }', `languages: [fr, '${lang}']`, 'licence: CC0'),
      },
      file: 'content/library.yml',
      line: 2,
      what: /"languages\.1" is not right/,
      remedy: /docs\/content\.md/,
    }),
  ),
  {
    name: 'a form with one choice',
    files: form(13),
    file: FORM_FILE,
    line: 11,
    what: /"questions\.0\.choices" is not right/,
    remedy: /docs\/content\.md/,
  },
  {
    name: 'a folder of forms without its file',
    files: { 'content/forms/long/note.txt': 'x' },
    file: 'content/forms/long/form.yml',
    line: 1,
    what: /missing/,
    remedy: /docs\/content\.md/,
  },
  {
    name: 'a file in a language that the library does not have',
    files: { 'content/pump/ha.md': lines(...MATTER, ...TEXT) },
    file: 'content/pump/ha.md',
    line: 1,
    what: /"ha\.md" is not the name of a language/,
    remedy: /library\.yml/,
  },
  {
    name: 'a library without languages',
    files: { 'content/library.yml': lines('name: { fr: Centre }', 'licence: CC-BY-4.0') },
    file: 'content/library.yml',
    line: 1,
    what: /"languages" is missing/,
    remedy: /Add it/,
  },
];

describe('what is wrong in the source', () => {
  it.each(CASES)('$name', ({ files, file, line, what, remedy }) => {
    const problems = problemsIn(files).filter((problem) => what.test(problem.what));
    expect(problems, JSON.stringify(problemsIn(files))).not.toEqual([]);
    const [problem] = problems as [ContentProblem];
    expect(problem.file).toBe(file);
    if (line !== undefined) expect(problem.line).toBe(line);
    expect(problem.remedy).toMatch(remedy);
  });

  it('counts lines that end with CR LF alike', () => {
    const text = lines(...MATTER, 'Oui.', '', '# La pompe').replaceAll('\n', '\r\n');
    expect(problemsIn({ [ITEM]: text })).toEqual([
      { file: ITEM, line: 9, what: expect.stringContaining('level 1'), remedy: expect.stringContaining('##') },
    ]);
  });

  it('is told all at once, in every file', () => {
    const found = problemsIn({
      ...item('Trois <b>puits</b>.', '', '# Titre'),
      ...shared(2),
      'content/pump/en.md': lines(...withLine(MATTER, 2), ...TEXT),
      ...form(7, '    type: number'),
    });
    const places = found.map(({ file, line }) => `${file}:${line}`);
    for (const place of [`${ITEM}:7`, `${ITEM}:9`, `${SHARED_FILE}:1`, 'content/pump/en.md:2', `${FORM_FILE}:7`]) {
      expect(places).toContain(place);
    }
  });

  it('is one message with file, line, problem and remedy', () => {
    write('content/library.yml', LIBRARY);
    write('content/pump/item.yml', lines(...SHARED));
    write('content/forms/short/form.yml', lines(...FORM));
    write('content/pump/fr.md', 'x');
    expect(() => readContent(join(folder, 'content'), { icons })).toThrow(
      /^content\/pump\/fr\.md:1: There is no front matter\. Begin the file with ---/,
    );
  });

  it('is said where there is no library at all', () => {
    mkdirSync(join(folder, 'content'));
    expect(() => readContent(join(folder, 'content'), { icons })).toThrow(
      `${join(folder, 'content')}/library.yml:1: This file is missing`,
    );
    expect(() => readContent('/nowhere', { icons })).toThrow(/^\/nowhere\/library\.yml:1: /);
  });
});

describe('what is right', () => {
  it('becomes items of every language, as a typed tree', () => {
    const text = [
      '## Le **début**',
      '',
      'En 1999[^visit], voir [la page](https://example.org), [l’item](pump) ou [appeler](tel:+227).',
      'Deuxième *ligne*.',
      '',
      '1. Un[^visit]',
      '2. Deux',
      '',
      '- Puits',
      '',
      '| Lieu | Litres[^visit] |',
      '|---|---|',
      '| Tillia | 240 |',
      '',
      '> [!unsure] Peut-être.',
    ];
    const { library, items } = read(item(...text));
    expect(library.languages).toEqual(['fr', 'en']);
    const pump = items.find(({ kind }) => kind === 'case');
    const cite = { t: 'cite', s: 'visit' };
    expect(pump).toMatchObject({
      v: 1,
      id: 'pump',
      lang: 'fr',
      form: 'short',
      licence: 'CC-BY-4.0',
      body: [
        { t: 'h', l: 2, c: ['Le ', { t: 'b', c: ['début'] }] },
        {
          t: 'p',
          c: [
            'En 1999',
            cite,
            ', voir ',
            { t: 'a', href: 'https://example.org', c: ['la page'] },
            ', ',
            { t: 'a', href: 'pump', c: ['l’item'] },
            ' ou ',
            { t: 'a', href: 'tel:+227', c: ['appeler'] },
            '. Deuxième ',
            { t: 'i', c: ['ligne'] },
            '.',
          ],
        },
        { t: 'ol', c: [['Un', cite], ['Deux']] },
        { t: 'ul', c: [['Puits']] },
        { t: 'table', head: [['Lieu'], ['Litres', cite]], rows: [[['Tillia'], ['240']]] },
        { t: 'note', k: 'unsure', c: [{ t: 'p', c: ['Peut-être.'] }] },
      ],
    });
    const forms = items.filter(({ kind }) => kind === 'form');
    expect(forms.map(({ lang, title }) => `${lang} ${title}`)).toEqual(['fr Avis', 'en View']);
  });

  it('reads every kind of field of a project sheet', () => {
    const sheet = [
      ...MATTER.slice(0, -1),
      'fields:',
      '  - { key: name, label: Nom, value: Internet }',
      '  - { key: parts, label: Parts, value: [un, deux], inferred: true }',
      '  - { key: cost, label: Coût, value: { amount: 2460000, currency: USD, estimate: true }, note: Estimation }',
      '  - { key: time, label: Durée, value: { from: 2004-06, to: 2007-06 } }',
      '  - { key: lines, label: Lignes, value: [{ code: C2, title: Infrastructure }] }',
      '---',
    ];
    const { items } = read({ ...shared(1, 'kind: sheet'), [ITEM]: lines(...sheet, 'Oui.') });
    expect(items.find(({ kind }) => kind === 'sheet')).toMatchObject({
      fields: [
        { key: 'name', value: { t: 'text', v: 'Internet' } },
        { key: 'parts', value: { t: 'list', v: ['un', 'deux'] }, inferred: true },
        { key: 'cost', value: { t: 'money', amount: 2_460_000, currency: 'USD', estimate: true }, note: 'Estimation' },
        { key: 'time', value: { t: 'period', from: '2004-06', to: '2007-06' } },
        { key: 'lines', value: { t: 'codes', v: [{ code: 'C2', title: 'Infrastructure' }] } },
      ],
    });
  });

  it('is the same bytes each time', () => {
    const bytes = () => canonicalBytes(read().items);
    expect(bytes()).toEqual(bytes());
  });
});

it('the library of this repository reads without a problem', () => {
  const content = fileURLToPath(new URL('../../../../content', import.meta.url));
  const { library, items } = readContent(content, { icons: new Set(symbols.keys()) });
  expect(library.originals).toEqual(['fr', 'en']);
  const namesIn = (lang: string) =>
    items
      .filter((one) => one.lang === lang)
      .map(({ kind, id }) => `${kind} ${id}`)
      .sort();
  expect(namesIn('en')).toEqual(namesIn('fr'));
  // A translation is of something, and every language that is offered has the form.
  for (const lang of library.languages) {
    expect(namesIn('en')).toEqual(expect.arrayContaining(namesIn(lang)));
    expect(namesIn(lang)).toContain('form short');
  }
  expect(namesIn('fr')).toContain('case akashganga');
});
