import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RelaisError } from '../../src/core/errors.ts';
import { toBase64Url } from '../../src/core/protocol/bytes.ts';
import type { BlobRef, CaseItem, PictureFile } from '../../src/core/protocol/item.ts';
import { blobPath } from '../../src/core/protocol/media.ts';
import type { Ahead, AheadView } from '../../src/core/protocol/network.ts';
import type { BlobTransport } from '../../src/core/sync/ports.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { Media } from '../../src/engine/media.ts';
import { MediaAhead } from '../../src/engine/media-ahead.ts';
import { watch } from '../../src/engine/views.ts';
import type { LibraryDb } from '../../src/store/library-db.ts';
import type { MediaDb } from '../../src/store/media-db.ts';
import { temporaryLibrary, temporaryMedia } from './databases.ts';
import { bucketsOf, putOf, sampleItem, sampleState } from './samples.ts';

/** Pictures and recordings that come before anybody looks at them. */

const FIT = { width: 320, density: 1, avif: false };

let library: LibraryDb;
let store: MediaDb;
let media: Media;
let ahead: MediaAhead;
let ends: (() => Promise<void> | void)[];
/** What the tree has, by path. */
let files: Map<string, Uint8Array>;
/** Paths that were read, in order. */
let read: string[];
let allowed: boolean;
let room: number;
/** Told before the bytes of a file come. */
let meanwhile: () => Promise<void>;
let isUp: boolean;
/** How often something else had to go. */
let rooms: number;
let view: AheadView | undefined;
/** Two pictures, each in a small and a large file, and a recording. */
let small: PictureFile[];
let voice: BlobRef & { readonly type: 'audio/ogg' };

const transport: BlobTransport = {
  get: async () => ({ found: false }),
  async read(path, from, to, take, signal) {
    if (!isUp) throw new RelaisError('no-link');
    const bytes = files.get(path);
    if (!bytes) return false;
    read.push(path);
    await meanwhile();
    if (signal.aborted) throw new RelaisError('no-link', { why: 'aborted' });
    await take(from, bytes.slice(from, to));
    return true;
  },
};

const fileOf = async <T extends BlobRef['type']>(
  seed: number,
  length: number,
  type: T,
): Promise<BlobRef & { readonly type: T }> => {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * seed) % 251);
  const hash = toBase64Url(await webPlatform.sha256(bytes));
  files.set(blobPath(hash), bytes);
  return { hash, bytes: length, type };
};

beforeEach(async () => {
  const shelves = temporaryLibrary();
  const blobs = temporaryMedia();
  library = shelves.db;
  store = blobs.db;
  ends = [shelves.remove, blobs.remove];
  files = new Map();
  read = [];
  allowed = true;
  isUp = true;
  room = Number.POSITIVE_INFINITY;
  meanwhile = async () => {};
  view = undefined;
  small = [];
  const body: CaseItem['body'][number][] = [];
  for (const seed of [1, 2]) {
    const few = { ...(await fileOf(seed, 1_000 * seed, 'image/webp')), width: 320, height: 240 } as PictureFile;
    const many = { ...(await fileOf(seed + 10, 9_000, 'image/webp')), width: 640, height: 480 } as PictureFile;
    small.push(few);
    body.push({ t: 'figure', alt: 'Une vache', c: [], preview: '', files: [few, many] });
  }
  voice = await fileOf(3, 7_000, 'audio/ogg');
  const item: CaseItem = {
    ...sampleItem('milk'),
    body,
    recording: { file: voice, seconds: 9, by: 'Relais', voice: 'synthetic' },
  };
  const put = await putOf(item);
  const hashes = [...body.flatMap((block) => (block.t === 'figure' ? block.files : [])), voice].map(({ hash }) => hash);
  const named = { ...put, row: { ...put.row, blobs: hashes } };
  await library.saveLibrary(sampleState(4));
  const buckets = await bucketsOf([named]);
  await library.commitShelf({ shelf: 'fr', baseSeq: 4, hash: '4', buckets, put: [named], remove: [] });
  const { platform, mayFetch } = { platform: webPlatform, mayFetch: async () => allowed };
  rooms = 0;
  const makeRoom = async () => {
    rooms++;
    return false;
  };
  media = new Media({ platform, store, transport, library, watch, mayFetch, record: async () => {}, makeRoom });
  ahead = new MediaAhead({
    platform,
    library,
    store,
    media,
    mayFetch,
    room: async () => room,
    locks: navigator.locks,
    watch,
  });
  ends.unshift(
    ahead.watch(FIT, (now) => {
      view = now;
    }),
  );
});
afterEach(async () => {
  ahead.hold();
  for (const end of ends) await end();
});

const want = (wish: Ahead | undefined): Promise<void> => library.setPolicy({ ahead: wish });
const until = (wanted: object): Promise<void> =>
  vi.waitFor(() => expect(view).toMatchObject(wanted), { timeout: 5_000 });
/** Nothing is under way, and nothing comes. */
const atRest = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 100));
  await until({ busy: false });
};
const pathsOf = (...list: readonly BlobRef[]): string[] => list.map(({ hash }) => blobPath(hash));

it('says what there is, and what is missing', async () => {
  await until({
    pictures: { have: 0, all: 2, missing: 3_000 },
    recordings: { have: 0, all: 1, missing: 7_000 },
    stored: 0,
    busy: false,
    full: false,
  });
});

