import type { Block, Inline, LibraryItem, SheetValue } from '../protocol/item.ts';
import { collectionOf } from '../protocol/shelf.ts';
import type { SearchDocument, WeightedText } from './batch.ts';

/** The words of a run of text, as they are read. */
const words = (run: readonly Inline[]): string =>
  run.map((part) => (typeof part === 'string' ? part : 'c' in part ? words(part.c) : '')).join('');

const text = (value: string | undefined): WeightedText[] => (value ? [{ text: value, weight: 0 }] : []);
const standingOut = (value: string): WeightedText => ({ text: value, weight: 2 });

/** What of a block is read: one text each that stands alone on the page. An unknown block of a newer library has none. */
const ofBlock = (block: Block): WeightedText[] => {
  switch (block.t) {
    case 'h':
      return [standingOut(words(block.c))];
    case 'p':
      return text(words(block.c));
    case 'ul':
    case 'ol':
      return block.c.flatMap((entry) => text(words(entry)));
    case 'table':
      return [block.head, ...block.rows].flatMap((row) => text(row.map(words).join(' · ')));
    case 'note':
      return block.c.flatMap(ofBlock);
    case 'formula':
      return block.lines.flatMap(text);
    case 'figure':
      return [block.alt, words(block.c)].flatMap(text);
    case 'register':
      return [block.title, block.columns.join(' · '), ...block.example.map((row) => row.join(' · '))].flatMap(text);
    default:
      return [];
  }
};

const ofValue = (value: SheetValue): WeightedText[] => {
  switch (value.t) {
    case 'text':
      return text(value.v);
    case 'list':
      return value.v.flatMap(text);
    case 'codes':
      return value.v.flatMap(({ code, title }) => text(`${code} ${title}`));
    case 'money':
      return text(`${value.amount} ${value.currency}`);
    case 'period':
      return text(`${value.from} – ${value.to}`);
    default:
      return [];
  }
};

/** What only items of some kinds have. */
const ofKind = (item: LibraryItem): WeightedText[] => {
  switch (item.kind) {
    case 'sheet':
      return item.fields.flatMap(({ label, value, note }) => [...text(label), ...ofValue(value), ...text(note)]);
    case 'guide':
      return [item.who, item.time, ...(item.tools ?? [])].flatMap(text);
    case 'bulletin':
      return [standingOut(item.area)];
    case 'story':
      return [standingOut(item.community)];
    case 'reference':
      return (item.terms ?? []).flatMap(({ term, says }) => [standingOut(term), ...text(says)]);
    default:
      return [];
  }
};

/** All that is read on an item's page, in its order; the title first. */
export const textsOf = (item: LibraryItem): readonly WeightedText[] => [
  { text: item.title, weight: 3 },
  standingOut(item.summary),
  standingOut(item.place),
  ...ofKind(item),
  ...item.body.flatMap(ofBlock),
  ...item.sources.flatMap(({ title, by, note }) => [title, by, note].flatMap(text)),
];

/** What filters ask for: `kind:{kind}` and tags, in small letters. */
export const codesOf = ({ kind, tags }: LibraryItem): readonly string[] => [
  `kind:${kind}`,
  ...tags.map((tag) => tag.toLowerCase()),
];

const inCollection = (shelf: string): readonly string[] => {
  const collection = collectionOf(shelf);
  return collection === undefined ? [] : [`collection:${collection}`];
};

/** Name of an item's text in the index: `fr/akashganga`. */
export const keyOf = (shelf: string, id: string): string => `${shelf}/${id}`;

/** An item as the index takes it; `hash` is of its bytes. */
export const documentOf = (shelf: string, hash: string, item: LibraryItem): SearchDocument => ({
  key: keyOf(shelf, item.id),
  hash,
  texts: textsOf(item),
  codes: [...codesOf(item), ...inCollection(shelf)],
});
