import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Draft } from '../../src/core/api/worker-api.ts';
import { RelaisError } from '../../src/core/errors.ts';
import { open as openSealed } from '../../src/core/protocol/age.ts';
import { parseLetter } from '../../src/core/protocol/envelope.ts';
import { isNumber } from '../../src/core/protocol/ids.ts';
import type { BulletinItem } from '../../src/core/protocol/item.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import type { Fetched, Transport } from '../../src/core/sync/ports.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { Engine } from '../../src/engine/engine.ts';
import { itemView, libraryView } from '../../src/engine/views.ts';
import type { AnswersDb } from '../../src/store/answers-db.ts';
import type { LibraryDb } from '../../src/store/library-db.ts';
import { removeDatabase, temporaryAnswers, temporaryLibrary } from './databases.ts';
import { bucketsOf, HandPlatform, openSmallBox, putOf, type SmallBox, sampleForm, sampleItem } from './samples.ts';

/** The engine in the browser that it is for, on real databases and a link in memory. */

const never = new AbortController().signal;
const noLink = () => {
  throw new RelaisError('no-link', { what: 'cut' });
};

class Link implements Transport {
  readonly requests: string[] = [];
  files = new Map<string, Uint8Array>();
  onGet: (path: string) => void = () => {};
  onBatch: (batch: Uint8Array) => Promise<unknown> = noLink;
  async get(path: string): Promise<Fetched> {
    this.requests.push(path);
    this.onGet(path);
    const bytes = this.files.get(path);
    return bytes ? { found: true, bytes, whole: true } : { found: false };
  }
  async postBatch(batch: Uint8Array): Promise<unknown> {
    this.requests.push('/o/batch');
    return this.onBatch(batch);
  }
}

let box: SmallBox;
let library: LibraryDb;
let answers: AnswersDb;
let removes: (() => Promise<void>)[];
let link: Link;
let hand: HandPlatform;
let engine: Engine;
let meter: Meter;

beforeEach(async () => {
  box ??= await openSmallBox();
  const [one, two] = [temporaryLibrary(), temporaryAnswers()];
  [library, answers] = [one.db, two.db];
  removes = [one.remove, two.remove];
  link = new Link();
  link.files.set('/c/full/fr.pack', await box.pack(1, [sampleItem('pump'), sampleForm()]));
  link.files.set('/c/from/1/fr.pack', await box.pack(1, [sampleItem('pump'), sampleForm()]));
  link.onBatch = (batch) => box.reply(batch);
  hand = new HandPlatform();
  meter = new Meter(() => hand.time, false);
  engine = new Engine({
    platform: hand.platform,
    library,
    answers,
    transport: link,
    meter,
    sacrifices: [],
    forgetMedia: async () => {},
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const remove of removes) await remove();
});

const draft = (token: string, said: Readonly<Record<string, string>> = { helped: 'yes' }): Draft => ({
  token,
  form: 'short',
  version: 1,
  item: 'pump',
  lang: 'fr',
  answers: said,
});

/** A device that knows the centre and its form. */
const acquainted = async (): Promise<void> => {
  const put = [await putOf(sampleForm())];
  await library.saveLibrary({ root: box.root, identity: 'pinned', head: undefined, table: undefined });
  await library.commitShelf({ shelf: 'fr', baseSeq: 1, hash: 'x', buckets: await bucketsOf(put), put, remove: [] });
  await answers.open();
};

/** Does something with each read-write transaction on the answers, from now on. */
const onWrite = (what: (transaction: IDBTransaction) => void): void => {
  const real = IDBDatabase.prototype.transaction;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...rest) {
    const transaction = real.apply(this, rest);
    if (rest[1] === 'readwrite' && this.name === answers.name) what(transaction);
    return transaction;
  });
};

