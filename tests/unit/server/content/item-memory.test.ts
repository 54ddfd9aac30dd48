import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MemoryPieces } from '../../../../server/content/item-memory.ts';
import { readContent } from '../../../../server/content/read-content.ts';

const ICONS = new Set(['radio', 'cow']);
let folder: string;
let stored: Map<string, Uint8Array>;
/** Pieces that the last reading wrote. */
let written: string[];
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'relais-memory-')), 'content');
  stored = new Map();
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

const read = (build = 'one', icons: ReadonlySet<string> = ICONS) => {
  written = [];
  const pieces: MemoryPieces = {
    get: (name) => stored.get(name),
    put(name, bytes) {
      stored.set(name, bytes);
      written.push(name);
    },
  };
  return readContent(folder, { icons, memory: { build, pieces } });
};

/** Puts other words into what is remembered of an item, as if it had been written so, to see whether it is asked. */
const plant = (id: string): void => {
  for (const [name, bytes] of stored) {
    const [, text = ''] = Buffer.from(bytes).toString().split('\n');
    const piece = JSON.parse(text) as { entries: [string, { items: { title: string }[] }][] };
    for (const [other, { items }] of piece.entries) if (other === id) for (const one of items) one.title = 'REMEMBERED';
    const planted = JSON.stringify(piece);
    const hash = createHash('sha256').update(planted).digest('base64url');
    stored.set(name, Buffer.from(`${hash}\n${planted}`));
  }
};
const titleOf = (id: string, library = read()): string | undefined =>
  library.items.find((one) => one.id === id && one.lang === 'fr')?.title;

it('remembers which collection an item is in', () => {
  const named =
    'name: { fr: "Centre" }\nlanguages: [fr, en]\nlicence: CC-BY-4.0\ncollections: { docs: { fr: "Papiers" } }\n';
  write('library.yml', named);
  write('pump/item.yml', 'kind: guide\npicture: radio\norder: 1\ncollection: docs\n');
  expect([...read().collections]).toEqual([['pump', 'docs']]);
  plant('pump');
  const again = read();
  expect([titleOf('pump', again), [...again.collections]]).toEqual(['REMEMBERED', [['pump', 'docs']]]);
  // An id that the library names no more is a problem, whatever is remembered.
  write('library.yml', named.replace('docs', 'other'));
  expect(() => read()).toThrow();
});

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
    const whole = new Map(stored);
    for (const bytes of ['', '{', 'null', '{"context":1}', '\n{}'])
      for (const name of stored.keys()) {
        stored.set(name, Buffer.from(bytes));
        expect(titleOf('pump')).toBe('pump');
        expect(stored).toEqual(whole);
      }
  });

  it('is never asked where one bit of it has turned', () => {
    const { items, warnings } = read();
    const whole = new Map(stored);
    for (const [name, bytes] of whole) {
      for (let at = 0; at < bytes.length; at += 37) {
        const turned = Uint8Array.from(bytes);
        turned[at] = (turned[at] ?? 0) ^ 2;
        stored.set(name, turned);
        const again = read();
        expect({ items: again.items, warnings: again.warnings }, `byte ${at}`).toEqual({ items, warnings });
        expect(stored, `byte ${at}`).toEqual(whole);
      }
    }
  });

  it('is written anew only where something changed', () => {
    read();
    expect(written).toHaveLength(2);
    read();
    expect(written).toEqual([]);
    item('radio', 'Un autre texte.');
    read();
    expect(written).toHaveLength(1);
    rmSync(join(folder, 'pump'), { recursive: true });
    read();
    // The piece that it was in.
    expect(written).toHaveLength(1);
    read();
    expect(written).toEqual([]);
  });
});
