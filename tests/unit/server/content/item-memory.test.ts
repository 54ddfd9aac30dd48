import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readContent } from '../../../../server/content/read-content.ts';

const ICONS = new Set(['radio', 'cow']);
let folder: string;
let stored: Uint8Array | undefined;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'relais-memory-')), 'content');
  stored = undefined;
  write('library.yml', 'name: { fr: "Centre" }\nlanguages: [fr, en]\nlicence: CC-BY-4.0\n');
  write('forms/short/form.yml', FORM);
  item('pump', 'Voyez [la radio](radio).');
  item('radio', 'Un texte.');
});
afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

const FORM = `version: 1
addressee: centre
title: { fr: "Ça vous aide ?" }
submit: { fr: "Envoyer" }
questions: [{ name: words, type: text, required: false, max: 50, label: { fr: "Quoi ?" } }]
`;

const write = (path: string, text: string): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
};

const item = (id: string, text: string, picture = 'radio'): void => {
  write(`${id}/item.yml`, `kind: guide\npicture: ${picture}\norder: 1\n`);
  write(
    `${id}/fr.md`,
    `---\ntitle: "${id}"\nsummary: "Lire."\nplace: "Ici"\nreview: { state: human-draft }\n---\n\n${text}\n`,
  );
};

const read = (build = 'one', icons: ReadonlySet<string> = ICONS) =>
  readContent(folder, { icons, memory: { stored, build, keep: (bytes) => (stored = bytes) } });

/** Puts other words into what is remembered of an item, to see whether it is asked. */
const plant = (id: string): void => {
  const memory = JSON.parse(Buffer.from(stored ?? []).toString()) as {
    entries: Record<string, { items: { title: string }[] }>;
  };
  for (const one of memory.entries[id]?.items ?? []) one.title = 'REMEMBERED';
  stored = Buffer.from(JSON.stringify(memory));
};
const titleOf = (id: string, library = read()): string | undefined =>
  library.items.find((one) => one.id === id && one.lang === 'fr')?.title;

describe('what was read before', () => {
  it('gives what reading gives, warnings too', () => {
    const first = read();
    expect(first.warnings.length).toBeGreaterThan(0);
    const { items, warnings } = read();
    expect({ items, warnings }).toEqual({ items: first.items, warnings: first.warnings });
    const fresh = readContent(folder, { icons: ICONS });
    expect({ items, warnings }).toEqual({ items: fresh.items, warnings: fresh.warnings });
  });

  it('is asked where nothing changed, and only there', () => {
    read();
    plant('pump');
    plant('radio');
    expect(titleOf('pump')).toBe('REMEMBERED');
    item('radio', 'Un autre texte.');
    const library = read();
    expect(titleOf('radio', library)).toBe('radio');
    expect(titleOf('pump', library)).toBe('REMEMBERED');
  });

  it('is read anew where an item that it links to has gone, or came', () => {
    read();
    rmSync(join(folder, 'radio'), { recursive: true });
    const without = read();
    expect(without.warnings.map(({ kind }) => kind)).toContain('missing-item');
    item('radio', 'Un texte.');
    expect(read().warnings.map(({ kind }) => kind)).not.toContain('missing-item');
  });

  it('is forgotten by another build, with other languages or drawings', () => {
    read();
    plant('pump');
    expect(titleOf('pump', read('two'))).toBe('pump');
    plant('pump');
    expect(titleOf('pump', read('two', new Set([...ICONS, 'sun'])))).toBe('pump');
    plant('pump');
    write('library.yml', 'name: { fr: "Centre" }\nlanguages: [fr]\nlicence: CC-BY-4.0\n');
    expect(titleOf('pump', read('two', new Set([...ICONS, 'sun'])))).toBe('pump');
  });

  it('never hides what is wrong', () => {
    item('pump', '<b>HTML</b> in the text');
    for (let n = 0; n < 3; n++) expect(() => read()).toThrow('"html" has no place in a sentence.');
    item('pump', 'Un texte.', 'cloud');
    for (let n = 0; n < 3; n++) expect(() => read()).toThrow('There is no drawing "cloud".');
  });

  it('that is damaged is no memory', () => {
    read();
    for (const bytes of [Buffer.from('{'), Buffer.from('null'), Buffer.from('{"context":1}')]) {
      stored = bytes;
      expect(titleOf('pump')).toBe('pump');
    }
  });
});