describe('finish', () => {
  it('says "kept" only after the transaction has completed', async () => {
    const events: string[] = [];
    onWrite((transaction) => {
      events.push('begun');
      transaction.addEventListener('complete', () => events.push('complete'));
    });
    await acquainted();
    const finished = await engine.finish(draft('one'));
    events.push('said');
    expect(events).toEqual(['begun', 'complete', 'said']);
    expect(finished).toMatchObject({ kept: true });
    expect(finished.kept && isNumber(finished.number)).toBe(true);
  });

  it('keeps what was said, sealed: the centre opens it, and nobody else', async () => {
    await acquainted();
    await engine.finish(draft('one', { helped: ' yes ', words: 'Le puits 🐪' }));
    const [answer] = await answers.all('answers');
    const body = answer?.body as Uint8Array;
    expect(parseLetter(await openSealed(webPlatform, box.seal, body))).toEqual({
      v: PROTOCOL_VERSION,
      form: 'short',
      version: 1,
      item: 'pump',
      lang: 'fr',
      answers: { helped: 'yes', words: 'Le puits 🐪' },
      at: hand.time / 1000,
    });
    expect(JSON.stringify(await answers.all('answers'))).not.toContain('puits');
  });

  it('keeps an answer once, however often the same draft is finished', async () => {
    await acquainted();
    const numbers = await Promise.all([1, 2, 3].map(() => engine.finish(draft('one'))));
    expect(new Set(numbers.map((finished) => finished.kept && finished.number)).size).toBe(1);
    await engine.finish(draft('two'));
    expect((await answers.all('answers')).map(({ header }) => header.n).sort()).toEqual([1, 2]);
  });

  it.each([
    ['nothing', {}, ['required', 'empty']],
    ['no such choice', { helped: 'maybe' }, ['choice']],
    ['too much', { helped: 'yes', words: 'x'.repeat(21) }, ['too-long']],
    ['an unknown question', { helped: 'yes', name: 'Amina' }, ['unknown']],
  ])('keeps nothing of %s, and says why', async (_, said, why) => {
    await acquainted();
    const finished = await engine.finish(draft('one', said as Record<string, string>));
    expect(finished).toMatchObject({ kept: false, problems: why.map((one) => ({ why: one })) });
    expect(await answers.all('answers')).toHaveLength(0);
  });

  it('has nobody to seal to before the library came', async () => {
    expect(await engine.finish(draft('one'))).toEqual({ kept: false, code: 'no-link' });
    expect(await answers.all('answers')).toHaveLength(0);
  });

  it('keeps no answer to a form that it cannot check', async () => {
    await acquainted();
    for (const form of ['long', 'pump']) {
      expect(await engine.finish({ ...draft('one'), form })).toEqual({ kept: false, code: 'no-link' });
    }
    expect(await answers.all('answers')).toHaveLength(0);
  });

  it('says so where the library cannot be read', async () => {
    await acquainted();
    vi.spyOn(library, 'item').mockRejectedValue(new DOMException('gone', 'UnknownError'));
    expect(await engine.finish(draft('one'))).toEqual({ kept: false, code: 'storage' });
  });

  it('seals half an emoji as the sign for it, instead of failing', async () => {
    await acquainted();
    expect(await engine.finish(draft('one', { helped: 'yes', words: 'oui \ud83d' }))).toMatchObject({ kept: true });
  });

  it('gives up what can be fetched again, one after the other, until there is room', async () => {
    await acquainted();
    const gone: string[] = [];
    const real = IDBObjectStore.prototype.put;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...rest) {
      if (this.name === 'meta' && gone.length < 2) throw new DOMException('no room', 'QuotaExceededError');
      return real.apply(this, rest);
    });
    const all = ['search', 'recordings', 'pictures', 'kept'] as const;
    const left: string[] = all.filter((what) => what !== 'recordings');
    const sacrifices = all.map((what) => ({
      what,
      free: async () => {
        if (!left.includes(what)) return false;
        left.splice(left.indexOf(what), 1);
        gone.push(what);
        return true;
      },
    }));
    engine = new Engine({
      platform: hand.platform,
      library,
      answers,
      transport: link,
      meter,
      sacrifices,
      forgetMedia: async () => {},
    });
    expect(await engine.finish(draft('one'))).toMatchObject({ kept: true });
    expect(gone).toEqual(['search', 'pictures']);
  });

  it('says "full" where the disk is, and keeps nothing', async () => {
    await acquainted();
    await engine.finish(draft('one'));
    const real = IDBObjectStore.prototype.put;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...rest) {
      if (this.name === 'meta') throw new DOMException('no room', 'QuotaExceededError');
      return real.apply(this, rest);
    });
    expect(await engine.finish(draft('two'))).toEqual({ kept: false, code: 'full' });
    vi.restoreAllMocks();
    expect(await answers.all('answers')).toHaveLength(1);
    await engine.finish(draft('two'));
    expect((await answers.all('answers')).map(({ header }) => header.n).sort()).toEqual([1, 2]);
  });

  it('does not say "kept" where the transaction is aborted after its last write', async () => {
    await acquainted();
    const real = IDBObjectStore.prototype.put;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...rest) {
      const request = real.apply(this, rest);
      if (this.name === 'meta') request.addEventListener('success', () => this.transaction.abort());
      return request;
    });
    expect(await engine.finish(draft('one'))).toEqual({ kept: false, code: 'storage' });
    vi.restoreAllMocks();
    expect(await answers.all('answers')).toHaveLength(0);
    expect(await engine.finish(draft('one'))).toMatchObject({ kept: true });
  });

  it('tries once more where the browser lost its database', async () => {
    await acquainted();
    const lost = vi.spyOn(answers, 'freeze').mockRejectedValueOnce(new DOMException('gone', 'UnknownError'));
    expect(await engine.finish(draft('one'))).toMatchObject({ kept: true });
    expect(lost).toHaveBeenCalledTimes(2);
    lost.mockRejectedValue(new DOMException('gone', 'UnknownError'));
    expect(await engine.finish(draft('two'))).toEqual({ kept: false, code: 'storage' });
    expect(lost).toHaveBeenCalledTimes(4);
  });
});

