import {
  findSection,
  findSections,
  type Inflate,
  inflateWithin,
  type PackContent,
  SectionType,
} from '../pack/format.ts';
import { type Bodies, readBodies, readDeltas } from '../pack/text.ts';
import type { Platform } from '../platform.ts';
import {
  applyBuckets,
  applyRows,
  type Buckets,
  fromBuckets,
  parseBuckets,
  parseRows,
  type Row,
  shelfHash,
} from '../protocol/catalogue.ts';
import type { PullPorts, ShelfCommit } from './ports.ts';

/** What a pack, whose head and table are verified, changes of a stored shelf. */

/** What has to be stored so that the shelf is the signed one; undefined where the pack does not bring it there. */
export const shelfChange = async (
  { platform, store }: PullPorts,
  shelf: string,
  signedHash: string,
  pack: PackContent,
): Promise<Omit<ShelfCommit, 'baseSeq'> | undefined> => {
  const before = await store.buckets(shelf);
  if ((await store.shelf(shelf)).hash === signedHash) {
    return { shelf, hash: signedHash, buckets: new Map(), put: [], remove: [] };
  }
  const whole = findSections(pack, SectionType.bodies);
  const after = await catalogueAfter(platform, shelf, before, pack, whole.length > 0);
  if (!after || (await shelfHash(platform, after)) !== signedHash) return undefined;

  const have = await store.bodies(shelf);
  const bodies =
    whole.length > 0
      ? await readAll(platform, whole, inflateWithin(mostUnpacked(after), pack.inflate))
      : await readDeltas(
          platform,
          findSection(pack, SectionType.deltas) ?? new Uint8Array(0),
          have,
          longestBody(after),
        );
  return compare(shelf, signedHash, before, after, have, bodies);
};

/** The catalogue that a pack brings, or leads to from the one before; undefined where it brings none. */
const catalogueAfter = async (
  platform: Platform,
  shelf: string,
  before: Buckets,
  pack: PackContent,
  isWhole: boolean,
): Promise<Buckets | undefined> => {
  const rows = findSection(pack, SectionType.rows);
  if (rows) return applyRows(platform, before, parseRows(rows, shelf));
  const section = findSection(pack, SectionType.catalogue);
  if (!section) return undefined;
  const received = parseBuckets(section, shelf);
  // A pack with whole bodies carries the whole catalogue: what it does not name is gone.
  return isWhole ? received : applyBuckets(before, received);
};

const readAll = async (platform: Platform, sections: readonly Uint8Array[], inflate: Inflate): Promise<Bodies> => {
  const bodies = new Map<string, Uint8Array>();
  for (const section of sections)
    for (const [hash, body] of await readBodies(platform, section, inflate)) bodies.set(hash, body);
  return bodies;
};

/** What a frame may ask for at least: the window of a writer that does not know how much will come. */
const WINDOW = 8 << 20;

/** Bytes that the bodies of a signed catalogue unpack to at most: as columns, no JSON is twice as long. */
const mostUnpacked = (buckets: Buckets): number =>
  WINDOW + 2 * fromBuckets(buckets).reduce((sum, { bytes }) => sum + bytes, 0);

const longestBody = (buckets: Buckets): number => Math.max(0, ...fromBuckets(buckets).map(({ bytes }) => bytes));

const compare = (
  shelf: string,
  hash: string,
  before: Buckets,
  after: Buckets,
  have: Bodies,
  received: Bodies,
): Omit<ShelfCommit, 'baseSeq'> | undefined => {
  const put: { row: Row; body: Uint8Array }[] = [];
  const live = new Set<string>();
  for (const row of fromBuckets(after)) {
    if (row.tombstone || row.sha256 === undefined) continue;
    live.add(row.id);
    const body = received.get(row.sha256);
    if (body && !have.has(row.sha256)) put.push({ row, body });
    else if (!have.has(row.sha256)) return undefined;
  }
  // Only what differs: a catalogue of thousands of rows is not written again for one of them.
  const buckets = new Map([...after].filter(([bucket, rows]) => before.get(bucket) !== rows));
  for (const bucket of before.keys()) if (!after.has(bucket)) buckets.set(bucket, []);
  const remove = fromBuckets(before)
    .filter((row) => !live.has(row.id))
    .map((row) => row.id);
  return { shelf, hash, buckets, put, remove };
};