it('brings nothing that nobody asked for', async () => {
  ahead.begin();
  await atRest();
  expect(read).toEqual([]);
});

it('brings the file of each picture for this screen, and keeps it', async () => {
  await want({ pictures: FIT });
  ahead.begin();
  await until({ pictures: { have: 2, missing: 0 }, recordings: { have: 0 }, busy: false });
  expect(read).toEqual(pathsOf(...small));
  for (const { hash } of small) expect(await store.look(hash)).toMatchObject({ leaves: 1, kept: true });
});

it('brings recordings, after the pictures', async () => {
  await want({ pictures: FIT, recordings: true });
  ahead.begin();
  await until({ pictures: { have: 2 }, recordings: { have: 1 }, busy: false });
  expect(read).toEqual(pathsOf(...small, voice));
});

it('keeps what was only seen, without asking for it again', async () => {
  media.fetch(small[0] as BlobRef, 'seen');
  await until({ pictures: { have: 1 } });
  await want({ pictures: FIT });
  ahead.begin();
  await until({ pictures: { have: 2 }, busy: false });
  await vi.waitFor(async () => expect((await store.look(small[0]?.hash ?? '')).kept).toBe(true));
  expect(read).toEqual(pathsOf(...small));
});

it('does not bring back what the person took away', async () => {
  await store.refuse(small[0]?.hash ?? '');
  await want({ pictures: FIT });
  ahead.begin();
  // It is none of those that are to come either.
  await until({ pictures: { have: 1, all: 1, missing: 0 }, busy: false });
  await atRest();
  expect(read).toEqual(pathsOf(small[1] as BlobRef));
});

it('waits where the link may not be used, and leaves room for answers', async () => {
  allowed = false;
  await want({ pictures: FIT });
  ahead.begin();
  await atRest();
  expect(read).toEqual([]);
  allowed = true;
  room = 20_000_500;
  ahead.begin();
  await until({ full: true, busy: false });
  expect(read).toEqual([]);
  room = 20_010_000;
  ahead.begin();
  await until({ full: false, pictures: { have: 2 } });
});

it('stops for a sync, and goes on after it', async () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  meanwhile = async () => {
    begin();
    await held;
  };
  await want({ pictures: FIT });
  ahead.begin();
  await begun;
  await until({ busy: true });
  ahead.hold();
  meanwhile = async () => {};
  release();
  await until({ busy: false });
  expect(view?.pictures.have).toBe(0);
  expect(read).toHaveLength(1);
  ahead.begin();
  await until({ pictures: { have: 2 } });
});

/** Holds what is under way back until `release`. */
const heldUp = () => {
  const begun = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  meanwhile = async () => {
    begun.resolve();
    await held.promise;
  };
  const release = (): void => {
    meanwhile = async () => {};
    held.resolve();
  };
  return { begun: begun.promise, release };
};

it.each([
  ['a pause', { paused: true }],
  ['saving', { saving: true }],
  ['another wish', { ahead: undefined }],
] as const)('ends at %s that is set in another page, also while its picture is looked at', async (_, change) => {
  const { begun, release } = heldUp();
  ends.unshift(media.watch(small[0] as BlobRef, () => {}));
  await want({ pictures: FIT });
  ahead.begin();
  await begun;
  await library.setPolicy(change);
  await new Promise((resolve) => setTimeout(resolve, 100));
  release();
  await atRest();
  expect(view?.pictures.have).toBe(0);
  expect(read).toHaveLength(1);
});

it('goes on with what a person asked for meanwhile', async () => {
  const { begun, release } = heldUp();
  await want({ pictures: FIT });
  ahead.begin();
  await begun;
  media.fetch(small[0] as BlobRef, 'asked');
  ahead.hold();
  release();
  await until({ pictures: { have: 1 }, busy: false });
});

it('lets nothing else go for it on a full device', async () => {
  vi.spyOn(Cache.prototype, 'put').mockRejectedValue(new DOMException('no room', 'QuotaExceededError'));
  await want({ pictures: FIT });
  ahead.begin();
  await until({ full: true, busy: false });
  expect(rooms).toBe(0);
  vi.restoreAllMocks();
});

it('ends with the link, and goes on once it is told', async () => {
  isUp = false;
  await want({ pictures: FIT });
  ahead.begin();
  await atRest();
  isUp = true;
  await atRest();
  expect(read).toEqual([]);
  ahead.begin();
  await until({ pictures: { have: 2 } });
});

it('passes over what the tree has not, or has damaged', async () => {
  files.delete(blobPath(small[0]?.hash ?? ''));
  files.set(blobPath(small[1]?.hash ?? ''), new Uint8Array(2_000));
  await want({ pictures: FIT, recordings: true });
  ahead.begin();
  await until({ pictures: { have: 0 }, recordings: { have: 1 }, busy: false });
});

it('takes all of it away at once', async () => {
  await want({ pictures: FIT, recordings: true });
  ahead.begin();
  await until({ pictures: { have: 2 }, recordings: { have: 1 }, busy: false });
  await want(undefined);
  await media.clear();
  await until({ pictures: { have: 0, missing: 3_000 }, recordings: { have: 0 }, stored: 0 });
  expect(await store.hashes()).toEqual([]);
  // One that is looked at comes again.
  media.fetch(small[0] as BlobRef, 'seen');
  await until({ pictures: { have: 1 } });
});
