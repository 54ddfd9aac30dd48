import { HUBS, packedShelves } from '../../src/core/carry/paths.ts';
import { answersIn, takeReceipts } from '../../src/core/carry/take.ts';
import { type Archive, archiveTransport } from '../../src/core/carry/transport.ts';
import type { Platform } from '../../src/core/platform.ts';
import { parseCanonical } from '../../src/core/protocol/canonical.ts';
import { neededShelves, type ShelfTable } from '../../src/core/protocol/head.ts';
import { takeHubs } from '../../src/core/sync/hub-list.ts';
import { type PullResult, pull } from '../../src/core/sync/pull.ts';
import type { Upstream } from '../config.ts';
import type { AnswerDesk } from '../hub/desk.ts';
import type { Log } from '../log.ts';
import { MirrorMedia } from '../mirror/mirror-media.ts';
import type { MirrorStore } from '../mirror/mirror-store.ts';
import type { MirrorStores } from '../mirror/open-mirror.ts';

/** What came of the answers in an archive. */
export interface AnswersTaken {
  /** Not here before. */
  readonly fresh: number;
  readonly known: number;
  /** Refused: for a centre that this hub neither is nor passes on to, or by that one. */
  readonly refused: number;
  /** Something of them could not be read. */
  readonly isDamaged: boolean;
  /** The first file in the archive of which that is so. */
  readonly damaged?: string;
}

/** Takes the answers of an archive as those of a batch: each by itself, however often it comes. */
export const takeAnswers = async (platform: Platform, archive: Archive, desk: AnswerDesk): Promise<AnswersTaken> => {
  const taken = { fresh: 0, known: 0, refused: 0, isDamaged: false };
  let damaged: string | undefined;
  const onDamage = (path: string): void => {
    taken.isDamaged = true;
    damaged ??= path;
  };
  for await (const envelope of answersIn(platform, archive, onDamage)) {
    // What is asked after, and not here, is new; what was refused is looked at again.
    const asked = await desk.take({ ...envelope, body: new Uint8Array(0) });
    const isWanted = asked.status === 'need' || asked.status === 'rejected';
    const { status } = isWanted ? await desk.take(envelope) : asked;
    if (status === 'rejected') taken.refused++;
    else if (isWanted && status !== 'duplicate') taken.fresh++;
    else taken.known++;
  }
  return { ...taken, ...(damaged !== undefined && { damaged }) };
};

export interface LibraryIn {
  readonly platform: Platform;
  readonly stores: MirrorStores;
  readonly wish: Pick<Upstream, 'shelves' | 'media'>;
  readonly log: Log;
}

/** What an archive has brought of a library. */
export interface LibraryBrought {
  /** Ids of items that are new or changed, by shelf. */
  readonly changed: PullResult['changed'];
  /** Pictures and recordings that came. */
  readonly media: number;
  /** Wanted shelves that are whole with all that stands in for their gaps, and those that are not. */
  readonly whole: readonly string[];
  readonly missing: readonly string[];
}

/** Brings a hub that mirrors up to date from an archive, exactly as from a link. Throws the code of what is wrong with the archive. */
export const takeLibrary = async (
  { platform, stores, wish, log }: LibraryIn,
  archive: Archive,
): Promise<LibraryBrought> => {
  const { store } = stores;
  const here = packedShelves(archive.keys());
  const wishes = store.wishes();
  const wanted = wish.shelves ?? (wishes.length > 0 ? wishes : here);
  // Those that are not in it stay as they are.
  const coming = wanted.filter((name) => here.includes(name));
  if (coming.length === 0) return { changed: {}, media: 0, ...(await wholeAmong(store, wanted)) };
  const transport = archiveTransport(archive);
  const { signal } = new AbortController();
  await store.wantOnly(wanted);
  const { changed } = await pull({ platform, store, transport, shelves: coming }, signal);
  const before = (await store.sync()) ?? { reached: false, needsUpdate: false };
  await store.ended(before, {
    at: platform.now(),
    by: 'carried',
    ok: true,
    sent: 0,
    changed: Object.values(changed).flat().length,
  });
  // A phone's file has none: that says nothing of whether there is one.
  if (archive.has(HUBS)) await takeHubs({ platform, store, transport }, signal);
  const files = new MirrorMedia({
    ...stores,
    platform,
    upstream: wish,
    transport,
    mayFetch: async () => true,
    settle: async () => {},
    log,
  });
  const table = store.state()?.table;
  const names = table ? neededShelves(wanted, parseCanonical(table) as ShelfTable) : [];
  const media = await files.fetch(await files.list('archive', names), signal, signal);
  return { changed, media, ...(await wholeAmong(store, wanted)) };
};

const wholeAmong = async (
  store: MirrorStore,
  wanted: readonly string[],
): Promise<Pick<LibraryBrought, 'whole' | 'missing'>> => {
  const bytes = store.state()?.table;
  const table = bytes ? (parseCanonical(bytes) as ShelfTable) : {};
  const known = wanted.filter((name) => table[name]);
  const here = new Set<string>();
  for (const name of neededShelves(known, table))
    if ((await store.shelf(name)).hash === table[name]?.hash) here.add(name);
  const isWhole = (name: string): boolean => neededShelves([name], table).every((one) => !table[one] || here.has(one));
  return { whole: known.filter(isWhole), missing: known.filter((name) => !isWhole(name)) };
};

/** Settles what waits at a hub in between, and has its receipt in an archive. Returns how many. */
export const takeReceiptsIn = async (
  platform: Platform,
  { store, held }: Pick<MirrorStores, 'store' | 'held'>,
  archive: Archive,
): Promise<number> => {
  const state = store.state();
  return state ? takeReceipts(platform, state, held, archive) : 0;
};
