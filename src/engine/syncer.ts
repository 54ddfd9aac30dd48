import { codeOf, detailsOf, PORTAL, RelaisError } from '../core/errors.ts';
import type { Platform } from '../core/platform.ts';
import type { LogEntry } from '../core/protocol/log.ts';
import type { Hold } from '../core/protocol/network.ts';
import { alongside } from '../core/sync/along.ts';
import { isHubListDue, takeHubs } from '../core/sync/hub-list.ts';
import type { RunEnd } from '../core/sync/loop.ts';
import type { OutboxStore, Transport } from '../core/sync/ports.ts';
import { type PullResult, pull } from '../core/sync/pull.ts';
import { NO_RECEIPT, push } from '../core/sync/push.ts';
import type { Purpose } from '../core/sync/spending.ts';
import type { Meter } from '../core/sync/traffic.ts';
import { isUnwanted } from '../core/sync/trust.ts';
import type { SyncedLibrary } from './device-stores.ts';
import { exclusively, type Locks } from './exclusive.ts';
import { Spending } from './spending.ts';
import { storageCode } from './storage-errors.ts';

/** For so long, delivering an answer does not also ask for news. */
const NEWS_STAY_FRESH_MS = 60_000;

export interface SyncPorts {
  readonly platform: Platform;
  readonly library: SyncedLibrary;
  readonly answers: OutboxStore;
  readonly transport: Transport;
  /** Counts what `transport` carries. */
  readonly meter: Meter;
  /** Nobody takes answers at the other end: they stay, and no try is made. */
  readonly noHub?: boolean;
  /** The other end is a hub on this Wi-Fi: it costs nothing, and what is wrong with it is only its own trouble. */
  readonly isNear?: boolean;
  /** What lets one sync at a time through, where it is not the browser's own; null where there is none. */
  readonly locks?: Locks | null;
}

/** What a sync has achieved so far. */
interface Done {
  sent: number;
  /** Answers that a hub in between has, and whose receipt is not back yet. */
  held: number;
  changed: number;
  /** A library was reached. */
  reached: boolean;
  needsUpdate: boolean;
}

/**
 * One sync after the other, as a device runs them, and a hub that mirrors a library.
 *
 * Invariants: an answer is forgotten only with its receipt; a sync may be interrupted at any point and be run again.
 */
export class Syncer {
  readonly #ports: SyncPorts;
  readonly spending: Spending;
  /** When news was last asked for with success, in this realm. */
  #newsAt = Number.NEGATIVE_INFINITY;

  constructor(ports: SyncPorts) {
    this.#ports = ports;
    this.spending = new Spending(ports.platform, ports.library, ports.isNear);
  }

  /**
   * One sync: answers first, since they exist nowhere else, then news. Only one runs at a time on a device; where another does, this one
   * throws `busy`. Throws the code of what went wrong, after it was stored for people to see. `asked`: by a tap; without one, what the
   * person has set about the link is obeyed.
   */
  async run(by: LogEntry['by'], signal: AbortSignal, asked = false): Promise<RunEnd> {
    const { platform, library, meter } = this.#ports;
    const work = async (): Promise<RunEnd> => {
      const hold = (purpose: Purpose): Promise<Hold | undefined> => this.spending.hold(asked ? 'asked' : purpose);
      if (await hold('answers')) return 'done';
      const newsWait = (await hold('news')) !== undefined;
      const needsUpdate = (await library.sync())?.needsUpdate ?? false;
      const done: Done = { sent: 0, held: 0, changed: 0, reached: false, needsUpdate };
      const began = platform.now();
      /** The log's line, and the book. */
      const close = async (): Promise<Pick<LogEntry, 'at' | 'by' | 'sent' | 'changed' | 'up' | 'down' | 'ms'>> => {
        const traffic = meter.take();
        await this.spending.record(traffic);
        const at = platform.now();
        const { sent, changed } = done;
        return { at, by, sent, changed, up: traffic.up, down: traffic.down, ms: Math.max(0, at - began) };
      };
      try {
        await this.#exchange(done, newsWait, signal);
        const line = await close();
        // Nothing was to be done.
        if (!newsWait || done.sent > 0)
          await library.ended({ reached: true, needsUpdate: done.needsUpdate }, { ...line, ok: true });
        return done.held > 0 ? 'awaits' : 'done';
      } catch (error) {
        const reason = signal.reason instanceof RelaisError ? signal.reason : error;
        await this.#failed(reason, done, await close());
        throw reason;
      }
    };
    // Another one may fail, or end before it saw what this one was asked for.
    return this.alone(work);
  }

  /**
   * Brings these shelves up to date from what was carried here by hand, exactly as from a link. Returns how many items are new or changed.
   * Throws `busy` where a sync is under way, and the code of what is wrong with it: `refused` puts that into the log.
   */
  async take(transport: Transport, shelves: readonly string[], signal: AbortSignal): Promise<number> {
    const { platform, library } = this.#ports;
    const work = async (): Promise<number> => {
      const { changed, needsUpdate } = await pull({ platform, store: library, transport, shelves }, signal);
      const count = countOf(changed);
      await this.#carried({ ok: true, changed: count }, needsUpdate);
      return count;
    };
    return this.alone(work);
  }