describe('sync', () => {
  const sync = (signal = never) => engine.sync('page', signal);
  const log = async () =>
    (await library.lastSyncs()).map(({ ok, code, sent, changed }) => ({ ok, code, sent, changed }));
  const states = async () => (await answers.all('answers')).map(({ state }) => state);

  it('brings the library on a first visit', async () => {
    await library.want('fr');
    await sync();
    expect(link.requests).toEqual(['/c/full/fr.pack']);
    expect(await library.item('fr', 'pump')).toEqual(sampleItem('pump'));
    expect(await log()).toEqual([{ ok: true, code: undefined, sent: 0, changed: 2 }]);
    expect(await library.sync()).toEqual({ reached: true, needsUpdate: false });
  });

  it('sends answers before it asks for news, and lets none go without its receipt', async () => {
    await library.want('fr');
    await sync();
    await engine.finish(draft('one'));
    hand.time += 60_000;
    link.requests.length = 0;
    await sync();
    expect(link.requests).toEqual(['/o/batch', '/c/from/1/fr.pack']);
    const [answer] = await answers.all('answers');
    expect(answer).toMatchObject({ state: 'centre', receipt: { signed: { id: answer?.id } } });
    expect(answer?.body).toBeUndefined();
    expect((await log())[0]).toEqual({ ok: true, code: undefined, sent: 1, changed: 0 });
  });

  it('where nobody takes answers it offers none, and brings the news all the same', async () => {
    engine = new Engine({
      platform: hand.platform,
      library,
      answers,
      transport: link,
      meter,
      sacrifices: [],
      forgetMedia: async () => {},
      noHub: true,
    });
    await library.want('fr');
    await sync();
    expect(await engine.finish(draft('one'))).toMatchObject({ kept: true });
    await sync();
    expect(link.requests).toEqual(['/c/full/fr.pack', '/c/from/1/fr.pack']);
    expect(await states()).toEqual(['kept']);
    expect((await log()).map(({ ok }) => ok)).toEqual([true, true]);
    expect(await library.sync()).toEqual({ reached: true, needsUpdate: false });
  });

  it('does not ask again for news of the last minute', async () => {
    await library.want('fr');
    await sync();
    await engine.finish(draft('one'));
    hand.time += 59_999;
    link.requests.length = 0;
    await sync();
    expect(link.requests).toEqual(['/o/batch']);
    expect(await states()).toEqual(['centre']);
    expect((await log())[0]).toEqual({ ok: true, code: undefined, sent: 1, changed: 0 });
  });

  it('keeps the receipt of an answer where the news then fails, and says that the link did', async () => {
    await library.want('fr');
    await sync();
    await engine.finish(draft('one'));
    hand.time += 60_000;
    link.onGet = noLink;
    await expect(sync()).rejects.toMatchObject({ code: 'no-link' });
    expect(await states()).toEqual(['centre']);
    expect((await log())[0]).toEqual({ ok: false, code: 'cut', sent: 1, changed: 0 });
    expect(await library.sync()).toEqual({ reached: false, needsUpdate: false });
  });

  it('keeps every answer where the link is down', async () => {
    await acquainted();
    await engine.finish(draft('one'));
    link.onBatch = noLink;
    await expect(sync()).rejects.toMatchObject({ code: 'no-link' });
    expect(await states()).toEqual(['kept']);
    expect(await answers.unsent(Object.keys(box.root.hub.keys), 1 << 30)).toHaveLength(1);
  });

  it.each([
    ['fails', new RelaisError('no-link', { status: 500 }), { reached: true, needsUpdate: false }],
    ['is busy', new RelaisError('busy', { status: 429 }), { reached: true, needsUpdate: false }],
  ])('brings the news where the centre %s at taking answers, and tries those again', async (_, error, record) => {
    await library.want('fr');
    await sync();
    await engine.finish(draft('one'));
    link.files.set('/c/from/1/fr.pack', await box.pack(2, [sampleItem('pump', 2), sampleForm()]));
    link.onBatch = () => Promise.reject(error);
    await expect(sync()).rejects.toBe(error);
    expect(await library.item('fr', 'pump')).toEqual(sampleItem('pump', 2));
    expect(await library.sync()).toEqual(record);
    expect((await log())[0]).toEqual({ ok: false, code: error.code, sent: 0, changed: 1 });
    expect(await states()).toEqual(['kept']);
  });

  it('asks for the news, and offers again, where the receipts are by a key that it has not heard of', async () => {
    await library.want('fr');
    await sync();
    await engine.finish(draft('one'));
    hand.time += 60_000;
    const stranger = await openSmallBox();
    let offered = 0;
    link.onBatch = (batch) => (++offered === 1 ? stranger : box).reply(batch);
    link.requests.length = 0;
    await sync();
    expect(link.requests).toEqual(['/o/batch', '/c/from/1/fr.pack', '/o/batch']);
    expect(await states()).toEqual(['centre']);
    await engine.finish(draft('two'));
    link.onBatch = (batch) => stranger.reply(batch);
    await expect(sync()).rejects.toMatchObject({ code: 'no-link' });
    expect((await states()).sort()).toEqual(['centre', 'kept']);
  });

  it('says what the answers cost where there is no news either', async () => {
    await library.want('fr');
    await sync();
    await engine.finish(draft('one'));
    const refused = new RelaisError('busy', { status: 503, retryAfter: 600, bytes: 67_000 });
    link.onBatch = () => Promise.reject(refused);
    link.onGet = noLink;
    await expect(sync()).rejects.toBe(refused);
  });

  it('tells a damaged library from a link that is down', async () => {
    await library.want('fr');
    const pack = Uint8Array.from(link.files.get('/c/full/fr.pack') as Uint8Array);
    pack[pack.length - 1] = (pack.at(-1) as number) ^ 1;
    link.files.set('/c/full/fr.pack', pack);
    await expect(sync()).rejects.toMatchObject({ code: 'tampered' });
    expect(await library.sync()).toEqual({ reached: true, needsUpdate: false, problem: 'tampered' });
    expect(await library.item('fr', 'pump')).toBeUndefined();
  });

  it('does nothing but say so where another page syncs', async () => {
    await library.want('fr');
    await navigator.locks.request('relais-sync', async () => {
      await expect(sync()).rejects.toMatchObject({ code: 'busy' });
      expect(link.requests).toEqual([]);
      expect(await log()).toEqual([]);
    });
    await sync();
    expect(link.requests).toEqual(['/c/full/fr.pack']);
  });

  it('ends where it is stopped', async () => {
    await library.want('fr');
    await expect(sync(AbortSignal.abort())).rejects.toThrow();
    expect(link.requests).toEqual([]);
  });
});

