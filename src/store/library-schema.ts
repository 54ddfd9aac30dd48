import type { DBSchema } from 'idb';
import type { GivenUp } from '../core/api/worker-api.ts';
import type { Alerts } from '../core/protocol/alerts.ts';
import { fromUtf8 } from '../core/protocol/bytes.ts';
import type { Card } from '../core/protocol/card.ts';
import type { Row } from '../core/protocol/catalogue.ts';
import { type ItemBody, isReadable } from '../core/protocol/item.ts';
import type { LogEntry, SyncRecord } from '../core/protocol/log.ts';
import type { Policy, TrafficRecord } from '../core/protocol/network.ts';
import type { HubsRecord, LibraryState, ShelfState } from '../core/sync/ports.ts';
import type { Step } from './database.ts';
import { under } from './keys.ts';

/** What the stores of the library's database hold, and how they came to be. */

export interface ShelfRecord extends ShelfState {
  readonly name: string;
  /** Smaller is wanted first; 0: nobody chose it, it stands in for another. */
  readonly order: number;
  /** The `hash` under which the cards were put into groups. Another one: an app that knows no groups has changed the shelf since. */
  readonly groupedAt?: string;
}

export interface BucketRecord {
  readonly shelf: string;
  readonly bucket: number;
  readonly rows: readonly Row[];
}

/** Bodies are kept as their canonical bytes: nothing is serialised again before hashing. */
export interface BodyRecord {
  readonly shelf: string;
  readonly n: number;
  readonly bodies: readonly { readonly id: string; readonly hash: string; readonly body: Uint8Array }[];
}

/** The card of an item; of a form or the centre, one without a picture. */
export interface CardRecord extends Card {
  readonly shelf: string;
  /** The record that holds the body. */
  readonly n: number;
  /** When the library had it, seconds since 1970: with a later publication than the shelf's first. 0: with the first. */
  readonly came: number;
}

/** Cards of a shelf whose ids fall together: one record for each would take most of the time that a library takes to be stored. */
export interface GroupRecord {
  readonly shelf: string;
  readonly group: number;
  readonly cards: readonly CardRecord[];
}

const GROUPS = 64;

/** The group that an item's card is in: FNV-1a of its id. */
export const groupOf = (id: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % GROUPS;
};

/** Cards by their groups. */
export const grouped = (cards: readonly CardRecord[]): ReadonlyMap<number, readonly CardRecord[]> => {
  const groups = new Map<number, CardRecord[]>();
  for (const card of cards) {
    const group = groupOf(card.id);
    const others = groups.get(group);
    if (others) others.push(card);
    else groups.set(group, [card]);
  }
  return groups;
};

/** A piece of a pack that was cut, as it arrived. */
export interface PartRecord {
  readonly shelf: string;
  /** Where in the pack it begins. */
  readonly at: number;
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What this device was told about itself. */
export type SettingRecord =
  | { readonly key: 'policy'; readonly value: Policy }
  | { readonly key: 'gaveUp'; readonly value: GaveUp };

/** What went for lack of room, each with when last (milliseconds since 1970), and whether somebody has read of it. */
export type GaveUp = Readonly<Partial<Record<GivenUp, { readonly at: number; readonly read: boolean }>>>;

export interface Lease {
  readonly until: number;
  readonly by: string;
}

export type MetaRecord =
  | { readonly key: 'library'; readonly value: LibraryState }
  | { readonly key: 'sync'; readonly value: SyncRecord }
  | { readonly key: 'hubs'; readonly value: HubsRecord }
  /** Urgent notices of a shelf as they were signed. */
  | { readonly key: `alerts/${string}`; readonly value: Uint8Array }
  | { readonly key: 'lease'; readonly value: Lease };

export interface LibrarySchema extends DBSchema {
  meta: { key: MetaRecord['key']; value: MetaRecord };
  shelves: { key: string; value: ShelfRecord; indexes: { order: number } };
  catalogue: { key: [shelf: string, bucket: number]; value: BucketRecord; indexes: { shelf: string } };
  records: { key: [shelf: string, n: number]; value: BodyRecord; indexes: { shelf: string } };
  /** One record for each card, as older apps have them. One that is still open in another tab reads them, until the shelf changes. */
  cards: { key: [shelf: string, id: string]; value: CardRecord; indexes: { shelf: string } };
  groups: { key: [shelf: string, group: number]; value: GroupRecord };
  parts: { key: [shelf: string, at: number]; value: PartRecord; indexes: { shelf: string } };
  urgent: { key: string; value: Alerts };
  traffic: { key: string; value: TrafficRecord };
  settings: { key: SettingRecord['key']; value: SettingRecord };
  log: { key: number; value: LogEntry & { readonly id?: number } };
}

/** The index is for what older apps made; ranges of the key do as well. */
const ofShelves = (
  database: Parameters<Step<LibrarySchema>>[0],
  name: 'catalogue' | 'records' | 'cards' | 'parts',
  key: string,
): void => {
  database.createObjectStore(name, { keyPath: ['shelf', key] }).createIndex('shelf', 'shelf');
};

export const LIBRARY_STEPS: readonly Step<LibrarySchema>[] = [
  (database) => {
    database.createObjectStore('meta', { keyPath: 'key' });
    database.createObjectStore('shelves', { keyPath: 'name' }).createIndex('order', 'order');
    ofShelves(database, 'catalogue', 'bucket');
    ofShelves(database, 'records', 'n');
    ofShelves(database, 'cards', 'id');
    database.createObjectStore('log', { keyPath: 'id', autoIncrement: true });
  },
  // Cards tell the language, what the item is filed under, and when it came.
  async (_, transaction) => {
    const cards = transaction.objectStore('cards');
    for (const card of await cards.getAll()) await cards.put({ ...card, lang: card.shelf, tags: [], came: 0 });
  },
  // A pack that was cut goes on where it was.
  (database) => ofShelves(database, 'parts', 'at'),
  // Alerts come before the rest of their pack. The book of what the link carried, and what it may carry, outlive a library.
  (database) => {
    database.createObjectStore('urgent', { keyPath: 'shelf' });
    database.createObjectStore('traffic', { keyPath: 'day' });
    database.createObjectStore('settings', { keyPath: 'key' });
  },
  // Cards are together in groups.
  async (database, transaction) => {
    const groups = database.createObjectStore('groups', { keyPath: ['shelf', 'group'] });
    const shelves = transaction.objectStore('shelves');
    for (const shelf of await shelves.getAll()) {
      const cards = await transaction.objectStore('cards').getAll(under(shelf.name));
      for (const [group, some] of grouped(cards)) await groups.put({ shelf: shelf.name, group, cards: some });
      await shelves.put({ ...shelf, groupedAt: shelf.hash });
    }
  },
];

/** An item of a record, parsed. What was stored before items were filed under something has the fields for it, empty. */
export const itemIn = (record: BodyRecord | undefined, id: string): ItemBody | undefined => {
  const found = record?.bodies.find((body) => body.id === id);
  if (!found) return undefined;
  const item = JSON.parse(fromUtf8(found.body)) as ItemBody;
  return isReadable(item) ? { ...item, tags: item.tags ?? [], related: item.related ?? [] } : item;
};
