import { beforeEach, describe, expect, it } from 'vitest';
import type { RelaisError } from '../../../../src/core/errors.ts';
import { alongOf } from '../../../../src/core/pack/along.ts';
import { MAX_PACK } from '../../../../src/core/pack/format.ts';
import { concat } from '../../../../src/core/protocol/bytes.ts';
import { alongside } from '../../../../src/core/sync/along.ts';
import type { Fetched, Reading, Transport } from '../../../../src/core/sync/ports.ts';
import { type PullResult, pull } from '../../../../src/core/sync/pull.ts';
import { MemoryLibrary } from '../../../../src/store/memory-library.ts';
import {
  contentsOf,
  contentsOfRelease,
  edited,
  FakeTransport,
  never,
  openBox,
  type Release,
  seededPlatform,
  type TestBox,
  testCase,
  testForm,
  tinyLibrary,
} from '../../../support/fixtures.ts';

/** News of several languages in one request; from a real hub: `tests/contract/along.node.test.ts`. */

const platform = seededPlatform('along');

/** A hub that adds what it is asked for behind the first pack, or `adds`. */
class Hub extends FakeTransport {
  adds: readonly string[] | undefined;
  isHostOfFiles = false;

  override async get(path: string, limit: number, signal: AbortSignal, reading: Reading = {}): Promise<Fetched> {
    const [file = '', also] = path.split('?also=');
    const first = this.files.get(file);
    if (first && also !== undefined) this.files.set(path, await this.#together(file, first, also.split(',')));
    return super.get(path, limit, signal, reading);
  }

  async #together(file: string, first: Uint8Array, also: readonly string[]): Promise<Uint8Array> {
    if (this.isHostOfFiles) return first;
    const others = (this.adds ?? also).flatMap((shelf) => {
      const pack = this.files.get(file.replace(/[^/]+\.pack$/, `${shelf}.pack`));
      return pack ? [[shelf, pack] as const] : [];
    });
    return concat([first, await alongOf(platform, first, others)]);
  }
}

const LANGUAGES = ['fr', 'en', 'ar'];
const all = [...tinyLibrary(), testCase('pump', 'ar'), testForm('ar')];
const everywhere = LANGUAGES.map((lang) => testCase('pump', lang, 'eau'));
const FR = '/c/from/1/fr.pack';
const EN = '/c/from/1/en.pack';
const AR = '/c/from/1/ar.pack';
const FR_AND_ALL = `${FR}?also=en,ar`;

let box: TestBox;
let next: Release;
let store: MemoryLibrary;
let hub: Hub;
/** The link of one sync. */
let news: Transport;

const openNews = (): void => {
  news = alongside({ platform, store, transport: hub });
};
const sync = (): Promise<PullResult> => {
  openNews();
  return pull({ platform, store, transport: news }, never);
};
/** Requests since the last call. */
const asked = (): string[] => hub.requests.splice(0);
const packOf = (path: string): Uint8Array<ArrayBuffer> => Uint8Array.from(hub.files.get(path) as Uint8Array);

type Part = readonly [at: number, length: number, last: boolean];
/** What comes of a file, and the parts in which whoever looks on is told of it. */
const get = async (path: string, from = 0): Promise<{ fetched: Fetched; parts: Part[]; told: Uint8Array }> => {
  const parts: Part[] = [];
  const bytes: Uint8Array[] = [];
  const fetched = await news.get(path, MAX_PACK, never, {
    from,
    onPart: async (at, part, last) => {
      parts.push([at, part.length, last]);
      bytes.push(part);
    },
  });
  return { fetched, parts, told: concat(bytes) };
};
const whole = (path: string): Fetched => ({ found: true, bytes: packOf(path), whole: true });

beforeEach(async () => {
  box = await openBox();
  const first = await box.publish(all, { languages: LANGUAGES });
  hub = new Hub(await box.tree(first));
  store = new MemoryLibrary();
  for (const lang of LANGUAGES.toReversed()) await store.want(lang);
  await sync();
  next = await box.publish(edited(all, everywhere), { languages: LANGUAGES });
  hub.files = await box.tree(next, [first]);
  asked();
  openNews();
});