describe('open', () => {
  it('gives this device one id', async () => {
    const id = await engine.open(5_000);
    expect(id).toMatch(/^[\w-]{22}$/);
    expect(await engine.open(5_000)).toBe(id);
    await acquainted();
    await engine.finish(draft('one'));
    expect((await answers.all('answers'))[0]?.header.dev).toBe(id);
  });

  /** A page of an older build, which does not let go of its database. */
  const holdUp = (name: string): Promise<IDBDatabase> =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  it.each(['library', 'answers'] as const)('says what holds it up where an old page keeps the %s', async (which) => {
    const database = which === 'library' ? library : answers;
    const old = await holdUp(database.name);
    const opening = engine.open(5_000);
    await new Promise((resolve) => database.on('blocked', () => resolve(undefined)));
    hand.fire(5_000);
    await expect(opening).rejects.toMatchObject({ code: 'blocked' });
    // The browser says so once; whoever asks again hears it too.
    const again = engine.open(5_000);
    hand.fire(5_000);
    await expect(again).rejects.toMatchObject({ code: 'blocked' });
    old.close();
    database.close();
    await removeDatabase(database.name);
  });

  it('gives up where it takes too long', async () => {
    const opening = engine.open(5_000);
    hand.fire(5_000);
    await expect(opening).rejects.toMatchObject({ code: 'storage' });
  });
});

