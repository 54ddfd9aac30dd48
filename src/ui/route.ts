/** Addresses of the app: `/{lang}/`, `/{lang}/{id}`, `/{lang}/-/{page}`. The same that the publisher writes plain pages for. */
export type Route =
  | { readonly page: 'home'; readonly lang: string }
  | { readonly page: 'item'; readonly lang: string; readonly id: string }
  | { readonly page: 'answers' | 'more'; readonly lang: string }
  | { readonly page: 'unknown'; readonly lang: string };

const LANG = '[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*';

/** The route of a path. `/` is the home page in `fallback`, the language that the page or the phone speaks. */
export const parseRoute = (path: string, fallback: string): Route => {
  const [, lang = fallback, rest = ''] = new RegExp(`^/(?:(${LANG})/?(?:(?<=/)(.*))?)?$`).exec(path) ?? [];
  if (path === '/' || rest === '')
    return /^\/($|[a-z])/.test(path) ? { page: 'home', lang } : { page: 'unknown', lang: fallback };
  const page = /^-\/(answers|more)$/.exec(rest)?.[1] as 'answers' | 'more' | undefined;
  if (page) return { page, lang };
  return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(rest) ? { page: 'item', lang, id: rest } : { page: 'unknown', lang };
};

/** The path of a route in a language: where a language's name leads. */
export const pathOf = (route: Route, lang: string): string => {
  if (route.page === 'item') return `/${lang}/${route.id}`;
  return route.page === 'answers' || route.page === 'more' ? `/${lang}/-/${route.page}` : `/${lang}/`;
};
