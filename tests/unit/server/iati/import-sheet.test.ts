import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readMarkdown } from '../../../../server/content/markdown.ts';
import { type ContentProblem, Problems } from '../../../../server/content/problems.ts';
import { type IatiActivity, withoutLines } from '../../../../server/iati/activity.ts';
import { activityBlock } from '../../../../server/iati/activity-block.ts';
import { importSheet } from '../../../../server/iati/import-sheet.ts';
import { readIati } from '../../../../server/iati/read-iati.ts';
import { idOf, writeFolders } from '../../../../server/iati/sheet-folders.ts';
import { sheetToIati } from '../../../../server/iati/sheet-to-iati.ts';

const GOLDEN = readFileSync(join(import.meta.dirname, 'golden/activities.xml'), 'utf8');

const activityOf = (xml: string): IatiActivity => {
  const { activities, findings } = readIati(new TextEncoder().encode(xml), { file: 'a.xml' });
  const [activity] = activities;
  if (!activity) throw new Error(JSON.stringify(findings));
  return activity;
};

const imported = (xml: string) => importSheet(activityOf(xml), { file: 'a.xml', generated: '2026-11-24T12:00:00Z' });

interface Matter {
  readonly title: string;
  readonly summary: string;
  readonly place: string;
  readonly fields: readonly { readonly key: string; readonly label: string; readonly value: unknown }[];
}