describe('urgent notices that came before their shelf', () => {
  const notice = {
    ...sampleItem('well'),
    kind: 'bulletin',
    area: 'Tillia',
    urgency: 1,
    issued: '2026-01-01',
    until: '2090-12-31',
  } as unknown as BulletinItem;

  it('are in the list and can be read, in the place of what the shelf has; then the shelf has them', async () => {
    await acquainted();
    const put = [await putOf(sampleItem('well'))];
    const shelf = { shelf: 'fr', hash: 'y', buckets: await bucketsOf(put), put, remove: [] };
    await library.commitShelf({ ...shelf, baseSeq: 1 });
    await library.saveAlerts({ v: 2, shelf: 'fr', seq: 2, items: [notice] }, Uint8Array.of(2));
    const kinds = async () => (await libraryView(library, 'fr')).cards.map(({ id, kind }) => [id, kind]);
    expect(await kinds()).toEqual([['well', 'bulletin']]);
    expect(await libraryView(library, 'fr')).toMatchObject({ early: [], coming: false });
    expect(await itemView(library, 'fr', 'well')).toMatchObject({ state: 'stored', item: { kind: 'bulletin' } });
    await library.commitShelf({ ...shelf, baseSeq: 2 });
    expect(await kinds()).toEqual([['well', 'case']]);
    expect(await itemView(library, 'fr', 'well')).toMatchObject({ state: 'stored', item: { kind: 'case' } });
  });

  it('are no list of topics on a phone that has nothing else: the topics are still to come', async () => {
    await library.saveAlerts({ v: 2, shelf: 'fr', seq: 1, items: [notice] }, Uint8Array.of(1));
    const view = await libraryView(library, 'fr');
    expect(view).toMatchObject({ cards: [], news: [], coming: true });
    expect(view.early).toMatchObject([{ id: 'well', urgency: 1, until: '2090-12-31' }]);
    expect(await itemView(library, 'fr', 'well')).toMatchObject({ state: 'stored', form: undefined });
  });
});

