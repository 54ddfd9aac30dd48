/**
 * Texts and queries from a seed. Words are made of the letters and syllables of their language and are drawn as in any language: the second
 * one half as often as the first, the third a third as often. What a query has to find is known from how the texts were made, not from an
 * engine.
 */

export interface BenchItem {
  readonly id: string;
  readonly lang: string;
  readonly title: string;
  readonly summary: string;
  readonly body: string;
}

export const KINDS = ['word', 'two words', 'prefix', 'one letter wrong', 'any piece'] as const;
export type Kind = (typeof KINDS)[number];

export interface BenchQuery {
  readonly lang: string;
  readonly kind: Kind;
  readonly text: string;
  /** Ids that have to be found. */
  readonly answers: readonly string[];
}

const SEED = 2003;
const ITEM_BYTES = 1_500;
const WORD_TYPES = 9_000;
export const QUERIES_EACH = 25;

type Random = () => number;
/** Mulberry32. */
const randomOf = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i));

interface Language {
  readonly script: string;
  /** A syllable, or a character where there are no spaces. */
  readonly syllable: (random: Random) => string;
  /** Words are not parted by spaces. */
  readonly joined?: true;
  /** From so many letters on a word is a long one; 6 unless told. */
  readonly long?: number;
  /** The same word as somebody else writes it, in texts and in queries. */
  readonly variant?: (word: string, random: Random) => string;
  /** As it is typed on a keyboard without the letters of the language. */
  readonly plain?: (word: string) => string;
  /** What stands before a word now and then. */
  readonly before?: (word: string, random: Random) => string;
}

const syllables =
  (onsets: string, vowels: string, codas = ''): ((random: Random) => string) =>
  (random) => {
    const [o, v, c] = [onsets, vowels, codas].map((letters) => letters.split(' '));
    const coda = codas !== '' && random() < 0.35 ? pick(random, c as string[]) : '';
    return pick(random, o as string[]) + pick(random, v as string[]) + coda;
  };
const indic =
  (consonants: readonly string[], vowels: readonly string[], halant: string): ((random: Random) => string) =>
  (random) => {
    const cluster = random() < 0.2 ? halant + pick(random, consonants) : '';
    return pick(random, consonants) + cluster + (random() < 0.7 ? pick(random, vowels) : '');
  };

const HAN = range(0x4e00, 0x4e00 + 2_799);
const HIRAGANA = range(0x3042, 0x3093);
const KATAKANA = range(0x30a2, 0x30f3);

const plainLetters: Readonly<Record<string, string>> = { ɓ: 'b', ɗ: 'd', ƙ: 'k', ƴ: 'y' };
const withoutMarks = (word: string): string => word.normalize('NFD').replace(/[\u0300-\u036f]/g, '');

