import { codeOf, PORTAL, portalError, RelaisError } from '../../src/core/errors.ts';
import type { Platform } from '../../src/core/platform.ts';
import { fromUtf8, toBase64Url } from '../../src/core/protocol/bytes.ts';
import { parseCanonical } from '../../src/core/protocol/canonical.ts';
import { neededShelves, type ShelfTable } from '../../src/core/protocol/head.ts';
import { MAX_HUBS_BYTES, verifyHubs } from '../../src/core/protocol/hubs.ts';
import { type BlobRef, type ItemBody, isReadable } from '../../src/core/protocol/item.ts';
import { blobsOf, isBlobRef } from '../../src/core/protocol/media.ts';
import { dayOf } from '../../src/core/protocol/network.ts';
import { fetchBlob } from '../../src/core/sync/blobs.ts';
import { type LoopPhase, type RunEnd, SyncLoop } from '../../src/core/sync/loop.ts';
import type { Transport } from '../../src/core/sync/ports.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { fetchBlobs } from '../../src/engine/blob-transport.ts';
import { Syncer } from '../../src/engine/syncer.ts';
import { counted, fetchTransport } from '../../src/engine/transport.ts';
import type { Upstream } from '../config.ts';
import type { Log } from '../log.ts';
import type { BlobParts } from './blob-parts.ts';
import type { BlobShelf } from './blob-shelf.ts';
import type { HeldAnswers } from './held-answers.ts';
import type { MirrorStore } from './mirror-store.ts';
import { writeMirrorTree } from './mirror-tree.ts';

export interface MirrorPorts {
  readonly platform: Platform;
  readonly upstream: Upstream;
  readonly dataDir: string;
  readonly appDir: string;
  readonly store: MirrorStore;
  readonly held: HeldAnswers;
  readonly parts: BlobParts;
  readonly blobs: BlobShelf;
  readonly log: Log;
}

/** The list of delegated hubs is asked for with each publication, and else once a day. */
const HUBS_STAY_FRESH_MS = 86_400_000;
/** A page begins with its language within so many bytes. */
const BEGINNING = 4_096;

/**
 * Keeps a hub in step with the one above it: answers up, news down, then pictures and recordings, whenever a link appears. What it serves
 * changes only once a whole publication is here.
 *
 * Invariants: an answer is offered until its receipt or refusal is stored; past the hour's or the day's bytes only answers go, and what was
 * under way is cut, and gone on with later; one run at a time.
 */
export class Mirror {
  readonly #ports: MirrorPorts;
  readonly #meter: Meter;
  readonly #transport: Transport;
  readonly #syncer: Syncer;
  readonly #loop: SyncLoop;
  #phase: LoopPhase = 'waiting';
  /** Ends the run that is under way, once its bytes are used up. */
  #run = new AbortController();
  /** Ends pictures and recordings that are under way, for what is more urgent. */
  #media = new AbortController();
  /** Bytes that this run may carry. */
  #allowance = Number.POSITIVE_INFINITY;
  /** Something that the allowance is for is on its way. */
  #getting = 0;
  /** What the tree that is served, and its media, were made of. */
  #served = '';
  #named: { readonly key: string; readonly media: readonly BlobRef[] } | undefined;
  #problem: 'storage' | 'full' | undefined;

