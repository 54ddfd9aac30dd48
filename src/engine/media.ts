import type { BlobState, Unwatch, Wish } from '../core/api/worker-api.ts';
import { codeOf, type ErrorCode } from '../core/errors.ts';
import type { Platform } from '../core/platform.ts';
import type { BlobRef } from '../core/protocol/item.ts';
import { isBlobRef, LEAF, leafCount } from '../core/protocol/media.ts';
import { fetchBlob, readBlob } from '../core/sync/blobs.ts';
import type { BlobTransport } from '../core/sync/ports.ts';
import type { LibraryDb } from '../store/library-db.ts';
import type { MediaDb, Stored } from '../store/media-db.ts';
import { storageCode } from './storage-errors.ts';

/** After a cut it goes on by itself, as long as somebody looks on: first after so long, then twice as long each time. */
const AGAIN_MS = 2_000;
const LONGEST_MS = 60_000;

/** How often room is made for one: the index of the search, and 8 MB twice. */
const MOST_ROOMS = 3;

export interface MediaPorts {
  readonly platform: Platform;
  readonly store: MediaDb;
  readonly transport: BlobTransport;
  /** A hub on this Wi-Fi, which costs nothing and is asked first; undefined: there is none. `asked`: by a tap. */
  readonly near?: (asked: boolean) => Promise<BlobTransport | undefined>;
  readonly library: LibraryDb;
  /** Whether the link may be used for what nobody tapped for. */
  readonly mayFetch: () => Promise<boolean>;
  /** A fetch has ended: what it cost goes into the book. */
  readonly record: () => Promise<void>;
  /** Makes room on a full device; false: there is nothing that may go. */
  readonly makeRoom: () => Promise<boolean>;
  readonly watch: <T>(query: () => Promise<T>, listener: (value: T) => void) => Unwatch;
}

/** One blob that somebody looks at, or that is on its way. */
interface Job {
  readonly listeners: Set<() => void>;
  busy: boolean;
  /** The person keeps it here. */
  kept: boolean;
  /** Nobody but `bring` is behind it. */
  ahead: boolean;
  problem: ErrorCode | undefined;
  /** Ends a pause between two tries. */
  stop: (() => void) | undefined;
  /** Ends what is under way. */
  controller: AbortController;
  /** Told once nothing is under way any more. */
  readonly ends: (() => void)[];
}

/**
 * Pictures and recordings on the device: fetched when they are asked for, kept until they are taken away or their item goes.
 *
 * Invariant: what `read` returns was verified leaf by leaf, when it came and again when it was read.
 */
export class Media {
  readonly #ports: MediaPorts;
  readonly #jobs = new Map<string, Job>();

  constructor(ports: MediaPorts) {
    this.#ports = ports;
    const { library, watch } = ports;
    // Whenever a shelf changes: what no item names any more goes.
    watch(
      () => library.all('shelves'),
      () => void this.#tidy().catch(() => {}),
    );
  }

  /** How much of a blob is here, now and whenever that changes. */
  watch(blob: BlobRef, listener: (state: BlobState) => void): Unwatch {
    const { library, store, watch } = this.#ports;
    const job = this.#job(blob.hash);
    let last: Stored | undefined;
    const tell = (): void => {
      if (!last) return;
      const whole = last.leaves >= leafCount(blob.bytes);
      const bytes = Math.min(blob.bytes, last.leaves * LEAF);
      const { dropped } = last;
      const kept = whole && last.kept;
      listener({ bytes, whole, kept, dropped, busy: job.busy, ...(job.problem && { problem: job.problem }) });
    };
    job.listeners.add(tell);
    const end = watch(
      // What an older app stored goes with its database, which tells nobody.
      () => Promise.all([store.look(blob.hash), library.get('settings', 'gaveUp')]),
      ([stored]) => {
        last = stored;
        tell();
      },
    );
    return () => {
      end();
      job.listeners.delete(tell);
    };
  }

  /** Begins to fetch a blob, or goes on. */
  fetch(blob: BlobRef, why: Wish): void {
    const job = this.#job(blob.hash);
    if (!isBlobRef(blob)) return;
    if (why === 'kept') job.kept = true;
    job.ahead = false;
    this.#begin(blob, job, why);
  }

