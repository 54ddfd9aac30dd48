import type { Draft, Finished } from '../core/api/worker-api.ts';
import { codeOf, type ErrorCode, PORTAL, RelaisError } from '../core/errors.ts';
import { cleanAnswers, problemsOf } from '../core/forms/validate.ts';
import type { Platform } from '../core/platform.ts';
import { toBase64Url } from '../core/protocol/bytes.ts';
import { centreOf, sealLetter } from '../core/protocol/envelope.ts';
import { idOfToken, numberOf } from '../core/protocol/ids.ts';
import type { LogEntry } from '../core/protocol/log.ts';
import type { Hold } from '../core/protocol/network.ts';
import { PROTOCOL_VERSION } from '../core/protocol/version.ts';
import type { Transport } from '../core/sync/ports.ts';
import { pull } from '../core/sync/pull.ts';
import { push } from '../core/sync/push.ts';
import type { Purpose } from '../core/sync/spending.ts';
import type { Meter } from '../core/sync/traffic.ts';
import type { AnswersDb } from '../store/answers-db.ts';
import type { LibraryDb } from '../store/library-db.ts';
import type { DeviceAnswers, DeviceLibrary } from './device-stores.ts';
import { exclusively, type Locks } from './exclusive.ts';
import { Spending } from './spending.ts';
import { steadily, storageCode } from './storage-errors.ts';

/** For so long, delivering an answer does not also ask for news. */
const NEWS_STAY_FRESH_MS = 60_000;

export interface EnginePorts<L extends DeviceLibrary = LibraryDb, A extends DeviceAnswers = AnswersDb> {
  readonly platform: Platform;
  readonly library: L;
  readonly answers: A;
  readonly transport: Transport;
  /** Counts what `transport` carries. */
  readonly meter: Meter;
  /** What may go where there is no room for an answer, in this order: each frees what it can. Never rejects. */
  readonly sacrifices: readonly (() => Promise<void>)[];
  /** Nobody takes answers at the other end: they stay, and no try is made. */
  readonly noHub?: boolean;
  /** What lets one sync at a time through, where it is not the browser's own; null where there is none. */
  readonly locks?: Locks | null;
}

/** What a sync has achieved so far. */
interface Done {
  sent: number;
  changed: number;
  /** A library was reached. */
  reached: boolean;
  needsUpdate: boolean;
}

/**
 * The device's half of Relais, without a page: what the data worker and the service worker both run.
 *
 * Invariants: `finish` says "kept" only after a strictly durable commit; `sync` forgets an answer only with its receipt; both may be
 * interrupted at any point and be run again.
 */
export class Engine<L extends DeviceLibrary = LibraryDb, A extends DeviceAnswers = AnswersDb> {
  readonly #ports: EnginePorts<L, A>;
  readonly spending: Spending;
  /** When news was last asked for with success, in this realm. */
  #newsAt = Number.NEGATIVE_INFINITY;
  /** Said once by the browser, however often the open is then waited for. */
  #isBlocked = false;
  constructor(ports: EnginePorts<L, A>) {
    this.#ports = ports;
    this.spending = new Spending(ports.platform, ports.library);
    for (const database of [ports.library, ports.answers]) {
      database.on('blocked', () => {
        this.#isBlocked = true;
      });
    }
  }

  get library(): L {
    return this.#ports.library;
  }
  get answers(): A {
    return this.#ports.answers;
  }
  get meter(): Meter {
    return this.#ports.meter;
  }
  get platform(): Platform {
    return this.#ports.platform;
  }

