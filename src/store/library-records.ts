import type { GivenUp } from '../core/api/worker-api.ts';
import type { Card } from '../core/protocol/card.ts';
import type { Row } from '../core/protocol/catalogue.ts';
import type { SyncRecord } from '../core/protocol/log.ts';
import type { Policy } from '../core/protocol/network.ts';
import type { LibraryState, ShelfState } from '../core/sync/ports.ts';

/** What the tables of the library's database hold. */

export interface ShelfRecord extends ShelfState {
  readonly name: string;
  /** Smaller is wanted first; 0: nobody chose it, it stands in for another. */
  readonly order: number;
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
  | { readonly key: 'lease'; readonly value: Lease };
