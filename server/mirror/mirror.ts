import { codeOf, PORTAL, portalError, RelaisError } from '../../src/core/errors.ts';
import type { Platform } from '../../src/core/platform.ts';
import { toBase64Url } from '../../src/core/protocol/bytes.ts';
import { parseCanonical } from '../../src/core/protocol/canonical.ts';
import { neededShelves, type ShelfTable } from '../../src/core/protocol/head.ts';
import type { BlobRef } from '../../src/core/protocol/item.ts';
import { isHubListDue, takeHubs } from '../../src/core/sync/hub-list.ts';
import { type LoopPhase, type RunEnd, SyncLoop } from '../../src/core/sync/loop.ts';
import type { Transport } from '../../src/core/sync/ports.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { fetchBlobs } from '../../src/engine/blob-transport.ts';
import { type Carrier, codeOfStatus, counted, deadlines, watched } from '../../src/engine/link.ts';
import { Syncer } from '../../src/engine/syncer.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import type { Upstream } from '../config.ts';
import type { Log } from '../log.ts';
import type { locked } from '../publish/lock.ts';
import { syncLock } from '../publish/tree.ts';
import type { BlobParts } from './blob-parts.ts';
import type { BlobShelf } from './blob-shelf.ts';
import type { HeldAnswers } from './held-answers.ts';
import { MirrorMedia } from './mirror-media.ts';
import type { MirrorStore } from './mirror-store.ts';
import type { MirrorTreeInput } from './mirror-tree.ts';
import { noting } from './reach.ts';

export interface MirrorPorts {
  readonly platform: Platform;
  readonly upstream: Upstream;
  readonly dataDir: string;
  readonly appDir: string;
  readonly store: MirrorStore;
  readonly held: HeldAnswers;
  readonly parts: BlobParts;
  readonly blobs: BlobShelf;
  /** What carries requests. */
  readonly carrier: Carrier;
  /** Keeps what is carried by hand, in a process of its own, apart from what comes over the link. */
  readonly lock: typeof locked;
  /** As `writeMirrorTree`. */
  readonly writeTree: (input: MirrorTreeInput) => Promise<number | undefined>;
  readonly log: Log;
}

