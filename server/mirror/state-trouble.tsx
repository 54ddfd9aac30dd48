import type { ShelfTable } from '../../src/core/protocol/head.ts';
import type { LogEntry } from '../../src/core/protocol/log.ts';
import { collectionOf } from '../../src/core/protocol/shelf.ts';
import type { ViewContext } from '../../src/view/context.ts';
import { ANSWERED } from './reach.ts';

/** What of a box's settings may be mistyped, as its page says it: an outage mends itself, and these never do. */

/** What of SHELVES the library does not have, and what there is in its place. */
export interface WrongShelves {
  readonly wrong: readonly string[];
  readonly all: readonly string[];
}

/** Undefined where all is there. A collection that has nothing of its own in one language is there. */
export const wrongShelves = (wanted: readonly string[], table: ShelfTable): WrongShelves | undefined => {
  const names = Object.keys(table);
  const collections = new Set(names.map(collectionOf));
  const isThere = (name: string): boolean => {
    const collection = collectionOf(name);
    return collection === undefined ? names.includes(name) : collections.has(collection);
  };
  const wrong = wanted.filter((name) => !isThere(name));
  const isLanguage = (name: string): boolean => collectionOf(name) === undefined;
  if (names.length === 0 || wrong.length === 0) return undefined;
  return { wrong, all: wrong.every(isLanguage) ? names.filter(isLanguage) : names };
};

export function Wrong({ v, shelves }: { readonly v: ViewContext; readonly shelves: WrongShelves }) {
  const { wrong, all } = shelves;
  return <p>{v.t('inbox.relay.notThere', { wrong: wrong.join(', '), all: all.join(', ') })}</p>;
}

interface NeverProps {
  readonly v: ViewContext;
  readonly origin: string;
  readonly last: LogEntry;
  readonly reach: string | undefined;
  /** What is said of such an end where something came before. */
  readonly why: string;
}

/** Nothing has ever come from the address, and the last try failed: it may be a wrong one. */
export function Never({ v, origin, last, reach, why }: NeverProps) {
  const isCode = reach !== undefined && reach !== ANSWERED;
  return (
    <>
      <p>
        {reasonOf(v, reach, last) ?? why}
        {isCode && <small dir="ltr"> {reach}</small>}
      </p>
      <p>
        {v.t('inbox.relay.never')} <bdi dir="ltr">{origin}</bdi>
      </p>
    </>
  );
}

/** What is known of an address from which nothing ever came; undefined where no more than of any link. */
export const reasonOf = (v: ViewContext, reach: string | undefined, last: LogEntry): string | undefined => {
  if (reach === 'ENOTFOUND' || reach === 'EAI_AGAIN') return v.t('inbox.relay.noName');
  if (reach === 'ECONNREFUSED') return v.t('inbox.relay.refusesLink');
  const isStrange = ['no-link', 'portal', 'not-found'].includes(last.code ?? 'no-link');
  // A server that fails may be the right one, and a beginning that was cut may be a library's.
  const mayPass = /"status":5|"no head"/.test(last.details ?? '');
  return reach === ANSWERED && isStrange && !mayPass ? v.t('inbox.relay.noLibrary') : undefined;
};
