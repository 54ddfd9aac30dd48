import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A library of any size, the same for the same seed: for what depends on how much there is. */

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const SYLLABLES =
  'ba da fa ga ka la ma na pa ra sa ta va za be de fe le me ne re se te mi ni ri si ti bo do lo mo no ro so to du lu mu ru'.split(
    ' ',
  );
const NEEDS = ['livestock', 'fields', 'health', 'money', 'school', 'notices'];
const REGIONS = ['sub-saharan-africa', 'latin-america-caribbean', 'asia', 'arab-states'];

const wordsOf = (random: () => number): readonly string[] =>
  Array.from({ length: 4000 }, () =>
    Array.from({ length: 1 + Math.floor(random() * 4) }, () => SYLLABLES[Math.floor(random() * SYLLABLES.length)]).join(
      '',
    ),
  );

export const itemId = (n: number): string => `item-${n}`;

/** Writes the source of `count` items of about `characters` each, in French. Words follow Zipf's law, as in every language. */
export const writeBigLibrary = (folder: string, count: number, characters = 1500): void => {
  const random = randomFrom(2026);
  const words = wordsOf(random);
  const word = (): string => words[Math.floor(words.length * random() ** 3)] as string;
  const sentence = (): string => {
    const text = Array.from({ length: 6 + Math.floor(random() * 8) }, word).join(' ');
    return `${text[0]?.toUpperCase()}${text.slice(1)}.`;
  };
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] as string;
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'library.yml'),
    'name: { fr: "Grande bibliothèque" }\nlanguages: [fr]\nlicence: CC-BY-4.0\n',
  );
  for (let n = 0; n < count; n++) {
    const own = join(folder, itemId(n));
    mkdirSync(own);
    const shared = [
      'kind: guide',
      'picture: radio',
      `order: ${n + 1}`,
      `needs: [${pick(NEEDS)}]`,
      `regions: [${pick(REGIONS)}]`,
      'sources: [{ id: s, title: "Une source", certainty: says }]',
    ];
    writeFileSync(join(own, 'item.yml'), `${shared.join('\n')}\n`);
    const paragraphs: string[] = [];
    for (let length = 0; length < characters; ) {
      const paragraph = Array.from({ length: 3 }, sentence).join(' ').slice(0, 300);
      paragraphs.push(paragraph);
      length += paragraph.length;
    }
    const title = `${sentence().slice(0, 40)} ${n}`;
    const matter = [
      '---',
      `title: "${title}"`,
      `summary: "${sentence().slice(0, 150)}"`,
      'place: "Partout"',
      'review: { state: human-draft }',
      '---',
    ];
    writeFileSync(join(own, 'fr.md'), `${matter.join('\n')}\n\n${paragraphs.join('\n\n')}\n`);
  }
};
