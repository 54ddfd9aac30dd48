import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Platform } from '../../src/core/platform.ts';
import { type SignedAlerts, verifyAlerts } from '../../src/core/protocol/alerts.ts';
import { fromUtf8, toBase64Url } from '../../src/core/protocol/bytes.ts';
import { canonicalBytes, parseCanonical } from '../../src/core/protocol/canonical.ts';
import { isOver } from '../../src/core/protocol/card.ts';
import { neededShelves, type ShelfTable, type SignedHead, verifyTable } from '../../src/core/protocol/head.ts';
import type { ItemBody } from '../../src/core/protocol/item.ts';
import { collectionOf } from '../../src/core/protocol/shelf.ts';
import { urgentOf } from '../publish/alerts.ts';
import { buildId } from '../publish/build-id.ts';
import { CacheFolder } from '../publish/cache.ts';
import type { PublishedItem, Shelf } from '../publish/catalogue.ts';
import { History } from '../publish/history.ts';
import { withLock } from '../publish/lock.ts';
import { type AppFiles, readAppFiles } from '../publish/site.ts';
import { currentTree } from '../publish/tree.ts';
import { readSite, styleHash, type TreeInput, writeTree } from '../publish/write-tree.ts';
import type { MirrorStore } from './mirror-store.ts';

/** From what a hub has mirrored to the tree that it serves: packs of its own making, with head, roots and table as they were signed. */
export interface MirrorTreeInput {
  readonly platform: Platform;
  readonly dataDir: string;
  readonly appDir: string;
  readonly store: MirrorStore;
  /** Wanted shelves, the first of them the language of whoever asks for none. */
  readonly wanted: readonly string[];
  /** The signed list of delegated hubs. */
  readonly hubs: Uint8Array | undefined;
  /** Other shelves that stay: they are on their way. */
  readonly keep?: readonly string[];
  /** What writes the files of the tree: see `TreeInput`. */
  readonly writer?: TreeInput['writer'];
}

/**
 * Writes the tree, if all wanted shelves are here as the newest head vouches for them: a publication is seen whole or not at all. Returns the
 * sequence that is served then; undefined where one of them has not come.
 */
export const writeMirrorTree = (input: MirrorTreeInput): Promise<number | undefined> =>
  withLock(input.dataDir, () => writeLocked(input));

const writeLocked = async ({
  platform,
  dataDir,
  appDir,
  store,
  wanted,
  hubs,
  keep = [],
  writer,
}: MirrorTreeInput): Promise<number | undefined> => {
  const state = store.state();
  if (!state?.head || !state.table || !state.signed) return undefined;
  const { head, table, signed } = state;
  // The table that is here is that of the publication before, where the link was cut behind a newer head.
  if (toBase64Url(await platform.sha256(table)) !== head.table) return undefined;
  const shelfTable = await verifyTable(platform, head, table);
  const names = neededShelves(
    wanted.filter((name) => shelfTable[name]),
    shelfTable,
  );
  // A library without any language would be served as an empty one.
  if (names.length === 0) return undefined;
  const shelves = await wholeShelves(store, names, shelfTable);
  if (!shelves) return undefined;
  await store.keepOnly([...names, ...keep]);

  const app = readAppFiles(appDir);
  const today = new Date(platform.now()).toISOString().slice(0, 10);
  const inputs = inputsOf({ seq: head.seq, table: head.table, names, app, hubs, shelves, today });
  if (existsSync(currentTree(dataDir)) && readSite(dataDir).inputs === inputs) return head.seq;

  const history = new History(dataDir);
  for (const { items } of shelves.values())
    for (const { row, body } of items) {
      history.putBody(row.sha256 ?? '', body);
      // Each is written through to the disk, and others are served meanwhile.
      await new Promise(setImmediate);
    }
  const rows = Object.fromEntries([...shelves].map(([name, shelf]) => [name, shelf.rows]));
  history.record({ seq: head.seq, root: head.root, table: head.table, shelfTable, shelves: rows });
  const alerts = new Map<string, SignedAlerts>();
  for (const [name, shelf] of shelves) {
    const urgent = await alertsFor(platform, store, name, shelf);
    if (urgent) alerts.set(name, urgent);
  }
  const languages = names.filter((name) => collectionOf(name) === undefined);
  const cache = new CacheFolder(dataDir, 'sections');
  await writeTree({
    home: dataDir,
    app,
    packs: {
      head: parseCanonical(signed.head) as SignedHead,
      roots: signed.roots,
      table,
      history,
      alerts,
      ...(buildId && { cache: { folder: cache, build: buildId } }),
    },
    shelves,
    blobs: undefined,
    languages,
    centre: Object.fromEntries(languages.map((name) => [name, centreName(shelves.get(name))])),
    hubs,
    sheets: undefined,
    today,
    inputs,
    isStatic: false,
    ...(writer && { writer }),
  });
  cache.prune();
  return head.seq;
};

/** The shelves as they are stored; undefined where one of them is not the one that the table names. */
const wholeShelves = async (
  store: MirrorStore,
  names: readonly string[],
  table: ShelfTable,
): Promise<ReadonlyMap<string, Shelf> | undefined> => {
  const known = names.filter((name) => table[name]);
  for (const name of known) if ((await store.shelf(name)).hash !== table[name]?.hash) return undefined;
  const shelves = new Map<string, Shelf>();
  for (const name of known) shelves.set(name, await shelfOf(store, name));
  return shelves.size > 0 ? shelves : undefined;
};

const shelfOf = async (store: MirrorStore, name: string): Promise<Shelf> => {
  const rows = [...(await store.buckets(name)).values()].flat();
  const bodies = await store.bodies(name);
  const items = rows.flatMap((row): PublishedItem[] => {
    const body = row.sha256 === undefined ? undefined : bodies.get(row.sha256);
    return body ? [{ row, body, item: JSON.parse(fromUtf8(body)) as ItemBody }] : [];
  });
  return { rows, items };
};

const centreName = (shelf: Shelf | undefined): string =>
  shelf?.items.find(({ item }) => item.kind === 'centre')?.item.title ?? '';

/** The urgent notices that came with a shelf, if they are the publisher's and still the ones that are on it. */
const alertsFor = async (
  platform: Platform,
  store: MirrorStore,
  name: string,
  shelf: Shelf,
): Promise<SignedAlerts | undefined> => {
  const bytes = await store.signedAlerts(name);
  const state = store.state();
  if (!bytes || !state?.head) return undefined;
  const known = await verifyAlerts(platform, state.root, state.head, name, bytes).catch(() => undefined);
  const now = Math.floor(platform.now() / 1000);
  const onIt = canonicalBytes(urgentOf(shelf, now) as never);
  const isSame = known && Buffer.from(canonicalBytes(known.items as never)).equals(onIt);
  return isSame ? (parseCanonical(bytes) as SignedAlerts) : undefined;
};

interface Inputs {
  readonly seq: number;
  readonly table: string;
  readonly names: readonly string[];
  readonly app: AppFiles;
  readonly hubs: Uint8Array | undefined;
  readonly shelves: ReadonlyMap<string, Shelf>;
  readonly today: string;
}

const inputsOf = ({ hubs, shelves, today, ...rest }: Inputs): string => {
  const items = [...shelves.values()].flatMap((shelf) => shelf.items.map(({ item }) => item));
  const over = items.flatMap((item) => (item.kind === 'bulletin' && isOver(item, today) ? item.id : []));
  const list = hubs && Buffer.from(hubs).toString('base64');
  return createHash('sha256')
    .update(JSON.stringify([buildId, rest, styleHash, over, list ?? '']))
    .digest('hex');
};