describe('the news of several languages', () => {
  it('take one request, and each language is whole after it', async () => {
    const { changed } = await sync();
    expect(asked()).toEqual([FR_AND_ALL]);
    expect(changed).toEqual({ fr: ['pump'], en: ['pump'], ar: ['pump'] });
    for (const lang of LANGUAGES) expect(await contentsOf(store, lang)).toEqual(await contentsOfRelease(next, lang));
  });

  it('come as the tree has them, and each is given out once: later news may be others', async () => {
    expect((await get(FR)).fetched).toEqual(whole(FR));
    const en = await get(EN);
    expect(en.fetched).toEqual(whole(EN));
    expect(en.told).toEqual(packOf(EN));
    expect(en.parts).toEqual([[0, packOf(EN).length, true]]);
    expect(asked()).toEqual([FR_AND_ALL]);
    await get(EN);
    // Arabic is still here.
    expect(asked()).toEqual([`${EN}?also=fr`]);
    expect((await get(AR)).fetched).toEqual(whole(AR));
    expect(asked()).toEqual([]);
  });

  it('come to one who does not look on', async () => {
    for (const path of [FR, EN, AR]) expect(await news.get(path, MAX_PACK, never)).toEqual(whole(path));
    expect(asked()).toEqual([FR_AND_ALL]);
  });

  it('are not asked for again while they are here', async () => {
    await get(FR);
    await get(FR);
    expect(asked()).toEqual([FR_AND_ALL, FR]);
  });

  it('from a host of files are those of the first language; the others follow', async () => {
    hub.isHostOfFiles = true;
    await sync();
    expect(asked()).toEqual([FR_AND_ALL, `${EN}?also=ar`, AR]);
    for (const lang of LANGUAGES) expect((await store.shelf(lang)).baseSeq).toBe(2);
  });

  it('that nobody asked for are not taken', async () => {
    await store.dropPart('ar');
    store.data = { ...store.data, wanted: ['fr', 'en'] };
    hub.adds = ['en', 'ar'];
    await get(FR);
    expect(asked()).toEqual([`${FR}?also=en`]);
    await get(AR);
    expect(asked()).toEqual([`${AR}?also=fr`]);
  });

  it('that are not there are not found', async () => {
    hub.missing(FR_AND_ALL);
    expect((await get(FR)).fetched).toEqual({ found: false });
    await get(EN);
    expect(asked()).toEqual([FR_AND_ALL, `${EN}?also=fr,ar`]);
  });
});

describe('other languages are asked for with the first', () => {
  it('where they stand in for its gaps as well', async () => {
    store.data = { ...store.data, wanted: ['ar'] };
    await get(AR);
    expect(asked()).toEqual([`${AR}?also=fr`]);
  });

  it('only where they are wanted, and here as they were in the same publication', async () => {
    await store.advance(['en'], 2);
    await get(FR);
    expect(asked()).toEqual([`${FR}?also=ar`]);
    store.data = { ...store.data, wanted: ['fr'] };
    openNews();
    await get(FR);
    expect(asked()).toEqual([FR]);
  });

  it('not where their own was cut: that is gone on with', async () => {
    await store.savePart('en', '/c/from/1-2/en.pack', 0, packOf(EN).subarray(0, 600));
    await get(FR);
    expect(asked()).toEqual([`${FR}?also=ar`]);
  });

  it('of any publication, and in no other request', async () => {
    await store.advance(LANGUAGES, 12);
    await get('/c/from/12/fr.pack');
    expect(asked()).toEqual(['/c/from/12/fr.pack?also=en,ar']);
    await store.advance(LANGUAGES, 1);
    const others = [
      '/c/head',
      '/c/full/fr.pack',
      '/c/from/1-2/fr.pack',
      `${FR}.sig`,
      `/mirror${FR}`,
      '/c/from/x/fr.pack',
    ];
    for (const path of others) await get(path);
    expect(asked()).toEqual(others);
  });

  it('not by a device that has let go of its library meanwhile', async () => {
    await store.forget();
    await get(FR);
    expect(asked()).toEqual([FR]);
  });

  it('not where the rest of one is asked for', async () => {
    const rest = await get(FR, 100);
    expect(rest.fetched).toEqual({ found: true, bytes: packOf(FR).subarray(100), whole: true, at: 100 });
    expect(asked()).toEqual([`${FR} from 100`]);
    await get(FR);
    asked();
    // Here as a whole, and asked for from its middle on: whoever asks has the beginning of another try.
    expect((await get(EN, 100)).fetched).toMatchObject({ bytes: packOf(EN).subarray(100), at: 100 });
    expect(asked()).toEqual([`${EN} from 100`]);
  });
});

