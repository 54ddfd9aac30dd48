import { expect, it } from 'vitest';
import fr from '../../../locales/fr.json';
import { staticWords } from '../../../src/i18n/static-words.ts';

it('takes the place of the same keys, and leaves the others', () => {
  expect(staticWords({ static: { a: { b: 'new' }, c: 'more' }, a: { b: 'old', x: 'stays' } })).toEqual({
    a: { b: 'new', x: 'stays' },
    c: 'more',
  });
});

it('leaves a language that has none of them as it is', () => {
  expect(staticWords({ a: 'b' })).toEqual({ a: 'b' });
});

it('says nothing that a hub would have to keep', () => {
  const { kept, notice } = staticWords(fr) as {
    kept: { next: Record<string, string> };
    notice: Record<string, string>;
  };
  expect(kept.next.kept).not.toBe(fr.kept.next.kept);
  expect(notice.noStorage).not.toBe(fr.notice.noStorage);
});
