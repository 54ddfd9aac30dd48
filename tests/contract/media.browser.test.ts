import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BlobState } from '../../src/core/api/worker-api.ts';
import { toBase64Url } from '../../src/core/protocol/bytes.ts';
import type { BlobRef } from '../../src/core/protocol/item.ts';
import type { BlobTransport } from '../../src/core/sync/ports.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { Media } from '../../src/engine/media.ts';
import { watch } from '../../src/engine/views.ts';
import type { LibraryDb } from '../../src/store/library-db.ts';
import type { MediaDb } from '../../src/store/media-db.ts';
import { blobStoreContract } from './blob-store.ts';
import { temporaryLibrary, temporaryMedia } from './databases.ts';
import { bucketsOf, putOf, sampleItem, sampleState } from './samples.ts';

blobStoreContract('MediaDb', async () => {
  const { db, remove } = temporaryMedia();
  return { store: db, close: remove };
});

afterEach(() => {
  vi.restoreAllMocks();
});

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
    media = new Media({ platform, store, transport, library, watch, mayFetch, record });
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

  it('come once they are asked for, and are read as they are', async () => {
    const { until, end } = follow();
    await until({ bytes: 0, whole: false, busy: false, dropped: false });
    expect(await media.read(blob)).toBeUndefined();
    media.fetch(blob, false);
    await until({ bytes: DATA.length, whole: true, busy: false });
    expect(await media.read(blob)).toEqual(DATA);
    end();
  });

  it('go on by themselves after a cut, as long as somebody looks on', async () => {
    cuts = [100, 0, 4_999];
    const { until, states, end } = follow();
    media.fetch(blob, true);
    await until({ whole: true, busy: false });
    expect(requests).toBe(4);
    expect(states.some(({ busy, problem }) => busy && problem === 'no-link')).toBe(true);
    expect(states.at(-1)?.problem).toBeUndefined();
    end();
  });

  it('wait where nobody looks on', async () => {
    cuts = [100, 100, 100];
    media.fetch(blob, true);
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
    media.fetch(blob, false);
    await until({ busy: false, whole: false });
    expect(requests).toBe(0);
    cuts = [100];
    media.fetch(blob, true);
    await until({ whole: true, busy: false });
    expect(recorded).toBe(2);
    end();
  });

  it('that were taken away do not come back by themselves, but when they are asked for', async () => {
    const { until, end } = follow();
    media.fetch(blob, false);
    await until({ whole: true });
    await media.drop([blob.hash]);
    await until({ whole: false, dropped: true, bytes: 0 });
    media.fetch(blob, false);
    await until({ busy: false, whole: false, dropped: true });
    expect(requests).toBe(1);
    media.fetch(blob, true);
    await until({ whole: true, dropped: false });
    end();
  });

  it('that are taken away while they come do not come', async () => {
    const { until, end } = follow();
    meanwhile = () => media.drop([blob.hash]);
    media.fetch(blob, true);
    await until({ busy: false, whole: false, dropped: true, bytes: 0 });
    expect(await store.stored(blob.hash)).toEqual([]);
    end();
  });

  it('for which there is no room say so, and come once there is', async () => {
    const { until, end } = follow();
    const real = IDBObjectStore.prototype.put;
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...rest) {
      if (this.name === 'leaves') throw new DOMException('no room', 'QuotaExceededError');
      return real.apply(this, rest);
    });
    media.fetch(blob, true);
    await until({ busy: false, problem: 'full', whole: false });
    put.mockRestore();
    media.fetch(blob, true);
    await until({ whole: true });
    end();
  });

  it('that are damaged in the store are noticed, and fetched again', async () => {
    const { until, end } = follow();
    media.fetch(blob, false);
    await until({ whole: true });
    await store.saveLeaf(blob.hash, 0, DATA.slice(1));
    expect(await media.read(blob)).toBeUndefined();
    await until({ whole: false, bytes: 0, dropped: false });
    media.fetch(blob, false);
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
    for (const hash of [blob.hash, other.hash]) await store.saveLeaf(hash, 0, DATA);
    await commit({ ...named, row: { ...named.row, blobs: [other.hash] } }, 5);
    await vi.waitFor(async () => expect(await store.hashes()).toEqual([other.hash]), 5_000);
  });

  it('named by what is no name are not asked for', async () => {
    const { until, end } = follow({ ...blob, hash: '../../c/head' });
    media.fetch({ ...blob, hash: '../../c/head' }, true);
    await until({ busy: false, whole: false });
    expect(requests).toBe(0);
    end();
  });
});