  /**
   * Opens both databases. Returns this device's id. Throws `storage` where that takes longer than `ms` milliseconds, and `blocked` where
   * another page holds up an upgrade.
   */
  async open(ms: number): Promise<string> {
    const { platform, library, answers } = this.#ports;
    const late = new Promise<never>((_, reject) => {
      platform.after(ms, () => reject(new RelaisError(this.#isBlocked ? 'blocked' : 'storage', { what: 'open', ms })));
    });
    const device = await Promise.race([library.open().then(() => answers.device(this.freshId)), late]);
    this.#isBlocked = false;
    return device;
  }

  /** A new random id, base64url of 16 bytes. */
  readonly freshId = (): string => toBase64Url(this.platform.randomBytes(16));

  /**
   * One sync: answers first, since they exist nowhere else, then news. Only one runs at a time on a device; where another does, this one
   * throws `busy`. Throws the code of what went wrong, after it was stored for people to see. `asked`: by a tap; without one, what the
   * person has set about the link is obeyed.
   */
  async sync(by: LogEntry['by'], signal: AbortSignal, asked = false): Promise<void> {
    const { platform, library, meter, locks } = this.#ports;
    const work = async (): Promise<void> => {
      const hold = (purpose: Purpose): Promise<Hold | undefined> => this.spending.hold(asked ? 'asked' : purpose);
      if (await hold('answers')) return;
      const newsWait = (await hold('news')) !== undefined;
      const needsUpdate = (await library.sync())?.needsUpdate ?? false;
      const done: Done = { sent: 0, changed: 0, reached: false, needsUpdate };
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
        if (newsWait && done.sent === 0) return;
        await library.ended({ reached: true, needsUpdate: done.needsUpdate }, { ...line, ok: true });
      } catch (error) {
        const reason = signal.reason instanceof RelaisError ? signal.reason : error;
        await this.#failed(reason, done, await close());
        throw reason;
      }
    };
    const ran = await exclusively(platform, library, work, locks);
    // The other one may fail, or end before it saw what this one was asked for.
    if (!ran) throw new RelaisError('busy', { what: 'another sync' });
  }

  async #exchange(done: Done, newsWait: boolean, signal: AbortSignal): Promise<void> {
    const { platform, library, answers, transport, noHub } = this.#ports;
    const ports = { platform, store: library, outbox: answers, transport };
    let refused: unknown;
    let unproven: unknown;
    try {
      done.sent = noHub ? 0 : await push(ports, signal);
    } catch (error) {
      // A centre that takes no answers may have news all the same; where nobody replies, it has none. Receipts that say nothing to
      // this device may be by a hub key that only the next root names: they are asked for again under it.
      if (!(error instanceof RelaisError)) throw error;
      if (error.details.what === 'no receipt') unproven = error;
      else if ('status' in error.details) refused = error;
      else throw error;
    }
    if (newsWait || (done.sent > 0 && platform.now() - this.#newsAt < NEWS_STAY_FRESH_MS)) {
      const failed = refused ?? unproven;
      if (failed !== undefined) throw failed;
      return;
    }
    const { changed, needsUpdate } = await pull(ports, signal).catch((error: unknown) => {
      // What the answers cost counts more than why there is no news either.
      throw refused ?? error;
    });
    this.#newsAt = platform.now();
    done.reached = true;
    done.needsUpdate = needsUpdate;
    done.changed = Object.values(changed).reduce((sum, ids) => sum + ids.length, 0);
    if (refused !== undefined) throw refused;
    // A first visit learns the centre's key only now.
    if (!noHub) done.sent += await push(ports, signal);
  }

  async #failed(error: unknown, done: Done, line: Omit<LogEntry, 'ok'>): Promise<void> {
    const code = storageCode(error) ?? codeOf(error, 'no-link');
    const isLink = code === 'no-link' || code === 'busy' || code === 'paused';
    const reached = done.reached || !isLink;
    const needsUpdate = code === 'too-new' || done.needsUpdate;
    const details = error instanceof RelaisError ? JSON.stringify(error.details) : String(error);
    const record = { reached, needsUpdate, ...(!isLink && { problem: code }) };
    const isPortal = error instanceof RelaisError && error.details.what === PORTAL;
    await this.#ports.library
      .ended(record, { ...line, ok: false, code: isPortal ? PORTAL : code, details })
      .catch(() => {});
  }

  /** Forgets the library, and all that was made or fetched for it, so that another one can take its place. Answers stay. */
  async forgetLibrary(): Promise<void> {
    await this.#ports.library.forget();
    for (const sacrifice of this.#ports.sacrifices) await sacrifice();
  }

  /** An answer exists nowhere else: on a full device, what can be made or fetched again makes room for it. */
  async #withRoom<T>(store: () => Promise<T>): Promise<T> {
    for (const sacrifice of this.#ports.sacrifices) {
      try {
        return await store();
      } catch (error) {
        if (storageCode(error) !== 'full') throw error;
        await sacrifice();
      }
    }
    return store();
  }

  /** Checks, seals and stores an answer. */
  async finish(draft: Draft): Promise<Finished> {
    const { platform, library, answers } = this.#ports;
    const { form: formId, version, item, lang } = draft;
    const clean = cleanAnswers(draft.answers);
    try {
      const form = await library.item(lang, formId);
      const known = await library.library();
      // Not here yet: the centre checks it, and takes it straight away.
      if (form?.kind !== 'form' || !known) return { kept: false, code: 'no-link' };
      const problems = problemsOf(form, clean);
      if (problems.length > 0) return { kept: false, problems };
      const addressee = centreOf(known.root);
      const at = Math.floor(platform.now() / 1000);
      const letter = { v: PROTOCOL_VERSION, form: formId, version, item, lang, answers: clean, at } as const;
      const sealed = await sealLetter(platform, addressee, letter);
      const answer = { id: await idOfToken(platform, draft.token), token: draft.token, to: addressee.id, ...sealed };
      const id = await this.#withRoom(() => steadily(() => answers.freeze(answer, this.freshId)));
      return { kept: true, number: numberOf(id) };
    } catch (error) {
      return { kept: false, code: storageCode(error) ?? (codeOf(error, 'no-link') satisfies ErrorCode) };
    }
  }
}
