import type { Card } from '../../src/core/protocol/card.ts';
import { tagPath } from '../../src/view/cards.tsx';
import { CollectionWays, ListPage, Ways } from '../../src/view/list.tsx';
import type { PageMaker, ReadCollection } from './pages.tsx';

/** Items on one page of a list: what fits into the first flight of packets of a slow link, with room to spare. */
const PAGE_LENGTH = 60;

/**
 * Lists of items: all of them, what is filed under each tag, and what is in each collection. Long ones go on from page to page, and end with
 * the ways to the collections, so that hundreds of sheets do not bury what is read most.
 */
export const listPages = (maker: PageMaker): void => {
  const { v, names, cards, collections, everywhere, add } = maker;
  addList(maker, '-/all', v.t('all.title'), cards);
  for (const { id, name, cards: own } of collections)
    addList(maker, tagPath('', `collection:${id}`).slice(2), name, own, true);
  for (const { facet, values } of names) {
    for (const [code, name] of values) {
      const tag = `${facet}:${code}` as const;
      const filed = cards.filter(({ tags }) => tags.includes(tag));
      if (filed.length > 0) addList(maker, tagPath('', tag).slice(2), name, filed);
    }
  }
  const ways = waysOf(collections);
  add({
    path: '-/partners',
    title: v.t('partners.title'),
    description: v.t('partners.title'),
    alternates: everywhere('-/partners'),
    from: [names, cards.map(({ tags }) => tags), ways],
    body: () => (
      <div class="home">
        <h1>{v.t('partners.title')}</h1>
        <Ways v={v} names={names} items={cards} />
        {collections.length > 0 && <CollectionWays v={v} collections={ways} />}
      </div>
    ),
  });
};

const waysOf = (collections: readonly ReadCollection[]) =>
  collections.map(({ id, name, cards }) => ({ id, name, items: cards.length }));

const addList = (
  { v, lang, collections, everywhere, add }: PageMaker,
  path: string,
  title: string,
  cards: readonly Card[],
  isCollection = false,
): void => {
  const count = Math.max(1, Math.ceil(cards.length / PAGE_LENGTH));
  const pageAt = (n: number): string | undefined =>
    n < 1 || n > count ? undefined : `/${lang}/${n === 1 ? path : `${path}.${n}`}`;
  for (let n = 1; n <= count; n++) {
    const own = n === 1 ? path : `${path}.${n}`;
    const items = cards.slice((n - 1) * PAGE_LENGTH, n * PAGE_LENGTH);
    const pages = { before: pageAt(n - 1), after: pageAt(n + 1) };
    const more = isCollection ? [] : waysOf(collections);
    add({
      path: own,
      title: n === 1 ? title : `${title} (${v.formatters.number(n)})`,
      description: title,
      alternates: n === 1 ? everywhere(path) : [],
      from: [items, pages, more],
      body: () => (
        <ListPage
          v={v}
          title={title}
          items={items}
          pages={pages}
          end={more.length > 0 && <CollectionWays v={v} collections={more} />}
        />
      ),
    });
  }
};
