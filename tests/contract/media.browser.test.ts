import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BlobState } from '../../src/core/api/worker-api.ts';
import { toBase64Url } from '../../src/core/protocol/bytes.ts';
import type { BlobRef } from '../../src/core/protocol/item.ts';
import type { BlobTransport } from '../../src/core/sync/ports.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { Media, type MediaPorts } from '../../src/engine/media.ts';
import { watch } from '../../src/engine/views.ts';
import { cacheOf, dropOldest } from '../../src/store/leaf-cache.ts';
import type { LibraryDb } from '../../src/store/library-db.ts';
import type { MediaDb } from '../../src/store/media-db.ts';
import { blobStoreContract } from './blob-store.ts';
import { temporaryLibrary, temporaryMedia } from './databases.ts';
import { bucketsOf, putOf, sampleItem, sampleState } from './samples.ts';

blobStoreContract('MediaDb', async () => {
  const { db, remove } = temporaryMedia();
  return { store: db.into('pictures'), close: remove };
});

afterEach(() => {
  vi.restoreAllMocks();
});

const PLACES = ['recordings', 'pictures', 'kept'] as const;
const DATA = Uint8Array.from({ length: 5_000 }, (_, i) => i % 251);

describe('pictures and recordings on a device', () => {
  let library: LibraryDb;
  let store: MediaDb;
  let media: Media;
  let blob: BlobRef;
  let ends: (() => Promise<void>)[];
  /** Bytes after which the link is cut; none: it is not. */
  let cuts: number[];
  let requests: number;
  /** What the person set about the link. */
  let allowed: boolean;
  let recorded: number;
  let ports: MediaPorts;
  /** Things that may still make room. */
  let loose: number;
  /** Told between the bytes that come and the next ones. */
  let meanwhile: () => Promise<void>;

  const transport: BlobTransport = {
    get: async () => ({ found: false }),
    async read(_path, from, to, take) {
      requests++;
      const cut = cuts.shift();
      await take(from, DATA.slice(from, from + 100));
      await meanwhile();
      await take(from + 100, DATA.slice(from + 100, cut ?? to));
      return true;
    },
  };

  beforeEach(async () => {
    const shelves = temporaryLibrary();
    const blobs = temporaryMedia();
    library = shelves.db;
    store = blobs.db;
    ends = [shelves.remove, blobs.remove];
    cuts = [];
    requests = 0;
    meanwhile = async () => {};
    allowed = true;
    recorded = 0;
    blob = { hash: toBase64Url(await webPlatform.sha256(DATA)), bytes: DATA.length, type: 'image/webp' };
    // Hours of waiting pass at once.
    const platform = { ...webPlatform, after: (_ms: number, fn: () => void) => webPlatform.after(0, fn) };
    const mayFetch = async () => allowed;
    const record = async () => void recorded++;
    loose = 0;
    const makeRoom = async () => loose-- > 0;
    ports = { platform, store, transport, library, watch, mayFetch, record, makeRoom };
    media = new Media(ports);
  });
  afterEach(async () => {
    for (const end of ends) await end();
  });

  /** Follows a blob; `until` waits for a state of it. */
  const follow = (of = blob) => {
    const states: BlobState[] = [];
    const end = media.watch(of, (state) => states.push(state));
    return {
      states,
      end,
      until: (want: Partial<BlobState>) => vi.waitFor(() => expect(states.at(-1)).toMatchObject(want), 5_000),
    };
  };

  /** No cache takes anything, as long as that holds. */
  const fullDisk = (isFull: () => boolean, name = 'QuotaExceededError') => {
    const real = Cache.prototype.put;
    return vi.spyOn(Cache.prototype, 'put').mockImplementation(async function (this: Cache, ...rest) {
      if (isFull()) throw new DOMException('no room', name);
      return real.apply(this, rest);
    });
  };

  /** Leaves in each cache. */
  const places = async (): Promise<Record<string, number>> => {
    const counts = PLACES.map(async (place) => [place, (await (await caches.open(cacheOf(place))).keys()).length]);
    return Object.fromEntries(await Promise.all(counts));
  };

  it('come once they are asked for, and are read as they are', async () => {
    const { until, end } = follow();
    await until({ bytes: 0, whole: false, busy: false, dropped: false });
    expect(await media.read(blob)).toBeUndefined();
    media.fetch(blob, 'seen');
    await until({ bytes: DATA.length, whole: true, busy: false });
    expect(await media.read(blob)).toEqual(DATA);
    end();
  });

  it('go on by themselves after a cut, as long as somebody looks on', async () => {
    cuts = [100, 0, 4_999];
    const { until, states, end } = follow();
    media.fetch(blob, 'asked');
    await until({ whole: true, busy: false });
    expect(requests).toBe(4);
    expect(states.some(({ busy, problem }) => busy && problem === 'no-link')).toBe(true);
    expect(states.at(-1)?.problem).toBeUndefined();
    end();
  });

  it('wait where nobody looks on', async () => {
    cuts = [100, 100, 100];
    media.fetch(blob, 'asked');
    // The try is over: what it cost is in the book.
    await vi.waitFor(() => expect(recorded).toBe(1), 5_000);
    // Whoever comes back sees where it stands, and that nothing is under way.
    const { until, states, end } = follow();
    await until({ busy: false, whole: false, problem: 'no-link' });
    expect(states.every(({ busy }) => !busy)).toBe(true);
    expect(requests).toBe(1);
    end();
  });

  it('that nobody tapped for wait where the link is not for them; what came is in the book', async () => {
    allowed = false;
    const { until, end } = follow();
    media.fetch(blob, 'seen');
    await until({ busy: false, whole: false });
    expect(requests).toBe(0);
    cuts = [100];
    media.fetch(blob, 'asked');
    await until({ whole: true, busy: false });
    expect(recorded).toBe(2);
    end();
  });

  it('that were taken away do not come back by themselves, but when they are asked for', async () => {
    const { until, end } = follow();
    media.fetch(blob, 'seen');
    await until({ whole: true });
    await media.drop([blob.hash]);
    await until({ whole: false, dropped: true, bytes: 0 });
    media.fetch(blob, 'seen');
    await until({ busy: false, whole: false, dropped: true });
    expect(requests).toBe(1);
    media.fetch(blob, 'asked');
    await until({ whole: true, dropped: false });
    end();
  });

  it('that are taken away while they come do not come', async () => {
    const { until, end } = follow();
    meanwhile = () => media.drop([blob.hash]);
    media.fetch(blob, 'asked');
    await until({ busy: false, whole: false, dropped: true, bytes: 0 });
    expect(await store.leaves(blob.hash)).toEqual([]);
    end();
  });

  it('for which there is no room say so, and come once there is', async () => {
    const { until, end } = follow();
    const put = fullDisk(() => true);
    media.fetch(blob, 'asked');
    await until({ busy: false, problem: 'full', whole: false });
    put.mockRestore();
    media.fetch(blob, 'asked');
    await until({ whole: true });
    end();
  });

  it('that were seen may go, and those that are kept here stay: what is here already is not fetched twice', async () => {
    const { until, end } = follow();
    media.fetch(blob, 'seen');
    await until({ whole: true, kept: false });
    expect(await places()).toEqual({ recordings: 0, pictures: 1, kept: 0 });
    media.fetch(blob, 'kept');
    await until({ whole: true, kept: true, busy: false });
    expect(await places()).toEqual({ recordings: 0, pictures: 0, kept: 1 });
    expect(requests).toBe(1);
    expect(await media.read(blob)).toEqual(DATA);
    // Seen again, they stay kept.
    media.fetch(blob, 'seen');
    await until({ kept: true, busy: false });
    await media.drop([blob.hash]);
    await until({ whole: false, kept: false, dropped: true });
    end();
  });

  it('go on where they were once somebody keeps them while they come', async () => {
    const { until, end } = follow();
    meanwhile = async () => media.fetch(blob, 'kept');
    media.fetch(blob, 'seen');
    await until({ whole: true, kept: true, busy: false });
    expect(requests).toBe(1);
    meanwhile = async () => {};
    await media.drop([blob.hash]);
    // Cut in the middle of a leaf, and kept then.
    cuts = [4_000];
    media.fetch(blob, 'asked');
    media.fetch(blob, 'kept');
    await until({ whole: true, kept: true, busy: false });
    expect(await media.read(blob)).toEqual(DATA);
    end();
  });

  it('heard are apart from those seen', async () => {
    const sound = { ...blob, type: 'audio/ogg' } as const;
    const { until, end } = follow(sound);
    media.fetch(sound, 'asked');
    await until({ whole: true });
    expect(await places()).toEqual({ recordings: 1, pictures: 0, kept: 0 });
    await media.drop([sound.hash]);
    await until({ whole: false });
    expect(await places()).toEqual({ recordings: 0, pictures: 0, kept: 0 });
    end();
  });

  it('make room for one that somebody taps for, never for one that is only seen', async () => {
    const { until, end } = follow();
    const put = fullDisk(() => loose > 0);
    loose = 2;
    media.fetch(blob, 'seen');
    await until({ busy: false, problem: 'full' });
    expect(loose).toBe(2);
    media.fetch(blob, 'kept');
    await until({ whole: true, kept: true });
    expect(loose).toBe(0);
    put.mockRestore();
    end();
  });

  it('are given up where room was made for them and they do not fit all the same', async () => {
    const { until, end } = follow();
    const put = fullDisk(() => true);
    loose = 1_000;
    media.fetch(blob, 'asked');
    await until({ busy: false, problem: 'full' });
    expect([requests, loose]).toEqual([4, 997]);
    put.mockRestore();
    end();
  });

  it('come from a hub on the Wi-Fi where one has them, for which room is made as for any', async () => {
    let asked = 0;
    const near: BlobTransport = {
      ...transport,
      read: (path, from, to, take, signal) => {
        asked++;
        requests--;
        return transport.read(path, from, to, take, signal);
      },
    };
    media = new Media({ ...ports, near: async () => near });
    const { until, end } = follow();
    const put = fullDisk(() => loose > 0);
    loose = 2;
    // Not even where nothing may be spent.
    allowed = false;
    media.fetch(blob, 'kept');
    await until({ whole: true, kept: true });
    expect([loose, requests, asked]).toEqual([0, 0, 3]);
    put.mockRestore();
    end();
  });

  it('come the usual way where the hub on the Wi-Fi has them not, if that may be used', async () => {
    const near: BlobTransport = { ...transport, read: async () => false };
    media = new Media({ ...ports, near: async () => near });
    const { until, end } = follow();
    allowed = false;
    media.fetch(blob, 'seen');
    await until({ busy: false, whole: false });
    expect(requests).toBe(0);
    allowed = true;
    media.fetch(blob, 'seen');
    await until({ whole: true });
    expect(requests).toBe(1);
    end();
  });

  it('that another page takes away while they come are not asked for again', async () => {
    const { until, end } = follow();
    meanwhile = () => store.refuse(blob.hash);
    media.fetch(blob, 'asked');
    await until({ busy: false, whole: false, dropped: true });
    expect(requests).toBe(1);
    expect(await places()).toEqual({ recordings: 0, pictures: 0, kept: 0 });
    end();
  });

  it('that cannot be stored for another reason say so, and are not asked for again and again', async () => {
    const { until, end } = follow();
    const put = fullDisk(() => true, 'SecurityError');
    media.fetch(blob, 'asked');
    await until({ busy: false, problem: 'storage' });
    expect(requests).toBe(1);
    put.mockRestore();
    end();
  });

  it('are kept on a full device too, and are there all the same where that fails', async () => {
    const { until, end } = follow();
    media.fetch(blob, 'seen');
    await until({ whole: true, kept: false });
    let tries = 0;
    // The first write of a move fails, what puts it back does not.
    const put = fullDisk(() => ++tries === 1);
    await expect(store.keep(blob.hash)).rejects.toThrow('no room');
    expect([await places(), await media.read(blob)]).toEqual([{ recordings: 0, pictures: 1, kept: 0 }, DATA]);
    await until({ whole: true, kept: false });
    put.mockRestore();
    await store.keep(blob.hash);
    await until({ whole: true, kept: true });
    end();
  });

  it('of which a leaf is where it may go are not kept yet', async () => {
    const long = { ...blob, bytes: 2 * 16_384, leaves: 'C'.repeat(43) };
    const { until, end } = follow(long);
    for (const n of [0, 1]) await store.into('pictures').saveLeaf(long.hash, n, DATA);
    await until({ whole: true, kept: false });
    await store.keep(long.hash);
    await until({ whole: true, kept: true });
    // What a page that began before that still stores is kept, too.
    await store.into('pictures').saveLeaf(long.hash, 1, DATA);
    expect(await places()).toEqual({ recordings: 0, pictures: 0, kept: 2 });
    end();
  });

  it('come for a tap that meets one that has to wait', async () => {
    const { until, end } = follow();
    allowed = false;
    media.fetch(blob, 'seen');
    media.fetch(blob, 'kept');
    await until({ whole: true, kept: true, busy: false });
    end();
  });

  it('whose bytes the browser threw away are missed, and come again', async () => {
    const { until, end } = follow();
    media.fetch(blob, 'seen');
    await until({ whole: true });
    await caches.delete(cacheOf('pictures'));
    // Missed when they are read.
    expect(await media.read(blob)).toBeUndefined();
    await until({ whole: false, bytes: 0, dropped: false });
    media.fetch(blob, 'asked');
    await until({ whole: true });
    end();
  });

  it('of one place go for lack of room, those that came first before the others', async () => {
    const pictures = store.into('pictures');
    const hashOf = (i: number): string => `${i}`.padStart(43, 'A');
    for (let i = 0; i < 501; i++) await pictures.saveLeaf(hashOf(i), 3, Uint8Array.of(i % 256));
    const told: unknown[] = [];
    const drop = (place: 'pictures' | 'recordings') =>
      dropOldest(place, async (leaves) => {
        // Their bytes are still there.
        if (leaves.length > 0) expect((await places())[place]).toBeGreaterThanOrEqual(leaves.length);
        told.push(leaves);
      });
    expect(await drop('pictures')).toBe(true);
    expect(told.pop()).toEqual(Array.from({ length: 500 }, (_, i) => [hashOf(i), 3]));
    expect(await places()).toEqual({ recordings: 0, pictures: 1, kept: 0 });
    expect(await drop('pictures')).toBe(true);
    expect(told.pop()).toEqual([[hashOf(500), 3]]);
    expect([await drop('pictures'), await drop('recordings')]).toEqual([false, false]);
  });

  it('that are damaged in the store are noticed, and fetched again', async () => {
    const { until, end } = follow();
    media.fetch(blob, 'seen');
    await until({ whole: true });
    await store.into('pictures').saveLeaf(blob.hash, 0, DATA.slice(1));
    expect(await media.read(blob)).toBeUndefined();
    await until({ whole: false, bytes: 0, dropped: false });
    media.fetch(blob, 'seen');
    await until({ whole: true });
    expect(await media.read(blob)).toEqual(DATA);
    end();
  });

  it('go with the item that named them', async () => {
    const other = { ...blob, hash: 'B'.repeat(43) };
    const put = await putOf(await sampleItem('pump', 1, 'fr'));
    const named = { ...put, row: { ...put.row, blobs: [blob.hash, other.hash] } };
    const commit = async (one: typeof put, baseSeq: number) =>
      library.commitShelf({
        shelf: 'fr',
        baseSeq,
        hash: `${baseSeq}`,
        buckets: await bucketsOf([one]),
        put: [one],
        remove: [],
      });
    await library.saveLibrary(sampleState(4));
    await commit(named, 4);
    for (const hash of [blob.hash, other.hash]) await store.into('pictures').saveLeaf(hash, 0, DATA);
    await commit({ ...named, row: { ...named.row, blobs: [other.hash] } }, 5);
    await vi.waitFor(async () => expect(await store.hashes()).toEqual([other.hash]), 5_000);
  });

  it('named by what is no name are not asked for', async () => {
    const { until, end } = follow({ ...blob, hash: '../../c/head' });
    media.fetch({ ...blob, hash: '../../c/head' }, 'asked');
    await until({ busy: false, whole: false });
    expect(requests).toBe(0);
    end();
  });
});