/** Front matter and text of a language's file, and what our own Markdown reader says about the text. */
const read = (file = '') => {
  const [, yaml = '', text = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(file) ?? [];
  const into: ContentProblem[] & { problems?: ContentProblem[]; warnings?: unknown[] } = [];
  // A list today, and an object of two lists once contents are one folder each.
  Object.assign(into, { problems: into, warnings: [] });
  const blocks = readMarkdown(text, {
    firstLine: 1,
    sources: new Set(['iati']),
    items: new Set<string>(),
    problems: new Problems('x', into as never),
  } as Parameters<typeof readMarkdown>[1]);
  return { matter: parse(yaml) as Matter, text, blocks, problems: into.map(({ what }) => what) };
};

describe('an activity as a sheet', () => {
  it('is a folder that the library can read', () => {
    const { id, files, findings } = imported(GOLDEN);
    expect(id).toBe('xi-example-1-seed-000');
    expect([...files.keys()]).toEqual(['item.yml', 'fr.md', 'en.md']);
    const item = parse(files.get('item.yml') ?? '') as { activity: unknown; regions: unknown; sources: unknown };
    expect(item).toMatchObject({
      kind: 'sheet',
      regions: ['sub-saharan-africa', 'asia', 'arab-states'],
      sources: [{ id: 'iati', by: 'Centre d’accès', date: '2026-11-24', at: 'a.xml', certainty: 'says' }],
    });
    expect(v.is(activityBlock, item.activity)).toBe(true);
    const { matter, problems, blocks } = read(files.get('fr.md'));
    expect(problems).toEqual([]);
    expect(blocks.length).toBe(6);
    expect(matter).toMatchObject({ review: { state: 'machine-draft' } });
    expect(matter.title.length).toBeLessThanOrEqual(60);
    expect(matter.summary).toMatch(/^Découvrir un projet .*<fournie>$/);
    expect(matter.place).toBe('Sud du Sahara; Amérique; Asie; Moyen-Orient');
    expect(Object.fromEntries(matter.fields.map(({ key, value }) => [key, value]))).toMatchObject({
      title: 'Connectivité Internet abordable, réseaux fédérateurs & points d’échange',
      partners: ['UIT (en répond, met en œuvre)', 'PNUD (met en œuvre)', 'Gouvernement du Japon (finance)'],
      amount: { amount: 2460000, currency: 'USD', estimate: true },
      period: { from: '2004-06', to: '2007-06' },
      status: 'Clos',
      id: 'XI-EXAMPLE-1-seed-000',
    });
    expect(findings.map(({ what }) => what)).toEqual([
      expect.stringContaining('The title in "fr" has 71 characters and is cut.'),
      expect.stringContaining('The title in "en"'),
      expect.stringContaining('The description in "en"'),
      'picture, order, needs, doors and audiences are not in IATI.',
    ]);
  });

  it('makes the same activity again', () => {
    const before = activityOf(GOLDEN);
    const { files } = imported(GOLDEN);
    const block = v.parse(activityBlock, (parse(files.get('item.yml') ?? '') as { activity: unknown }).activity);
    const texts = ['fr', 'en'].map((lang) => ({ lang, ...read(files.get(`${lang}.md`)).matter }));
    const { activity, findings } = sheetToIati({ file: 'item.yml', block, texts });
    expect(findings).toEqual([]);
    expect(withoutLines(activity)).toEqual(withoutLines(before));
  });

  it('leaves a language out that lacks a title or a description, and tells it', () => {
    const xml = GOLDEN.replace(/<narrative xml:lang="en">Affordable.*\n/, '');
    const { files, findings } = imported(xml);
    expect([...files.keys()]).toEqual(['item.yml', 'fr.md']);
    expect(findings.map(({ kind, what }) => `${kind}: ${what}`)).toContain(
      'missing-translation: There is no title in "en": the sheet is not there in it.',
    );
    const none = imported(
      GOLDEN.replace(/<title>[\s\S]*?<\/title>/, '<title><narrative xml:lang="es">Red</narrative></title>'),
    );
    expect(none.findings.filter(({ severity }) => severity === 'error')).toHaveLength(1);
  });

  it('tells what a sheet has no place for', () => {
    const xml = GOLDEN.replace('<recipient-region', '<location/><location/><recipient-region').replace(
      /(<location\/>)+(<recipient-region[\s\S]*?)(?=<sector)/,
      '$2<location/><location/>',
    );
    const { findings } = readIati(new TextEncoder().encode(xml), { file: 'a.xml' });
    expect(findings.map(({ severity, kind, what }) => `${severity} ${kind} ${what}`)).toEqual([
      'warning left-out 2 × <location>: a sheet has no place for it.',
    ]);
  });

  it('takes nothing in a text for markup, and no digit without its source', () => {
    const nasty = [
      '# 1. Not a heading',
      '- not a list',
      '2) not a list either',
      '> not a quotation',
      '<script>alert(1)</script> & *stars* _lines_ `code` [a](javascript:x) ![b](c) | | ~~gone~~ [^9] [!note]',
      'See http://example.org/a_b, www.example.org, me@example.org, https://example.org/plan and "C:\\x".',
      `${'A long sentence about the pump of 1999. '.repeat(30)}`,
      'x'.repeat(700),
    ].join('\n');
    const escaped = nasty.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const { files } = imported(GOLDEN.replace(/Découvrir[^<]*/, () => escaped).replace(/<fournie>/, ''));
    const { problems, blocks } = read(files.get('fr.md'));
    expect(problems).toEqual([]);
    expect(blocks.filter(({ t }) => t === 'p').length).toBeGreaterThan(10);
    expect(blocks.filter(({ t }) => t !== 'p' && t !== 'h')).toEqual([]);
    const plain = JSON.stringify(blocks);
    expect(plain).toContain('<script>alert(1)</script> & *stars* _lines_ `code` [a](javascript:x)');
    expect(plain).toContain('# 1. Not a heading');
  });

  it('has no block where a sheet could not be published with it', () => {
    const transaction = `<transaction><transaction-type code="2"/><transaction-date iso-date="2005-01-01"/><value value-date="2005-01-01">1</value><sector code="22040"/></transaction>`;
    const moved = GOLDEN.replace(/ *<sector[\s\S]*?(?= *<budget)/, '').replace('<related', `${transaction}<related`);
    for (const [xml, reason] of [
      [moved, 'There is no <sector>.'],
      [GOLDEN.replace('>UIT<', `>${'U'.repeat(2001)}<`), 'longer than 2000 characters'],
    ] as const) {
      const { files, findings } = imported(xml);
      expect(parse(files.get('item.yml') ?? '')).not.toHaveProperty('activity');
      expect(
        findings
          .filter(({ kind }) => kind === 'left-out')
          .map(({ what }) => what)
          .join(),
      ).toContain(reason);
    }
  });

  it('keeps to what Node knows, and to codes that are words of JavaScript', () => {
    const odd = GOLDEN.replace(/ *<recipient-region[\s\S]*?(?=<sector)/, '<recipient-country code="NE"/>')
      .replaceAll('xml:lang="en"', 'xml:lang="fr-a1-b2"')
      .replace('vocabulary="99" code="C2"', 'vocabulary="constructor" code="toString"');
    const { files } = imported(odd);
    expect(read(files.get('fr.md')).matter.place).toBe('Niger');
    expect(read(files.get('fr-a1-b2.md')).matter.place).toBe('Niger');
  });

  it('names folders as the library can', () => {
    expect(idOf('XM-DAC-41114/É_7')).toBe('xm-dac-41114-e-7');
    expect(idOf('Centre')).toBe('iati-centre');
    expect(idOf('الف')).toBe('iati');
    expect(idOf('x'.repeat(100))).toHaveLength(64);
  });
});

describe('writing folders', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'relais-iati-'));
    mkdirSync(join(folder, 'content'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const write = (...folders: Parameters<typeof writeFolders>[1]) => writeFolders(join(folder, 'content'), folders);

  it('brings all of them in, or none where one is there', () => {
    const sheet = imported(GOLDEN);
    write(sheet);
    expect(readdirSync(join(folder, 'content', sheet.id)).sort()).toEqual(['en.md', 'fr.md', 'item.yml']);
    writeFileSync(join(folder, 'content', sheet.id, 'fr.md'), 'mine');
    expect(() => write({ ...sheet, id: 'other' }, sheet)).toThrow(/is there already: it is not written over/);
    expect(readFileSync(join(folder, 'content', sheet.id, 'fr.md'), 'utf8')).toBe('mine');
    expect(existsSync(join(folder, 'content', 'other'))).toBe(false);
    expect(() => write({ ...sheet, id: 'a' }, { ...sheet, id: 'a' })).toThrow(/Two activities would be the folder "a"/);
    expect(readdirSync(folder)).toEqual(['content']);
    expect(readdirSync(join(folder, 'content'))).toEqual([sheet.id]);
    expect(() => writeFolders(join(folder, 'nowhere'), [sheet])).toThrow(/There is no folder/);
  });
});
