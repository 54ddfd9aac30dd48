import { FACETS } from '../core/protocol/item.ts';

/** Pages of the app itself. */
const PAGES = ['answers', 'more', 'network', 'carry', 'all', 'partners'] as const;

/** Addresses of the app: `/{lang}/`, `/{lang}/{id}`, `/{lang}/-/{page}`, `/{lang}/-/{facet}-{code}`. The same that the publisher writes plain pages for. */
export type Route =
  | { readonly page: 'home'; readonly lang: string }
  | { readonly page: 'item'; readonly lang: string; readonly id: string }
  | { readonly page: (typeof PAGES)[number]; readonly lang: string }
  /** What is filed under a tag; `tag` as `Tag` has it, in small letters. */
  | { readonly page: 'tag'; readonly lang: string; readonly tag: string }
  | { readonly page: 'unknown'; readonly lang: string };

/** What lists are of. */
const FILED = [...FACETS, 'collection'] as const;

const LANG = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;
const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** The route of a path. `/` is the home page in `fallback`, the language that the page or the phone speaks. */
export const parseRoute = (path: string, fallback: string): Route => {
  const [, first = '', ...behind] = path.split('/');
  if (path === '/') return { page: 'home', lang: fallback };
  // Where the system leads, which knows no languages: `/-/carry`.
  const [lang, others] = first === '-' ? [fallback, [first, ...behind]] : [first, behind];
  if (!LANG.test(lang)) return { page: 'unknown', lang: fallback };
  // A long list goes on from page to page where there is no script; here it is one.
  // Hosts of files put a slash behind.
  const rest = others
    .join('/')
    .replace(/\/$/, '')
    .replace(/^(-\/.+)\.\d+$/, '$1');
  if (rest === '') return { page: 'home', lang };
  const page = PAGES.find((name) => rest === `-/${name}`);
  if (page) return { page, lang };
  const facet = FILED.find((name) => rest.startsWith(`-/${name}-`));
  if (facet && SLUG.test(rest.slice(2))) return { page: 'tag', lang, tag: `${facet}:${rest.slice(facet.length + 3)}` };
  return SLUG.test(rest) ? { page: 'item', lang, id: rest } : { page: 'unknown', lang };
};

/** The path of a route in a language: where a language's name leads. */
export const pathOf = (route: Route, lang: string): string => {
  if (route.page === 'item') return `/${lang}/${route.id}`;
  if (route.page === 'tag') return `/${lang}/-/${route.tag.replace(':', '-')}`;
  return route.page === 'home' || route.page === 'unknown' ? `/${lang}/` : `/${lang}/-/${route.page}`;
};