export const LANGUAGES: Readonly<Record<string, Language>> = {
  en: {
    script: 'Latin',
    syllable: syllables('b c d f g h l m n p r s t w st tr pl br th ch', 'a e i o u ea oo ai', 'n r s t l m nd ck'),
  },
  fr: {
    script: 'Latin, accents',
    syllable: syllables('b c d f g l m n p r s t v ch pr tr gr ç qu', 'a e i o u é è ê ou eau oi an on œ', 'n r s t l'),
    plain: (word) => withoutMarks(word).replaceAll('œ', 'oe'),
    variant: (word, random) => (random() < 0.5 ? withoutMarks(word).replaceAll('œ', 'oe') : word),
    before: (word, random) =>
      /^[aeiouéèêœ]/.test(word) && random() < 0.4 ? `${pick(random, ['l’', "d'", 'qu’'])}${word}` : word,
  },
  ha: {
    script: 'Latin, hooked',
    syllable: syllables('b ɓ d ɗ k ƙ y ƴ g h j l m n r s sh t ts w z', 'a i u e o aa ai', 'n r m k s'),
    plain: (word) => word.replace(/[ɓɗƙƴ]/g, (letter) => plainLetters[letter] ?? letter),
    variant: (word, random) =>
      random() < 0.5 ? word.replace(/[ɓɗƙƴ]/g, (letter) => plainLetters[letter] ?? letter) : word,
  },
  ar: {
    script: 'Arabic',
    syllable: (random) =>
      pick(random, [...'ابتثجحخدذرزسشصضطظعغفقكلمنهوي']) + (random() < 0.5 ? pick(random, [...'اويأىة']) : ''),
    variant: (word, random) => {
      const plain = random() < 0.4 ? word.replaceAll('أ', 'ا').replaceAll('ة', 'ه').replaceAll('ى', 'ي') : word;
      return random() < 0.3
        ? [...plain]
            .map((letter) => letter + (random() < 0.3 ? pick(random, [...'\u064e\u064f\u0650\u0640']) : ''))
            .join('')
        : plain;
    },
  },
  hi: {
    script: 'Devanagari',
    syllable: indic(
      range(0x0915, 0x0939).filter((c) => !'ऩऱऴळ'.includes(c)),
      [...'ािीुूेैोौंँ'],
      '्',
    ),
    variant: (word, random) => (random() < 0.4 ? word.replaceAll('ं', 'न्').replaceAll('ँ', 'ं') : word),
  },
  bn: {
    script: 'Bengali',
    syllable: indic(
      [...'কখগঘচছজঝটঠডঢণতথদধনপফবভমযরলশষসহড়'.normalize('NFC')].filter((c) => c !== '়'),
      [...'ািীুূেৈোৌ'],
      '্',
    ),
    variant: (word, random) => (random() < 0.5 ? word.normalize('NFD') : word),
  },
  gu: {
    script: 'Gujarati',
    syllable: indic([...'કખગઘચછજઝટઠડઢણતથદધનપફબભમયરલવશષસહ'], [...'ાિીુૂેૈોૌં'], '્'),
    variant: (word, random) => (random() < 0.3 ? word.replaceAll('ં', 'ન્') : word),
  },
  am: {
    script: 'Ethiopic',
    long: 4,
    syllable: (random) =>
      String.fromCodePoint(0x1200 + Math.floor((random() * 0x150) >> 3) * 8 + Math.floor(random() * 7)),
    variant: (word, random) =>
      random() < 0.5 ? word.replace(/[\u1200-\u1206]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0x10)) : word,
  },
  zh: { script: 'Chinese', joined: true, syllable: (random) => pick(random, HAN) },
  ja: {
    script: 'Japanese',
    joined: true,
    syllable: (random) => pick(random, random() < 0.4 ? HAN.slice(0, 1_800) : random() < 0.7 ? HIRAGANA : KATAKANA),
  },
};

/** Word types of a language, the most frequent and shortest first. */
const vocabularyOf = ({ syllable, joined }: Language, random: Random): readonly string[] => {
  const words = new Set<string>();
  while (words.size < WORD_TYPES) {
    const rank = words.size / WORD_TYPES;
    const length = joined ? 1 + Math.floor(random() * 2.6) : 1 + Math.floor(random() * 2 + rank * 2.2 + random() * 0.6);
    let word = '';
    for (let i = 0; i < length; i++) word += syllable(random);
    words.add(word.normalize('NFC'));
  }
  return [...words];
};

/** Draws ranks as words are drawn: 1/rank. */
const zipf = (count: number): ((random: Random) => number) => {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) sums[i] = sum += 1 / (i + 2.7);
  return (random) => {
    const wanted = random() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
};

interface Made {
  readonly item: BenchItem;
  /** Word types that are in it. */
  readonly types: ReadonlySet<number>;
  readonly text: string;
}

const bytesOf = (text: string): number => Buffer.byteLength(text);
/** As if it had been read: a string that was put together from many takes more memory, until somebody looks into it. */
const asRead = (text: string): string => Buffer.from(text).toString();

const makeItem = (
  lang: string,
  n: number,
  vocabulary: readonly string[],
  draw: (random: Random) => number,
  random: Random,
): Made => {
  const language = LANGUAGES[lang] as Language;
  const types = new Set<number>();
  const sentence = (words: number): string => {
    const out: string[] = [];
    for (let i = 0; i < words; i++) {
      const type = draw(random);
      types.add(type);
      const word = vocabulary[type] as string;
      const written = language.variant?.(word, random) ?? word;
      out.push(language.before?.(written, random) ?? written);
    }
    return out.join(language.joined ? '' : ' ');
  };
  const [title, summary] = [asRead(sentence(4)), asRead(sentence(10))];
  let body = '';
  while (bytesOf(title + summary + body) < ITEM_BYTES)
    body += `${sentence(6 + Math.floor(random() * 8))}${language.joined ? '。' : '. '}`;
  return {
    item: { id: `${lang}-${n}`, lang, title, summary, body: asRead(body) },
    types,
    text: `${title}\n${summary}\n${body}`,
  };
};