  /** Puts into the log why something that was carried here by hand was refused: what, and what is wrong with it. */
  async refused(error: unknown): Promise<void> {
    const code = storageCode(error) ?? codeOf(error, 'storage');
    await this.#carried({ ok: false, changed: 0, code, details: detailsOf(error) }).catch(() => {});
  }

  async #carried(line: Pick<LogEntry, 'ok' | 'changed' | 'code' | 'details'>, needsUpdate = false): Promise<void> {
    const { platform, library } = this.#ports;
    // What the link was like, nobody has learnt.
    const before = (await library.sync()) ?? { reached: false, needsUpdate: false };
    const record = { ...before, needsUpdate: before.needsUpdate || needsUpdate };
    await library.ended(record, { at: platform.now(), by: 'carried', sent: 0, ...line });
  }

  /** Runs `work` between two syncs. Throws `busy` where one is under way. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const { platform, library, locks } = this.#ports;
    const ran = await exclusively(platform, library, work, locks);
    if (!ran) throw new RelaisError('busy', { what: 'another sync' });
    return ran.result;
  }

  async #exchange(done: Done, newsWait: boolean, signal: AbortSignal): Promise<void> {
    const { platform, library, transport, noHub } = this.#ports;
    const ports = { platform, store: library, transport };
    /** Answers that this sync has offered already. */
    const waiting = new Set<string>();
    let refused: unknown;
    let unproven: unknown;
    try {
      if (!noHub) await this.#push(done, waiting, signal);
    } catch (error) {
      // A centre that takes no answers may have news all the same; where nobody replies, it has none. Receipts that say nothing to
      // this device may be by a hub key that only the next root names: they are asked for again under it. So is a hub in between whom only
      // the next list lets speak.
      if (!(error instanceof RelaisError)) throw error;
      if (error.details.what === NO_RECEIPT || error.code === 'revoked') unproven = error;
      else if ('status' in error.details) refused = error;
      else throw error;
    }
    if (newsWait || (done.sent > 0 && platform.now() - this.#newsAt < NEWS_STAY_FRESH_MS)) {
      const failed = refused ?? unproven;
      if (failed !== undefined) throw failed;
      return;
    }
    // A host of files has nothing to add to a file.
    const news = noHub ? ports : { ...ports, transport: alongside(ports) };
    const before = (await library.library())?.head?.seq ?? 0;
    const wary = await this.#isWary();
    const { changed, needsUpdate } = await pull({ ...news, wary }, signal).catch((error: unknown) => {
      // A page that was frozen meanwhile: what it had asked for is old only since another one has newer.
      const isOvertaken =
        error instanceof RelaisError && error.code === 'rollback' && Number(error.details.seq) >= before;
      if (isOvertaken) throw refused ?? new RelaisError('busy', { what: 'another sync' });
      // What the answers cost counts more than why there is no news either.
      throw refused ?? error;
    });
    this.#newsAt = platform.now();
    done.reached = true;
    done.needsUpdate = needsUpdate;
    done.changed = countOf(changed);
    if (refused !== undefined) throw refused;
    // Who left answers with a hub that the library names hears here that it does so no more: from that hub it would not.
    if ((await library.hubs())?.list && (await isHubListDue(library, platform.now())))
      await takeHubs(ports, signal).catch(() => {});
    // A first visit learns the centre's key only now.
    if (!noHub) await this.#push(done, waiting, signal);
  }

  /**
   * The library at the other end may be older than this one, or a stranger's: it was so the last time, as the log tells every page, or what is here
   * came another way since.
   */
  async #isWary(): Promise<boolean> {
    const { library, isNear = false } = this.#ports;
    for (const { by, ok, code, changed } of await library.lastSyncs()) {
      const isOurs = by !== 'carried' && (by === 'near') === isNear;
      if (isOurs && (ok || isUnwanted(code))) return !ok;
      if (!isOurs && changed > 0) return true;
    }
    return false;
  }

  async #push(done: Done, waiting: Set<string>, signal: AbortSignal): Promise<void> {
    const { platform, library, answers, transport } = this.#ports;
    const { sent, held } = await push({ platform, store: library, outbox: answers, transport }, signal, waiting);
    done.sent += sent;
    done.held += held;
  }

  async #failed(error: unknown, done: Done, line: Omit<LogEntry, 'ok'>): Promise<void> {
    const own = storageCode(error);
    const code = own ?? codeOf(error, 'no-link');
    const isTheirs = this.#ports.isNear && own === undefined;
    const isLink = isTheirs || code === 'no-link' || code === 'busy' || code === 'paused';
    // Ended from here: that says nothing of the link, but for what it had carried by then.
    const isOurs = code === 'busy' || code === 'paused';
    const before = isOurs && (line.down ? true : (await this.#ports.library.sync().catch(() => undefined))?.reached);
    const reached = done.reached || !isLink || before === true;
    const needsUpdate = code === 'too-new' || done.needsUpdate;
    const record = { reached, needsUpdate, ...(!isLink && { problem: code }) };
    const what = error instanceof RelaisError ? error.details.what : undefined;
    const named = code === 'no-link' && (what === PORTAL || what === 'cut') ? what : code;
    const details = detailsOf(error);
    await this.#ports.library.ended(record, { ...line, ok: false, code: named, details }).catch(() => {});
  }
}

const countOf = (changed: PullResult['changed']): number =>
  Object.values(changed).reduce((sum, ids) => sum + ids.length, 0);