  constructor(ports: MirrorPorts) {
    this.#ports = ports;
    const { platform, upstream, store, held } = ports;
    this.#meter = new Meter(platform.now, upstream.origin.startsWith('https:'));
    this.#meter.onProgress = () => {
      if (this.#getting > 0 && this.#meter.carried > this.#allowance)
        this.#run.abort(new RelaisError('paused', { what: 'budget' }));
    };
    const { get, postBatch } = fetchTransport(platform, upstream.origin, this.#meter);
    this.#transport = {
      postBatch,
      get: async (...args) => {
        this.#getting++;
        try {
          return await get(...args);
        } finally {
          this.#getting--;
        }
      },
    };
    const locks = {
      // The loop is the only one here that syncs, and runs one at a time.
      request: async <T>(_: string, __: unknown, work: (lock: unknown) => Promise<T>): Promise<T> => work({}),
    };
    this.#syncer = new Syncer({
      platform,
      library: store,
      answers: held,
      transport: this.#transport,
      meter: this.#meter,
      locks,
    });
    this.#loop = new SyncLoop({
      platform,
      run: (signal) => this.#round(signal),
      onPhase: (phase) => {
        this.#phase = phase;
      },
    });
  }

  /** Begins, and goes on until `stop`. A link that is away is looked for every few seconds: it may last for 90. */
  start(): void {
    this.#loop.attend({ visible: true, owed: true });
  }

  stop(): void {
    this.#loop.stop();
  }

  /** An answer waits. */
  nudge(): void {
    this.#media.abort();
    this.#loop.sendNow();
  }

  get phase(): LoopPhase {
    return this.#phase;
  }

  /** This box itself is at fault: its disk is full, or cannot be written. */
  get problem(): 'storage' | 'full' | undefined {
    return this.#problem;
  }

  /** How far the file has come that is under way; undefined where nobody can tell. */
  get coming(): { readonly done: number; readonly total: number; readonly seconds?: number } | undefined {
    const { done, total, speed } = this.#meter.progress ?? { done: 0, total: undefined, speed: 0 };
    return total === undefined ? undefined : { done, total, ...(speed > 0 && { seconds: (total - done) / speed }) };
  }

  /** The shelves that are wanted: those that were chosen, or all that the library is known to have. */
  wanted(): readonly string[] {
    const { upstream, store } = this.#ports;
    const state = store.state();
    if (upstream.shelves) return upstream.shelves;
    const table = state?.table ? Object.keys(parseCanonical(state.table) as ShelfTable) : [];
    const [first] = store.wishes();
    return first === undefined ? table : [first, ...table.filter((name) => name !== first)];
  }

  async #round(outer: AbortSignal): Promise<RunEnd> {
    const { store, log } = this.#ports;
    this.#run = new AbortController();
    this.#allowance = store.left() ?? Number.POSITIVE_INFINITY;
    const signal = AbortSignal.any([outer, this.#run.signal]);
    try {
      const end = await this.#sync(signal).catch(async (error: unknown) => {
        // A hub above that takes no answers may have had news all the same.
        await this.#serve();
        throw error;
      });
      await this.#askForHubs(signal);
      // Pictures come once the texts that name them are all here.
      if (await this.#serve()) await this.#fetchMedia(signal);
      this.#problem = undefined;
      return end;
    } catch (error) {
      const code = codeOf(error, 'storage');
      const isOurs = code === 'storage' || code === 'full';
      this.#problem = isOurs ? code : undefined;
      log(isOurs ? 'error' : 'debug', 'mirror.failed', { code, why: String(error) });
      throw error;
    } finally {
      await this.#syncer.spending.record(this.#meter.take());
    }
  }

  async #sync(signal: AbortSignal): Promise<RunEnd> {
    const { store } = this.#ports;
    const before = this.wanted();
    if (before.length === 0 && (await this.#syncer.spending.hold('news'))) return 'done';
    await store.wantOnly(before.length > 0 ? before : [await this.#firstLanguage(signal).catch(this.#noted)]);
    const end = await this.#syncer.run('background', signal);
    // The first pack tells which others there are.
    const after = this.wanted();
    if (after.join() === before.join()) return end;
    await store.wantOnly(after);
    return this.#syncer.run('background', signal);
  }

  /** A line for the log, as the engine writes them once it is asked for something. */
  readonly #noted = async (error: unknown): Promise<never> => {
    const { store, platform } = this.#ports;
    const isPortal = error instanceof RelaisError && error.details.what === PORTAL;
    const code = isPortal ? PORTAL : codeOf(error, 'no-link');
    const line = { at: platform.now(), by: 'background', ok: false, code, sent: 0, changed: 0 } as const;
    await store.ended({ reached: false, needsUpdate: false }, line);
    throw error;
  };

  /** The language of whoever asks the hub above for none: that of its first page. */
  async #firstLanguage(signal: AbortSignal): Promise<string> {
    const response = await counted(this.#meter, `${this.#ports.upstream.origin}/`, { signal }).catch(() => undefined);
    const reader = response?.ok ? response.body?.getReader() : undefined;
    let page = '';
    while (reader && page.length < BEGINNING) {
      const { value, done } = await reader.read();
      if (done) break;
      this.#meter.body(value.length, page.length, undefined);
      page += fromUtf8(value);
      const lang = /<html[^>]* lang="?([a-z]{2,3}(?:-[A-Za-z0-9]+)*)/.exec(page)?.[1];
      if (lang === undefined) continue;
      await reader.cancel();
      this.#meter.end();
      return lang;
    }
    this.#meter.end();
    throw response ? portalError({ status: response.status }) : new RelaisError('no-link', { what: 'first page' });
  }

  /** Makes what has come the library that is served. False: a part of it is still missing. */
  async #serve(): Promise<boolean> {
    const { dataDir, appDir, store, log } = this.#ports;
    const key = this.#key();
    // All texts are looked at: not each time that somebody asks after an answer.
    if (key === this.#served) return true;
    const seq = await writeMirrorTree({ dataDir, appDir, store, wanted: this.wanted(), hubs: store.hubs()?.list });
    if (seq === undefined) return false;
    this.#served = key;
    log('info', 'mirror.serves', { seq });
    return true;
  }

  /** What the tree depends on. */
  #key(): string {
    const { store, platform } = this.#ports;
    const { head } = store.state() ?? {};
    const { list } = store.hubs() ?? {};
    return JSON.stringify([head?.seq, head?.table, this.wanted(), list && toBase64Url(list), dayOf(platform.now())]);
  }

  async #askForHubs(signal: AbortSignal): Promise<void> {
    const { platform, store } = this.#ports;
    const state = store.state();
    const before = store.hubs();
    const now = platform.now();
    const seq = state?.head?.seq ?? 0;
    const isFresh = before && before.seq === seq && Math.abs(now - before.at) < HUBS_STAY_FRESH_MS;
    if (!state || isFresh || (await this.#syncer.spending.hold('news'))) return;
    const fetched = await this.#transport.get('/c/hubs.json', MAX_HUBS_BYTES, signal);
    if (fetched.found && !fetched.whole) throw new RelaisError('no-link', { what: 'cut' });
    const numberOf = async (list: Uint8Array | undefined): Promise<number> =>
      list
        ? verifyHubs(platform, state.root, list).then(
            ({ n }) => n,
            () => 0,
          )
        : 0;
    const list = fetched.found ? fetched.bytes : undefined;
    // One that is damaged, or of a hub above that lags behind: revocations stay.
    const isNewer = (await numberOf(list)) >= Math.max(1, await numberOf(before?.list));
    store.saveHubs({ list: isNewer ? list : before?.list, at: now, seq });
  }

  /** All that the texts name, pictures first. */
  async media(): Promise<readonly BlobRef[]> {
    const key = this.#served;
    if (this.#named?.key !== key) this.#named = { key, media: await this.#readMedia() };
    return this.#named.media;
  }

  async #readMedia(): Promise<readonly BlobRef[]> {
    const { store, upstream } = this.#ports;
    const state = store.state();
    if (upstream.media === 'none' || !state?.table) return [];
    const pictures = new Map<string, BlobRef>();
    const recordings = new Map<string, BlobRef>();
    for (const name of neededShelves(this.wanted(), parseCanonical(state.table) as ShelfTable))
      for (const body of (await store.bodies(name)).values()) {
        const item = JSON.parse(fromUtf8(body)) as ItemBody;
        const voice = isReadable(item) ? item.recording?.file.hash : undefined;
        for (const blob of blobsOf(item).filter(isBlobRef))
          (blob.hash === voice ? recordings : pictures).set(blob.hash, blob);
      }
    return [...pictures.values(), ...(upstream.media === 'all' ? recordings.values() : [])];
  }

  async #fetchMedia(outer: AbortSignal): Promise<void> {
    const { platform, upstream, parts, blobs, log } = this.#ports;
    const all = await this.media();
    blobs.keepOnly(new Set(all.map(({ hash }) => hash)));
    this.#media = new AbortController();
    const signal = AbortSignal.any([outer, this.#media.signal]);
    const { read } = fetchBlobs(platform, upstream.origin, this.#meter);
    const transport = { get: this.#transport.get, read };
    this.#getting++;
    try {
      for (const blob of all) {
        // Others are served meanwhile: each file is read through once after a start.
        await new Promise(setImmediate);
        if (blobs.has(blob)) continue;
        if (await this.#syncer.spending.hold('media')) return;
        try {
          await fetchBlob({ platform, store: parts, transport }, blob, signal);
          await blobs.finish(parts, blob);
        } catch (error) {
          if (this.#media.signal.aborted) return;
          const code = codeOf(error, 'storage');
          // The hub above may not have it yet either, or have it damaged: the others are fetched all the same.
          if (code !== 'not-found' && code !== 'tampered') throw error;
          log('warn', 'mirror.blob', { code, hash: blob.hash });
        }
      }
    } finally {
      this.#getting--;
    }
  }
}
