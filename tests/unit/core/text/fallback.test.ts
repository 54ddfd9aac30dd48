import { describe, expect, it } from 'vitest';
import { fallbackOf, inLanguageOf, knownLanguage } from '../../../../src/core/text/fallback.ts';

describe('a language of the library', () => {
  const known = ['fr', 'en', 'id', 'ha', 'he', 'pt-BR', 'zh-Hant'];

  it.each([
    ['fr', 'fr'],
    ['FR-ca', 'fr'],
    ['ha-NE', 'ha'],
    ['ha_NE', 'ha'],
    ['ha-Latn-NE', 'ha'],
    ['in', 'id'],
    ['in-ID', 'id'],
    ['iw', 'he'],
    ['pt-br', 'pt-BR'],
    ['zh-Hant-TW', 'zh-Hant'],
  ])('%s is %s', (tag, found) => {
    expect(knownLanguage(tag, known)).toBe(found);
  });

  it.each(['dje', 'pt', 'zh', 'f', '', 'x-y'])('%s is none of them', (tag) => {
    expect(knownLanguage(tag, known)).toBeUndefined();
  });
});

describe('what stands in for a language', () => {
  it('goes from neighbour to neighbour: Zarma, Hausa, French, English', () => {
    expect(fallbackOf('dje', ['en', 'fr', 'ha', 'dje', 'bn'])).toEqual(['dje', 'ha', 'fr', 'en', 'bn']);
  });

  it('is only what the library has, in the end all of it', () => {
    expect(fallbackOf('dje', ['en', 'bn', 'fr'])).toEqual(['fr', 'en', 'bn']);
    expect(fallbackOf('gu', ['fr', 'en', 'gu', 'hi'])).toEqual(['gu', 'hi', 'en', 'fr']);
  });

  it('is the library’s first language for one that nobody thought of', () => {
    expect(fallbackOf('xx', ['fr', 'en'])).toEqual(['fr', 'en']);
  });

  it('understands regional codes', () => {
    expect(fallbackOf('dje-NE', ['fr', 'ha'])).toEqual(['ha', 'fr']);
  });

  it('finds what is there in the closest', () => {
    expect(inLanguageOf({ fr: 'Élevage', en: 'Livestock' }, 'gu')).toBe('Livestock');
    expect(inLanguageOf({ fr: 'Élevage', en: 'Livestock' }, 'dje')).toBe('Élevage');
    expect(inLanguageOf({}, 'fr')).toBeUndefined();
  });
});
