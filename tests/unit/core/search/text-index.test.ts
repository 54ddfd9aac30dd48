import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SearchDocument } from '../../../../src/core/search/batch.ts';
import { TextIndex } from '../../../../src/core/search/text-index.ts';
import { isWithinOneError } from '../../../../src/core/search/typo.ts';
import { wantedOf } from '../../../../src/core/search/words.ts';
import { distance, naiveSearch } from './naive.ts';

/** The index finds what a search without any index finds, whatever was added, replaced and removed before. */

const freshIds = (): (() => string) => {
  let n = 0;
  return () => `part-${n++}`;
};
const finish = (steps: Generator<void, void>): void => {
  while (!steps.next().done);
};
const search = (index: TextIndex, query: string, codes: readonly string[] = []) =>
  index.search(
    wantedOf(query),
    codes.map((code) => [code]),
  );
const document = (key: string, text: string, title = '', codes: readonly string[] = []): SearchDocument => ({
  key,
  hash: `${key} ${title} ${text}`,
  texts: [
    { text: title, weight: 3 },
    { text, weight: 0 },
  ],
  codes,
});
const indexOf = (...documents: SearchDocument[]): TextIndex => {
  const index = new TextIndex(freshIds());
  index.add(documents);
  return index;
};

/** Words that are close to each other, of scripts with and without spaces. */
const ALPHABETS = ['abé', 'ɓaƙ', 'بأة', 'कखि', '水牛奶', 'กขา', 'ሀለሐ', '01٢'];
const word = fc
  .constantFrom(...ALPHABETS)
  .chain((letters) => fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 8 }))
  .map((letters) => letters.join(''));
const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '));
const edit = fc.record({
  key: fc.constantFrom(...'abcdefgh'),
  text,
  title: text,
  code: fc.constantFrom('kind:case', 'kind:guide'),
  kind: fc.constantFrom('put', 'put', 'put', 'remove', 'compact', 'settle', 'store'),
});

