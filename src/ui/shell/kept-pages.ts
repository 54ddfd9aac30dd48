import type { LibraryView } from '../../core/api/worker-api.ts';
import { parseRoute } from '../route.ts';

/** Whether the device can show what stands at a path, as the library of `lang` tells it. Until that has come, it can show nothing. */
export const isKept = (library: LibraryView | undefined, lang: string, path: string): boolean => {
  const route = parseRoute(path, lang);
  if (!library || route.page === 'unknown') return false;
  if (route.lang !== lang) return library.languages.some((other) => other.lang === route.lang && other.kept);
  if (route.page === 'tag' && route.tag.startsWith('collection:'))
    return library.collections.some(({ id, state }) => state === 'kept' && route.tag === `collection:${id}`);
  return library.whole && (route.page !== 'item' || library.cards.some(({ id }) => id === route.id));
};