describe('whoever looks on at the first pack', () => {
  it('is told of its bytes and no others, in whatever parts they come', async () => {
    const first = packOf(FR);
    for (const piece of [1, 7, 100, first.length - 1, first.length, first.length + 1]) {
      hub.piece = piece;
      openNews();
      const { told, parts } = await get(FR);
      expect(told, `${piece}`).toEqual(first);
      expect(parts.map(([at]) => at)).toEqual(parts.map((_, n) => n * piece));
      expect(parts.every(([, length]) => length > 0)).toBe(true);
      const end = packOf(FR_AND_ALL).length;
      expect(parts.map(([, , last]) => last)).toEqual(parts.map(([at]) => at + piece >= end));
    }
  });

  it('is told of the last part where nothing is to come behind it', async () => {
    const { length } = packOf(FR);
    hub.piece = 10_000;
    expect((await get(FR)).parts).toEqual([[0, length, true]]);
    hub.isHostOfFiles = true;
    openNews();
    hub.piece = length - 10;
    expect((await get(FR)).parts).toEqual([
      [0, length - 10, false],
      [length - 10, 10, true],
    ]);
  });
});

describe('a reply that was cut', () => {
  it('anywhere is gone on with, and every language is whole then', async () => {
    const before = store.data;
    await sync();
    const after = store.data;
    const { length } = packOf(FR_AND_ALL);
    for (let at = 0; at < length; at += 41) {
      store.data = before;
      hub.cut(FR_AND_ALL, at);
      // A cut between two of them is none: the next one is asked for.
      await sync().catch((error: RelaisError) => expect(error.code, `${at} bytes`).toBe('no-link'));
      hub.heal();
      await sync();
      expect(store.data.shelves, `${at} bytes`).toEqual(after.shelves);
    }
  });

  it('in the first pack has the beginning of that one, and no other', async () => {
    const first = packOf(FR);
    for (const at of [0, 3, first.length - 1, first.length]) {
      openNews();
      hub.cut(FR_AND_ALL, at);
      const { fetched, told } = await get(FR);
      // At its end nobody can know that it is the end.
      expect(fetched, `${at}`).toEqual({ found: true, bytes: first.subarray(0, at), whole: false });
      expect(told).toEqual(first.subarray(0, at));
      asked();
      await get(EN);
      expect(asked()).toEqual([`${EN}?also=fr,ar`]);
    }
  });

  it('behind the first pack has that one whole, and the beginning of the next', async () => {
    await get(FR);
    const { length } = packOf(FR_AND_ALL);
    openNews();
    hub.cut(FR_AND_ALL, length - 20);
    expect((await get(FR)).fetched).toEqual(whole(FR));
    expect((await get(EN)).fetched).toEqual(whole(EN));
    const ar = await get(AR);
    const came = packOf(AR).length - 20;
    expect(ar.fetched).toEqual({ found: true, bytes: packOf(AR).subarray(0, came), whole: false });
    expect(ar.parts).toEqual([[0, came, false]]);
  });
});
