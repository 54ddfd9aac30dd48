import { HUBS_PATH } from '../protocol/hubs.ts';
import { blobPath } from '../protocol/media.ts';

/** Where things stand in what is carried: as in the tree, and beside it `o/` for answers on their way and `r/` for receipts on theirs. */

export const packPath = (shelf: string): string => `c/full/${shelf}.pack`;
export const blobFile = (hash: string): string => blobPath(hash).slice(1);
export const answersPath = (n: number): string => `o/${n}.batch`;
export const HEAD = 'c/head';
export const rootFile = (n: number): string => `c/root/${n}.json`;
export const RECEIPTS = 'r/receipts.json';
export const HUBS = HUBS_PATH.slice(1);

/** Paths that are read. Whatever else is in an archive is for people, or a stranger's, and is never looked at. */
const KNOWN = [
  /^c\/full\/[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\.pack$/,
  /^c\/(root\/\d{1,9}|hubs)\.json$/,
  /^c\/head$/,
  /^b\/[\w-]{2}\/[\w-]{43}(\.leaf)?$/,
  /^o\/\d{1,6}\.batch$/,
  /^r\/receipts\.json$/,
];

export const isCarried = (path: string): boolean => KNOWN.some((pattern) => pattern.test(path));

/** The shelves that an archive with these paths has. */
export const packedShelves = (paths: Iterable<string>): readonly string[] =>
  [...paths].flatMap((path) => /^c\/full\/(.+)\.pack$/.exec(path)?.[1] ?? []);