describe('the index', () => {
  it('finds what a comparison of everything finds, after any edits', () => {
    const filter = fc.constantFrom([], ['kind:case'], ['kind:case', 'kind:guide']);
    fc.assert(
      fc.property(
        fc.array(edit, { maxLength: 30 }),
        fc.array(text, { minLength: 1, maxLength: 6 }),
        filter,
        (edits, queries, codes) => {
          const freshId = freshIds();
          let index = new TextIndex(freshId);
          const documents = new Map<string, SearchDocument>();
          for (const { key, text, title, code, kind } of edits) {
            if (kind === 'put') {
              const next = document(key, text, title, [code]);
              documents.set(key, next);
              index.add([next]);
            } else if (kind === 'remove') {
              documents.delete(key);
              index.remove([key]);
            } else if (kind === 'store') index = TextIndex.open(index.parts(), freshId);
            else finish(index.compact(kind === 'settle'));
          }
          expect([...index.hashes]).toEqual(
            expect.arrayContaining([...documents.values()].map(({ key, hash }) => [key, hash])),
          );
          expect(index.hashes.size).toBe(documents.size);
          for (const query of queries) {
            const naive = naiveSearch([...documents.values()], query, codes);
            const found = search(index, query, codes);
            expect(found.map(({ key }) => key).sort()).toEqual(naive.map(({ key }) => key).sort());
            for (const { key, rough } of found) {
              expect(rough).toBe((naive.find((one) => one.key === key)?.quality ?? 0) < 2);
            }
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('finds the same in many blocks of terms, where letters are tried one by one', () => {
    const texts = fc.sample(fc.array(word, { minLength: 30, maxLength: 40 }), { numRuns: 60, seed: 7 });
    const documents = texts.map((words, i) => document(`d${i}`, words.join(' ')));
    const index = indexOf(...documents);
    for (const query of fc.sample(text, { numRuns: 16, seed: 8 })) {
      const naive = naiveSearch(documents, query).map(({ key }) => key);
      const found = search(index, query).map(({ key }) => key);
      expect(found.sort()).toEqual(naive.sort());
    }
  });

  it('puts what was typed before what begins like it before what is like it, then the title before the text', () => {
    const index = indexOf(
      document('typo-title', '', 'laot'),
      document('prefix-text', 'laitier'),
      document('text', 'le lait'),
      document('text-twice', 'du lait, du lait'),
      document('prefix-title', '', 'laitier'),
      document('typo-text', 'laot'),
      document('title', '', 'lait'),
    );
    expect(search(index, 'lait').map(({ key }) => key)).toEqual([
      'title',
      'text-twice',
      'text',
      'prefix-title',
      'prefix-text',
      'typo-title',
      'typo-text',
    ]);
    expect(search(index, 'lait').filter(({ rough }) => rough)).toHaveLength(2);
  });

  it('needs every word, and forgives one error in each', () => {
    const index = indexOf(document('a', 'la vache et le lait'), document('b', 'le lait'), document('c', 'la vache'));
    expect(search(index, 'vahce liat').map(({ key }) => key)).toEqual(['a']);
    expect(search(index, 'vache radio')).toEqual([]);
    // A word of three letters is found only as it is.
    expect(search(index, 'lo vache')).toEqual([]);
  });

  it('finds the beginning of a word with an error only where nothing else is found', () => {
    const index = indexOf(document('a', 'bibliothèque'));
    expect(search(index, 'biblothe').map(({ key, rough }) => [key, rough])).toEqual([['a', true]]);
    index.add([document('b', 'biblothe')]);
    expect(search(index, 'biblothe').map(({ key }) => key)).toEqual(['b']);
  });

  it('finds Chinese and Japanese wherever a word begins', () => {
    const index = indexOf(document('milk', '我们的牛奶合作社很好'), document('radio', '村のラジオ局は毎朝放送する'));
    for (const query of ['牛奶', '奶合', '合作社', '社', '好', '牛奶合作社很好', '牛奶 很好']) {
      expect(
        search(index, query).map(({ key }) => key),
        query,
      ).toEqual(['milk']);
    }
    for (const query of ['ラジオ', 'ﾗｼﾞｵ', 'オ局', '放送', 'る']) {
      expect(
        search(index, query).map(({ key }) => key),
        query,
      ).toEqual(['radio']);
    }
    expect(search(index, '奶牛')).toEqual([]);
  });

  it('finds what is typed as one run of Thai, Lao, Khmer or Burmese', () => {
    const texts = ['สถานีวิทยุชุมชนของเรา', 'ສະຖານີວິທະຍຸຊຸມຊົນ', 'ទឹកដោះគោសហករណ៍', 'နွားနို့သမဝါယမ'];
    const index = indexOf(...texts.map((text, i) => document(String(i), text)));
    for (const [i, text] of texts.entries()) {
      const clusters = [...text.matchAll(/.\p{M}*/gsu)].map(([one]) => one);
      for (let from = 0; from + 3 <= clusters.length; from++) {
        const query = clusters.slice(from, from + 3).join('');
        expect(
          search(index, query).map(({ key }) => key),
          query,
        ).toContain(String(i));
      }
    }
  });

  it('takes nothing for a code but the code', () => {
    const index = indexOf(
      document('a', 'kind case', '', ['kind:case']),
      document('b', 'kind case', '', ['kind:guide']),
    );
    expect(search(index, 'kind', ['kind:case']).map(({ key }) => key)).toEqual(['a']);
    expect(search(index, 'kind', ['kind:cas'])).toEqual([]);
    expect(search(index, '\u0001kind:case', ['kind:none'])).toEqual([]);
  });

  it('keeps few parts, however often it changes', () => {
    const index = new TextIndex(freshIds());
    for (let i = 0; i < 300; i++) {
      index.add([document(`d${i % 120}`, `texte numéro ${i}`)]);
      finish(index.compact(i % 40 === 0));
    }
    expect(index.parts().length).toBeLessThan(24);
    finish(index.compact(true));
    expect(index.parts().length).toBeLessThanOrEqual(5);
    expect(search(index, 'numero')).toHaveLength(120);
    index.remove([...index.hashes.keys()]);
    expect(index.parts()).toEqual([]);
    expect(search(index, 'numero')).toEqual([]);
  });

  it('refuses bytes that were cut or changed, and parts that do not belong together', () => {
    const [part] = indexOf(document('a', 'le lait de la vache'), document('b', 'la radio')).parts();
    if (!part) throw new Error('no part');
    const open = (bytes: Uint8Array<ArrayBuffer>) => TextIndex.open([{ ...part, bytes }], freshIds());
    expect(open(part.bytes).hashes.size).toBe(2);
    for (let length = 0; length < part.bytes.length; length++) {
      expect(() => open(part.bytes.slice(0, length))).toThrow(RangeError);
    }
    for (let at = 0; at < part.bytes.length; at++) {
      const bytes = part.bytes.slice();
      bytes[at] = (bytes[at] as number) ^ 4;
      expect(() => open(bytes)).toThrow(RangeError);
    }
    expect(() => TextIndex.open([part, { ...part, id: 'again' }], freshIds())).toThrow(RangeError);
  });
});

describe('one error', () => {
  it('is what the table of distances says', () => {
    const short = fc.array(fc.constantFrom(...'aab'), { maxLength: 6 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(short, short, (a, b) => {
        expect(isWithinOneError(a, b)).toBe(distance(a, b) <= 1);
      }),
      { numRuns: 3000 },
    );
  });
});
