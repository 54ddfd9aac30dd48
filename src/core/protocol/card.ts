import { type BulletinItem, type ItemKind, type LibraryItem, NEEDS, type Tag } from './item.ts';

/** What lists show of an item, so that no text is read for them. */
export interface Card {
  readonly id: string;
  readonly kind: ItemKind;
  /** Language of the text: another than the page's where it stands in. */
  readonly lang: string;
  readonly title: string;
  readonly place: string;
  /** Name of a drawing in the icon sprite. */
  readonly picture: string;
  /** Smaller comes first. */
  readonly order: number;
  readonly tags: readonly Tag[];
  /** Written at this centre. */
  readonly local?: true;
  /** Of a notice: how urgent, and the last ISO day on which it holds. */
  readonly urgency?: BulletinItem['urgency'];
  readonly until?: string;
}

export const cardOf = (item: LibraryItem): Card => {
  const { id, kind, lang, title, place, picture, order, tags, local } = item;
  const common = { id, kind, lang, title, place, picture, order, tags, ...(local && { local }) };
  return item.kind === 'bulletin' ? { ...common, urgency: item.urgency, until: item.until } : common;
};

/** Whether a notice no longer holds on an ISO day. */
export const isOver = ({ until }: { readonly until?: string }, today: string): boolean =>
  until !== undefined && until < today;

/** The notices that hold, most urgent first. */
export const noticesOf = (cards: readonly Card[], today: string): readonly Card[] =>
  cards
    .filter((card) => card.kind === 'bulletin' && !isOver(card, today))
    .sort((a, b) => (a.urgency ?? 3) - (b.urgency ?? 3) || a.order - b.order);

/** More than this is not read. */
const MOST_RELATED = 4;

/**
 * What somebody with the same problem reads next: what the item itself names, then what answers most of the same needs. For many items of one
 * library: a set of needs is looked up once.
 */
export const relater = (cards: readonly Card[], today: string): ((item: LibraryItem) => readonly Card[]) => {
  const byId = new Map(cards.map((card) => [card.id, card]));
  const alike = new Map<string, readonly Card[]>();
  const alikeTo = (needs: readonly Tag[]): readonly Card[] => {
    const wanted = new Set(needs);
    const shared = ({ tags }: Card): number => tags.filter((tag) => wanted.has(tag)).length;
    return cards
      .filter((card) => card.kind !== 'bulletin' && !isOver(card, today) && shared(card) > 0)
      .sort((a, b) => shared(b) - shared(a) || a.order - b.order);
  };
  return ({ id, tags, related }) => {
    const needs = tags.filter((tag) => tag.startsWith('need:'));
    const key = needs.join();
    const others = alike.get(key) ?? alikeTo(needs);
    alike.set(key, others);
    const named = related.flatMap((other) => byId.get(other) ?? []).filter((card) => !isOver(card, today));
    // The item itself and those that it names may be among the first.
    const candidates = [...named, ...others.slice(0, MOST_RELATED + related.length + 1)];
    return [...new Set(candidates)].filter((card) => card.id !== id).slice(0, MOST_RELATED);
  };
};

/** The same for one item. */
export const relatedTo = (item: LibraryItem, cards: readonly Card[], today: string): readonly Card[] =>
  relater(cards, today)(item);

/** The needs that some item answers, in the order of the home page. */
export const needsOf = (cards: readonly Card[]): readonly (typeof NEEDS)[number][] => {
  const answered = new Set(cards.flatMap(({ tags }) => tags));
  return NEEDS.filter((need) => answered.has(`need:${need}`));
};
