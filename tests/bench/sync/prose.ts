import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sentencesOf } from '../../../src/core/text/sentences.ts';
import { randomFrom } from '../../support/big-library.ts';

/**
 * Prose of any length from the library's own texts, the same for the same seed: their sentences, shuffled, with some of their words exchanged for
 * others of the language, as often as each is used. README.md says why, and how it was checked.
 */

/**
 * How many words of a hundred are exchanged, by language: so many that 300 kB of it compress as the library's own text does. Where there is more of
 * a language, its sentences come back less often, and fewer have to be made different.
 */
const EXCHANGED: Readonly<Record<string, number>> = { fr: 48, en: 42, ar: 95, sw: 95, hi: 95 };

const IDS = readdirSync('content', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'forms')
  .map(({ name }) => name)
  .sort();

/** A text's words as people read them: no front matter, no marks, no notes, no tables. */
const plainOf = (markdown: string): string[] =>
  markdown
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .split(/\n+/)
    .filter((line) => /\p{L}/u.test(line) && !/^\||^!\[|^#/.test(line))
    .map((line) =>
      line
        .replace(/^(?:[-*>]|\d+\.)\s+(?:\[![a-z]+\]\s*)?/, '')
        .replace(/\[\^[^\]]*\]|[*_`]/g, '')
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .trim(),
    );

/** The sentences of all texts in a language, each once. */
const sentencesIn = (lang: string): readonly string[] => {
  const found = new Set<string>();
  for (const id of IDS) {
    const path = join('content', id, `${lang}.md`);
    if (!existsSync(path)) continue;
    for (const line of plainOf(readFileSync(path, 'utf8')))
      for (const { from, to } of sentencesOf(line, lang)) found.add(line.slice(from, to).trim());
  }
  return [...found].filter(
    (sentence) => sentence.length > 20 && /^[\p{L}«“]/u.test(sentence) && !/[:"<>{}[\]|\\]/.test(sentence),
  );
};

const isWord = (word: string): boolean => /^\p{L}[\p{L}\p{M}’'-]+$/u.test(word);

/** Says one sentence after the other. */
export class Prose {
  readonly #random: () => number;
  readonly #sentences: readonly string[];
  readonly #words: readonly string[];
  readonly #exchanged: number;
  /** Those that have not come since the last shuffle. */
  #left: string[] = [];

  constructor(lang: string, seed: number, exchanged = EXCHANGED[lang] ?? 50) {
    this.#random = randomFrom(seed);
    this.#sentences = sentencesIn(lang);
    this.#words = this.#sentences.flatMap((sentence) => sentence.split(' ').filter(isWord));
    this.#exchanged = exchanged / 100;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T;
  }

  /** The next sentence of at most so many characters. Longer ones are passed over. */
  sentence(characters = Number.POSITIVE_INFINITY): string {
    for (;;) {
      const sentence = this.#next();
      if (sentence.length <= characters) return sentence;
    }
  }

  #next(): string {
    if (this.#left.length === 0) this.#left = this.#shuffled();
    const words = (this.#left.pop() as string).split(' ');
    return words
      .map((word, n) => (n > 0 && isWord(word) && this.#random() < this.#exchanged ? this.#other() : word))
      .join(' ');
  }

  /** Another word; every second one has the beginning of one and the end of another, as a language has more words than our texts. */
  #other(): string {
    const word = this.pick(this.#words);
    if (this.#random() < 0.5) return word;
    const end = this.pick(this.#words);
    return word.slice(0, Math.ceil(word.length / 2)) + end.slice(Math.ceil(end.length / 2));
  }

  #shuffled(): string[] {
    const list = [...this.#sentences];
    for (let n = list.length - 1; n > 0; n--) {
      const other = Math.floor(this.#random() * (n + 1));
      [list[n], list[other]] = [list[other] as string, list[n] as string];
    }
    return list;
  }
}