  #begin(blob: BlobRef, job: Job, why: Wish): void {
    if (job.busy) {
      // A link that came back, or a tap: no need to wait any longer.
      if (why !== 'seen') job.stop?.();
      return;
    }
    job.busy = true;
    job.problem = undefined;
    job.controller = new AbortController();
    this.#tell(job);
    const run = this.#run(blob, job, why).catch((error: unknown): ErrorCode => storageCode(error) ?? 'storage');
    void run.then((problem) => {
      job.busy = false;
      job.kept = false;
      job.problem = problem;
      for (const end of job.ends.splice(0)) end();
      this.#tell(job);
    });
  }

  /**
   * Fetches a blob that is to be kept, though nobody asked for this one: one try, for which nothing else has to go. Says what kept it from
   * coming; `busy`: somebody else has it under way.
   */
  async bring(blob: BlobRef): Promise<ErrorCode | undefined> {
    const job = this.#job(blob.hash);
    job.kept = true;
    if (job.busy) return 'busy';
    job.ahead = true;
    this.#begin(blob, job, 'kept');
    while (job.busy) await new Promise<void>((resolve) => job.ends.push(resolve));
    return job.problem;
  }

  /** Ends what `bring` has under way, unless somebody asked for it meanwhile. What has come of it stays. */
  pause({ hash }: BlobRef): void {
    const job = this.#job(hash);
    if (job.ahead) job.controller.abort();
  }

  async #run(blob: BlobRef, job: Job, why: Wish): Promise<ErrorCode | undefined> {
    const { store } = this.#ports;
    let wait = AGAIN_MS;
    let rooms = 0;
    // A hub on this Wi-Fi costs nothing. Whatever keeps it from coming from there, there is the usual way, where that may be used.
    let near: BlobTransport | undefined;
    const isHeld = async (): Promise<boolean> =>
      (why === 'seen' || job.ahead) && !(await this.#ports.mayFetch()) && (job.ahead || !job.kept);
    try {
      if (why !== 'seen') await store.want(blob.hash);
      // Somebody may have tapped meanwhile.
      else if ((await store.look(blob.hash)).dropped && !job.kept) return undefined;
      near = await this.#ports.near?.(why !== 'seen' && !job.ahead).catch(() => undefined);
      if (!near && (await isHeld())) return job.ahead ? 'no-link' : undefined;
    } catch (error) {
      return storageCode(error) ?? 'storage';
    }
    for (;;) {
      const before = await this.#come(blob);
      try {
        await this.#fetch(blob, job, near);
        return undefined;
      } catch (error) {
        const isDropped = (await store.look(blob.hash).catch(() => undefined))?.dropped;
        if (job.controller.signal.aborted || isDropped) return undefined;
        const code = storageCode(error) ?? codeOf(error, 'no-link');
        // What nobody tapped for is not worth anything that is here. Nor is what does not fit after that much: its own leaves would go next.
        const isWorth = !job.ahead && (job.kept || why !== 'seen');
        if (code === 'full' && isWorth && rooms++ < MOST_ROOMS && (await this.#ports.makeRoom())) continue;
        if (near && storageCode(error) === undefined) {
          near = undefined;
          if (await isHeld().catch(() => true)) return job.ahead ? 'no-link' : undefined;
          continue;
        }
        if ((code !== 'no-link' && code !== 'busy') || job.ahead || job.listeners.size === 0) return code;
        job.problem = code;
        this.#tell(job);
        wait = (await this.#come(blob)) > before ? AGAIN_MS : Math.min(LONGEST_MS, wait * 2);
        await this.#pause(job, wait);
        if (job.controller.signal.aborted) return undefined;
        if (job.listeners.size === 0 || (await store.look(blob.hash).catch(() => undefined))?.dropped) return code;
        job.problem = undefined;
        this.#tell(job);
      }
    }
  }

  /** One try. */
  async #fetch(blob: BlobRef, job: Job, near: BlobTransport | undefined): Promise<void> {
    const { platform, store, record } = this.#ports;
    const transport = near ?? this.#ports.transport;
    if (job.kept) await store.keep(blob.hash);
    try {
      await fetchBlob({ platform, transport, store: await store.home(blob) }, blob, job.controller.signal);
    } finally {
      await record();
    }
    // Somebody may have kept it while it came.
    if (job.kept && !job.controller.signal.aborted) await store.keep(blob.hash);
  }

  /** How many leaves of it have come. */
  async #come({ hash }: BlobRef): Promise<number> {
    return (await this.#ports.store.look(hash).catch(() => undefined))?.leaves ?? 0;
  }

  #pause(job: Job, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#ports.platform.after(ms, resolve);
      job.stop = () => {
        cancel();
        resolve();
      };
    });
  }

  /** All of a blob, verified once more; undefined where it is not whole. */
  read(blob: BlobRef): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return readBlob(this.#ports, blob);
  }

  /** Takes blobs from the device because the person wants it so. */
  async drop(hashes: readonly string[]): Promise<void> {
    for (const hash of hashes) {
      const job = this.#jobs.get(hash);
      job?.controller.abort();
      job?.stop?.();
      await this.#ports.store.refuse(hash);
    }
  }

  /** Takes all of them from the device. */
  async clear(): Promise<void> {
    const busy = [...this.#jobs.values()].filter((job) => job.busy);
    const ends = busy.map((job) => new Promise<void>((resolve) => job.ends.push(resolve)));
    for (const job of busy) {
      job.controller.abort();
      job.stop?.();
    }
    await Promise.all(ends);
    await this.#ports.store.clear();
  }

  async #tidy(): Promise<void> {
    const { library, store } = this.#ports;
    const buckets = await library.all('catalogue');
    // A library that is just being replaced has no rows for a moment.
    if (buckets.length === 0) return;
    const named = new Set(buckets.flatMap(({ rows }) => rows.flatMap(({ blobs }) => blobs ?? [])));
    for (const hash of await store.hashes()) if (!named.has(hash)) await store.forget(hash);
  }

  #job(hash: string): Job {
    const job = this.#jobs.get(hash) ?? {
      listeners: new Set(),
      busy: false,
      kept: false,
      ahead: false,
      problem: undefined,
      stop: undefined,
      controller: new AbortController(),
      ends: [],
    };
    this.#jobs.set(hash, job);
    return job;
  }

  #tell(job: Job): void {
    for (const listener of job.listeners) listener();
  }
}
