import { describe, expect, it } from 'vitest';
import { parseRoute, pathOf, type Route } from '../../../src/ui/route.ts';

describe('routes', () => {
  const cases: readonly [string, Route][] = [
    ['/', { page: 'home', lang: 'en' }],
    ['/fr', { page: 'home', lang: 'fr' }],
    ['/fr/', { page: 'home', lang: 'fr' }],
    ['/ha-NE/', { page: 'home', lang: 'ha-NE' }],
    ['/fr/akashganga', { page: 'item', lang: 'fr', id: 'akashganga' }],
    ['/fr/akashganga/', { page: 'item', lang: 'fr', id: 'akashganga' }],
    ['/fr/-/all.2/', { page: 'all', lang: 'fr' }],
    ['/fr/-/answers', { page: 'answers', lang: 'fr' }],
    ['/fr/-/more', { page: 'more', lang: 'fr' }],
    ['/fr/-/all', { page: 'all', lang: 'fr' }],
    ['/fr/-/carry', { page: 'carry', lang: 'fr' }],
    ['/-/carry', { page: 'carry', lang: 'en' }],
    ['/-/other', { page: 'unknown', lang: 'en' }],
    ['/fr/-/other', { page: 'unknown', lang: 'fr' }],
    ['/fr/a/b', { page: 'unknown', lang: 'fr' }],
    ['/fr/Majuscule', { page: 'unknown', lang: 'fr' }],
    ['/français/', { page: 'unknown', lang: 'en' }],
  ];
  it.each(cases)('%s', (path, route) => {
    expect(parseRoute(path, 'en')).toEqual(route);
  });

  it('lead to the same page in another language', () => {
    expect(pathOf({ page: 'item', lang: 'fr', id: 'x' }, 'en')).toBe('/en/x');
    expect(pathOf({ page: 'home', lang: 'fr' }, 'en')).toBe('/en/');
    expect(pathOf({ page: 'all', lang: 'fr' }, 'en')).toBe('/en/-/all');
    expect(pathOf({ page: 'unknown', lang: 'fr' }, 'en')).toBe('/en/');
  });
});
