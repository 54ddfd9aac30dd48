/**
 * Names of shelves. A language's own shelf is named as the language; a collection of the library is a shelf of its own in each language,
 * `{lang}-x{id}`: a name that passes for a language tag wherever one is checked, so that who knows no collections reads on.
 */

/** What the id of a collection looks like. */
export const COLLECTION_ID = /^[a-z0-9]{2,7}$/;

const SHELF = /^(.+)-x([a-z0-9]{2,7})$/;

/** The shelf of a language, or of one of its collections. */
export const shelfName = (lang: string, collection?: string): string =>
  collection === undefined ? lang : `${lang}-x${collection}`;

/** The id of the collection that a shelf is of; undefined where it is a language's own. */
export const collectionOf = (shelf: string): string | undefined => SHELF.exec(shelf)?.[2];

export const languageOf = (shelf: string): string => SHELF.exec(shelf)?.[1] ?? shelf;

/** The same shelves, those of languages first: what everybody reads comes before what somebody chose besides. */
export const languagesFirst = (shelves: readonly string[]): readonly string[] => [
  ...shelves.filter((shelf) => collectionOf(shelf) === undefined),
  ...shelves.filter((shelf) => collectionOf(shelf) !== undefined),
];
