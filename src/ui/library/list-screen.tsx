import { useEffect, useRef, useState } from 'preact/hooks';
import type { LibraryView } from '../../core/api/worker-api.ts';
import type { Card } from '../../core/protocol/card.ts';
import { FACETS, type FacetNames, READABLE_KINDS } from '../../core/protocol/item.ts';
import { containsWords } from '../../core/text/fold.ts';
import { Filters } from '../../view/filters.tsx';
import { Hits } from '../../view/hits.tsx';
import { ListPage } from '../../view/list.tsx';
import type { Search } from '../answer/session.ts';
import { addLetters } from '../letters/letters.ts';
import { pathOf, type Route } from '../route.ts';
import type { App } from '../shell/app.ts';
import { Coming } from './coming.tsx';
import { LongRows } from './long-rows.tsx';
import { Offers } from './offers.tsx';
import { useSearch } from './use-search.ts';

export interface ListScreenProps {
  readonly app: App;
  readonly route: Route;
  readonly library: LibraryView | undefined;
}

/** So many are seen at a glance: nobody has to search them. */
const FEW = 8;

/** Facets that everybody may filter by; the others are for partners. */
const COMMON = new Set(['need', 'audience']);

/** So many results at first, and so many more each time. */
const RESULTS = 20;

/** A list of items with a search in all their text, and filters. What is chosen goes with the page. */
export function ListScreen({ app, route, library }: ListScreenProps) {
  const v = app.context.value;
  const path = pathOf(route, route.lang);
  const [search, setSearch] = useState<Search>(app.session.search(path) ?? { words: '', chosen: {} });
  const [limit, setLimit] = useState(RESULTS);
  const { chosen } = search;
  const title = titleOf(app, route, library);
  const words = search.words.trim();
  const codes = Object.entries(chosen).flatMap(([facet, code]) =>
    code === '' ? [] : `${facet}:${code}`.toLowerCase(),
  );
  if (route.page === 'tag') codes.push(route.tag);
  const found = useSearch(app, words === '' ? undefined : { words, lang: route.lang, codes, limit });
  useEffect(() => {
    if (library) document.title = v.t('title.page', { title, centre: library.centre ?? '' });
  }, [title, library?.centre, v]);
  const holder = useRef<HTMLDivElement>(null);
  useEffect(
    () => addLetters(app, holder.current?.querySelectorAll<HTMLInputElement>('[type=search]') ?? []),
    [v, library === undefined],
  );
  // The fields are the view's: after a way back they say what was looked for.
  useEffect(() => {
    const fields =
      holder.current?.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[type=search], select') ?? [];
    for (const field of fields) field.value = (field.name === '' ? search.words : chosen[field.name]) ?? '';
  }, [library === undefined]);
  if (!library) return null;
  const look = (next: Search): void => {
    setLimit(RESULTS);
    setSearch(next);
    app.session.keepSearch(path, next);
  };
  const names = library.names.filter(({ facet }) => route.page === 'partners' || COMMON.has(facet));
  const own = route.page === 'tag' ? library.cards.filter((card) => hasTag(card, route.tag)) : library.cards;
  const filed = own.filter((card) => codes.every((code) => isFiled(card, code)));
  // Titles and places are found at once; the texts follow.
  const named = filed.filter((card) => containsWords(`${card.title} ${card.place}`, words));
  const { answer } = found;
  const shown = new Set(answer?.hits.map(({ card }) => card.id));
  const items = answer && !found.isGrowing ? [] : named.filter(({ id }) => !shown.has(id));
  const count = answer ? Math.max(answer.total, shown.size + items.length) : items.length;
  const shownHere = new Map(library.cards.map(({ id, lang }) => [id, lang]));
  const elsewhere = (answer?.hits ?? []).flatMap(({ card }) => (shownHere.get(card.id) === card.lang ? [] : card.id));
  // Nothing found is said once the search has answered; that there is nothing, not while it is still to come.
  const isCounted = count > 0 || (!library.coming && (words.length === 0 || found.isCurrent));
  const more = library.collections.filter(({ state }) => state !== 'kept');
  const growing = found.isGrowing && v.t('search.growing');
  // The fields are the view's; what happens to them bubbles up to here.
  return (
    <div
      ref={holder}
      onInput={({ target }) => {
        if (target instanceof HTMLInputElement) look({ words: target.value, chosen });
        else if (target instanceof HTMLSelectElement)
          look({ words: search.words, chosen: { ...chosen, [target.name]: target.value } });
      }}
    >
      <ListPage
        v={v}
        title={title}
        isName={route.page === 'tag'}
        items={items}
        coming={library.coming && <Coming app={app} />}
        rows={items.length > 0 && <LongRows v={v} items={items} />}
        end={more.length > 0 && <Offers app={app} lines={more} />}
        found={
          words !== '' &&
          !found.isAway && (
            <>
              {count === 0 && found.isCurrent && !found.isGrowing && <p>{v.t('search.none')}</p>}
              {answer && <Hits v={v} hits={answer.hits} elsewhere={new Set(elsewhere)} />}
              {answer && answer.total > answer.hits.length && (
                <button type="button" class="act" onClick={() => setLimit(limit + RESULTS)}>
                  {v.t('search.more')}
                </button>
              )}
            </>
          )
        }
      >
        {own.length > FEW && (
          <Filters
            v={v}
            label={v.t(found.isAway ? 'all.filter' : 'search.label')}
            names={used(names, own)}
            kinds={kindsOf(own)}
            open={route.page === 'partners' || Object.values(chosen).some((code) => code !== '')}
          />
        )}
        <p role="status" class="sub">
          {isCounted && v.t('all.count', { count })}
          {growing && ` · ${growing}`}
        </p>
      </ListPage>
    </div>
  );
}

const hasTag = ({ tags }: Card, tag: string): boolean => tags.some((one) => one.toLowerCase() === tag);

const isFiled = (card: Card, code: string): boolean => code === `kind:${card.kind}` || hasTag(card, code);

/** Only what leads somewhere: codes that some item of the list is filed under. */
const used = (names: readonly FacetNames[], items: readonly Card[]): readonly FacetNames[] => {
  const tags = new Set<string>(items.flatMap((item) => item.tags));
  return names
    .map(({ facet, values }) => ({ facet, values: values.filter(([code]) => tags.has(`${facet}:${code}`)) }))
    .filter(({ values }) => values.length > 0);
};

const kindsOf = (items: readonly Card[]) => READABLE_KINDS.filter((kind) => items.some((item) => item.kind === kind));

const titleOf = (app: App, route: ListScreenProps['route'], library: LibraryView | undefined): string => {
  const { t } = app.context.value;
  if (route.page !== 'tag') return t(route.page === 'partners' ? 'partners.title' : 'all.title');
  const [facet, ...rest] = route.tag.split(':');
  if (facet === 'collection') return library?.collections.find(({ id }) => id === rest[0])?.name ?? t('all.title');
  const values = library?.names.find((one) => one.facet === FACETS.find((name) => name === facet))?.values ?? [];
  return values.find(([code]) => code.toLowerCase() === rest.join(':'))?.[1] ?? t('all.title');
};