/** One letter more, less, another, or two swapped; never the first, which people get right. */
const mistyped = (word: string, random: Random): string => {
  const letters = [...word];
  const at = 1 + Math.floor(random() * (letters.length - 2));
  const other = pick(random, letters);
  const edits = [
    () => letters.splice(at, 1),
    () => letters.splice(at, 0, other),
    () => letters.splice(at, 1, other),
    () => letters.splice(at, 2, letters[at + 1] as string, letters[at] as string),
  ];
  pick(random, edits)();
  return letters.join('');
};

const queriesOf = (
  lang: string,
  made: readonly Made[],
  vocabulary: readonly string[],
  random: Random,
): BenchQuery[] => {
  const language = LANGUAGES[lang] as Language;
  const byType = new Map<number, string[]>();
  for (const { item, types } of made) {
    for (const type of types) {
      const ids = byType.get(type);
      if (ids) ids.push(item.id);
      else byType.set(type, [item.id]);
    }
  }
  const typed = (word: string): string => language.variant?.(word, random) ?? word;
  const usual = (type: number, least: number): boolean => {
    const count = byType.get(type)?.length ?? 0;
    return count <= 200 && [...(vocabulary[type] as string)].length >= least;
  };
  const having = (text: string): string[] => made.filter((one) => one.text.includes(text)).map(({ item }) => item.id);
  const answersTo = (type: number): readonly string[] =>
    language.joined ? having(vocabulary[type] as string) : (byType.get(type) ?? []);
  const many = language.long ?? 6;
  const queries: BenchQuery[] = [];
  const add = (kind: Kind, text: string, answers: readonly string[]): void => {
    queries.push({ lang, kind, text, answers });
  };
  const draw = (least: number): { one: Made; type: number; word: string } => {
    for (;;) {
      const one = pick(random, made);
      const type = pick(random, [...one.types]);
      if (usual(type, least)) return { one, type, word: vocabulary[type] as string };
    }
  };
  for (let i = 0; i < QUERIES_EACH; i++) {
    const { type, word } = draw(language.joined ? 2 : 3);
    add('word', typed(word), answersTo(type));
    const first = draw(language.joined ? 2 : 3);
    const second = pick(
      random,
      [...first.one.types].filter((other) => other !== first.type && usual(other, 2)),
    );
    const both = new Set(answersTo(second));
    const pair = `${typed(first.word)} ${typed(vocabulary[second] as string)}`;
    add(
      'two words',
      pair,
      answersTo(first.type).filter((id) => both.has(id)),
    );
    const long = draw(language.joined ? 2 : many);
    const letters = [...typed(long.word)];
    const start = letters.slice(0, language.joined ? 1 : Math.max(many - 2, Math.floor(letters.length * 0.6))).join('');
    add('prefix', start, language.joined ? having(start) : answersTo(long.type));
    if (language.joined) {
      const run = pick(
        random,
        pick(random, made)
          .item.body.split('。')
          .filter((text) => [...text].length > 6),
      );
      const at = Math.floor(random() * ([...run].length - 4));
      const piece = [...run].slice(at, at + 2 + Math.floor(random() * 3)).join('');
      add('any piece', piece, having(piece));
    } else {
      const wrong = draw(many);
      add('one letter wrong', mistyped(language.plain?.(wrong.word) ?? wrong.word, random), answersTo(wrong.type));
    }
  }
  return queries;
};

/** `count` items, as many in each language, and queries with their answers. */
export const makeCorpus = (
  count: number,
): { readonly items: readonly BenchItem[]; readonly queries: readonly BenchQuery[] } => {
  const names = Object.keys(LANGUAGES);
  const items: BenchItem[] = [];
  const queries: BenchQuery[] = [];
  for (const [i, lang] of names.entries()) {
    const random = randomOf(SEED + i);
    const vocabulary = vocabularyOf(LANGUAGES[lang] as Language, random);
    const draw = zipf(vocabulary.length);
    const own = Math.floor(count / names.length);
    const made = Array.from({ length: own }, (_, n) => makeItem(lang, n, vocabulary, draw, random));
    items.push(...made.map(({ item }) => item));
    queries.push(...queriesOf(lang, made, vocabulary, random));
  }
  return { items, queries };
};