describe('what the link may be used for', () => {
  const codeOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'no error',
      (error: RelaisError) => error.code,
    );
  const NOON = new Date(2026, 10, 15, 12).getTime();
  const sync = (asked = false) => engine.sync('page', never, asked);
  const asked = (): string[] => link.requests.splice(0);
  beforeEach(async () => {
    hand.time = NOON;
    await acquainted();
  });

  it.each([
    ['outside of the cheap hours', { hours: { from: 22, to: 6 } }],
    ['with the budget of the day used up', { daily: 0 }],
    ['with the bundle used up', { bundle: { bytes: 0, price: '500 F', from: '2026-11-01' } }],
  ])('%s, answers go and news wait; a tap brings them all the same', async (_, policy) => {
    await library.want('fr');
    await library.setPolicy(policy);
    await sync();
    expect(asked()).toEqual([]);
    // Nothing was done: nothing to tell.
    expect(await library.lastSyncs()).toEqual([]);
    await engine.finish(draft('one'));
    await sync();
    expect(asked()).toEqual(['/o/batch']);
    expect((await library.lastSyncs()).map(({ ok, sent }) => [ok, sent])).toEqual([[true, 1]]);
    await sync(true);
    expect(asked()).toEqual(['/c/from/1/fr.pack']);
  });

  it('leaves answers kept where only the news would tell whose receipts they got', async () => {
    await library.want('fr');
    await library.setPolicy({ daily: 0 });
    await engine.finish(draft('one'));
    const stranger = await openSmallBox();
    link.onBatch = (batch) => stranger.reply(batch);
    expect(await codeOf(sync())).toBe('no-link');
    expect(asked()).toEqual(['/o/batch']);
    expect((await answers.all('answers')).map(({ state }) => state)).toEqual(['kept']);
  });

  it('paused, nothing goes, before a tap', async () => {
    await library.want('fr');
    await library.setPolicy({ paused: true });
    await engine.finish(draft('one'));
    await sync();
    expect(asked()).toEqual([]);
    await sync(true);
    expect(asked()).toContain('/o/batch');
  });

  it('is written down: for each sync, and for the day', async () => {
    await library.want('fr');
    meter.request(0);
    meter.body(5_000, 5_000, undefined);
    await sync();
    const [line] = await library.lastSyncs();
    expect(line).toMatchObject({ ok: true, up: 420, down: 5_000, ms: 0 });
    expect(await library.book()).toEqual([{ day: '2026-11-15', up: 420, down: 5_000, requests: 1 }]);
    hand.time = NOON + 24 * 3_600_000;
    meter.request(80);
    link.onGet = noLink;
    expect(await codeOf(sync())).toBe('no-link');
    expect((await library.book()).map(({ day, up }) => [day, up])).toEqual([
      ['2026-11-15', 420],
      ['2026-11-16', 500],
    ]);
    expect((await library.lastSyncs())[0]).toMatchObject({ ok: false, code: 'cut', up: 500 });
  });

  it('that a person ended says so, and is no link that failed', async () => {
    await library.want('fr');
    const controller = new AbortController();
    controller.abort(new RelaisError('paused'));
    link.onGet = noLink;
    expect(await codeOf(engine.sync('page', controller.signal))).toBe('paused');
    expect((await library.lastSyncs())[0]).toMatchObject({ ok: false, code: 'paused' });
    expect(await library.sync()).toEqual({ reached: false, needsUpdate: false });
  });
});