const LONGEST_ROUND_MS = 6 * 3_600_000;
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
  readonly #media: MirrorMedia;
  #phase: LoopPhase = 'waiting';
  /** Ends the run that is under way, once its bytes are used up. */
  #run = new AbortController();
  /** Ends pictures and recordings that are under way, for what is more urgent. */
  #pictures = new AbortController();
  /** Bytes that this run may carry. */
  #allowance = Number.POSITIVE_INFINITY;
  /** Something that the allowance is for is on its way. */
  #getting = 0;
  /** What the tree that is served, and its media, were made of. */
  #served = '';
  #problem: 'storage' | 'full' | undefined;
  #reach: string | undefined;
  readonly #carrier: Carrier;
  /** The round before, also where the loop has given it up. Never rejects. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(ports: MirrorPorts) {
    this.#ports = ports;
    const { platform, upstream, store, held } = ports;
    const carrier = noting(ports.carrier, (reach) => {
      this.#reach = reach;
    });
    this.#carrier = carrier;
    this.#meter = new Meter(platform.now, upstream.origin.startsWith('https:'));
    this.#meter.onProgress = () => {
      if (this.#getting > 0 && this.#meter.carried > this.#allowance)
        this.#run.abort(new RelaisError('paused', { what: 'budget' }));
    };
    const { get, postBatch } = fetchTransport(platform, upstream.origin, this.#meter, carrier);
    const counting = async <T>(work: () => Promise<T>): Promise<T> => {
      this.#getting++;
      try {
        return await work();
      } finally {
        this.#getting--;
      }
    };
    this.#transport = { postBatch, get: (...args) => counting(() => get(...args)) };
    const { read } = fetchBlobs(platform, upstream.origin, this.#meter, carrier);
    this.#media = new MirrorMedia({
      ...ports,
      transport: { get: this.#transport.get, read: (...args) => counting(() => read(...args)) },
      mayFetch: async () => (await this.#syncer.spending.hold('media')) === undefined,
      settle: () => this.#settle(),
    });
    const locks = {
      // The loop runs one at a time, but what is carried by hand comes in a process of its own.
      request: async <T>(_: string, __: unknown, work: (lock: unknown) => Promise<T>): Promise<T> => {
        const ran = await ports.lock(syncLock(ports.dataDir), 0, () => work({}));
        return ran ? ran.result : work(null);
      },
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
      // Each request has a deadline of its own; a first fill over a poor link takes hours.
      longestRun: LONGEST_ROUND_MS,
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
    this.#pictures.abort();
    this.#loop.sendNow();
  }

  get phase(): LoopPhase {
    return this.#phase;
  }

  /** This box itself is at fault: its disk is full, or cannot be written. */
  get problem(): 'storage' | 'full' | undefined {
    return this.#problem;
  }

  /** How the last request to the hub above ended, as `noting` says; undefined before the first. */
  get reach(): string | undefined {
    return this.#reach;
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

  /** One round. What is cut off by the loop may be at work still: the next one waits for its end. */
  #round(outer: AbortSignal): Promise<RunEnd> {
    const round = this.#last.then(() => this.#go(outer));
    this.#last = round.catch(() => {});
    return round;
  }

  async #go(outer: AbortSignal): Promise<RunEnd> {
    outer.throwIfAborted();
    const { platform, store, log } = this.#ports;
    this.#run = new AbortController();
    this.#pictures = new AbortController();
    const signal = AbortSignal.any([outer, this.#run.signal]);
    /** What went wrong, in its order: one thing must not keep the others back. */
    const failures: unknown[] = [];
    const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await work();
      } catch (error) {
        failures.push(error);
        return undefined;
      } finally {
        await this.#settle();
      }
    };
    await this.#settle();
    const end = await attempt(() => this.#sync(signal));
    const isServed = await attempt(() => this.#serve());
    // Nobody answered, or no more may be carried: what follows would fail likewise.
    if (isServed && failures.every(wasAnswered)) {
      await attempt(async () => {
        if ((await isHubListDue(store, platform.now())) && !(await this.#syncer.spending.hold('news')))
          await takeHubs({ platform, store, transport: this.#transport }, signal);
      });
      await attempt(() => this.#serve());
      // Pictures come once the texts that name them are all here.
      await attempt(async () => this.#media.fetch(await this.media(), signal, this.#pictures.signal));
    }
    this.#problem = problemOf(failures);
    for (const error of failures) {
      const code = codeOf(error, 'storage');
      log(isForeign(error) ? 'error' : 'debug', 'mirror.failed', { code, why: String(error) });
    }
    if (failures.length > 0) throw failures[0];
    return end ?? 'done';
  }

  /** Writes into the book what was carried, and tells what may be carried from here on. */
  async #settle(): Promise<void> {
    await this.#syncer.spending.record(this.#meter.take());
    this.#allowance = this.#ports.store.left() ?? Number.POSITIVE_INFINITY;
  }

  async #sync(signal: AbortSignal): Promise<RunEnd> {
    const { store } = this.#ports;
    const before = this.wanted();
    if (before.length === 0 && (await this.#syncer.spending.hold('news'))) return 'done';
    await store.wantOnly(before.length > 0 ? before : [await this.#firstLanguage(signal).catch(this.#noted)]);
    const end = await this.#syncer.run('background', signal).catch((error: unknown) => this.#lookFor(error, signal));
    await this.#settle();
    // The first pack tells which others there are.
    const after = this.wanted();
    if (after.join() === before.join()) return end;
    await store.wantOnly(after);
    return this.#syncer.run('background', signal);
  }

  /** None of the chosen languages is there: one that is tells which there are, for whoever chose. Throws what went wrong. */
  async #lookFor(error: unknown, signal: AbortSignal): Promise<never> {
    const { store } = this.#ports;
    if (codeOf(error, 'storage') !== 'not-found' || store.state()?.table) throw error;
    await store.wantOnly([await this.#firstLanguage(signal)]);
    await this.#syncer.run('background', signal);
    throw error;
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
  #firstLanguage(outer: AbortSignal): Promise<string> {
    const { platform, upstream } = this.#ports;
    return watched(platform, outer, 0, async (signal, beat) => {
      const response = await counted(this.#meter, `${upstream.origin}/`, { signal }, this.#carrier);
      if (!response.ok) throw codeOfStatus(response);
      const reader = response.body?.getReader();
      let page = '';
      while (reader && page.length < BEGINNING) {
        beat(deadlines.stall);
        const { value, done } = await reader.read();
        if (done) break;
        this.#meter.body(value.length, page.length, undefined);
        page += new TextDecoder().decode(value);
        const lang = /<html[^>]* lang="?([a-z]{2,3}(?:-[A-Za-z0-9]+)*)/.exec(page)?.[1];
        if (lang === undefined) continue;
        await reader.cancel();
        return lang;
      }
      throw portalError({ status: response.status, bytes: page.length });
    }).finally(() => this.#meter.end());
  }

  /** Makes what has come the library that is served. False: a part of it is still missing. */
  async #serve(): Promise<boolean> {
    const { platform, dataDir, appDir, store, writeTree, log } = this.#ports;
    const key = this.#key();
    // All texts are looked at: not each time that somebody asks after an answer.
    if (key === this.#served) return true;
    const wanted = this.wanted();
    const seq = await writeTree({ platform, dataDir, appDir, store, wanted, hubs: store.hubs()?.list });
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
    // The day in UTC, as the tree has it.
    const day = new Date(platform.now()).toISOString().slice(0, 10);
    return JSON.stringify([head?.seq, head?.table, this.wanted(), list && toBase64Url(list), day]);
  }

  /** All that the served texts name, pictures first. */
  media(): Promise<readonly BlobRef[]> {
    const { table } = this.#ports.store.state() ?? {};
    const shelves = table ? neededShelves(this.wanted(), parseCanonical(table) as ShelfTable) : [];
    return this.#media.list(this.#key(), shelves);
  }
}

/** Somebody answered at the other end, so that there is a link. */
const wasAnswered = (error: unknown): boolean =>
  error instanceof RelaisError && (error.code !== 'no-link' || 'status' in error.details) && error.code !== 'paused';

/** Not foreseen: of this machine, or a mistake of ours. */
const isForeign = (error: unknown): boolean =>
  !(error instanceof RelaisError) || error.code === 'storage' || error.code === 'full';

/** Whether it is this machine's disk that takes nothing more. */
const problemOf = (failures: readonly unknown[]): 'storage' | 'full' | undefined => {
  for (const error of failures) {
    if (error instanceof RelaisError && (error.code === 'storage' || error.code === 'full')) return error.code;
    const { code, syscall } = (error ?? {}) as { readonly code?: unknown; readonly syscall?: unknown };
    if (syscall !== undefined) return code === 'ENOSPC' ? 'full' : 'storage';
  }
  return undefined;
};
