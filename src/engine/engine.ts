import type { Draft, Finished } from '../core/api/worker-api.ts';
import { codeOf, type ErrorCode, RelaisError } from '../core/errors.ts';
import { cleanAnswers, problemsOf } from '../core/forms/validate.ts';
import type { Platform } from '../core/platform.ts';
import { toBase64Url } from '../core/protocol/bytes.ts';
import { centreOf, sealLetter } from '../core/protocol/envelope.ts';
import { idOfToken, numberOf } from '../core/protocol/ids.ts';
import type { LogEntry } from '../core/protocol/log.ts';
import { PROTOCOL_VERSION } from '../core/protocol/version.ts';
import type { RunEnd } from '../core/sync/loop.ts';
import type { Transport } from '../core/sync/ports.ts';
import type { Meter } from '../core/sync/traffic.ts';
import type { AnswersDb } from '../store/answers-db.ts';
import type { LibraryDb } from '../store/library-db.ts';
import type { DeviceAnswers, DeviceLibrary } from './device-stores.ts';
import { Room, type Sacrifice } from './room.ts';
import type { Spending } from './spending.ts';
import { steadily, storageCode } from './storage-errors.ts';
import { Syncer, type SyncPorts } from './syncer.ts';

export interface EnginePorts<L extends DeviceLibrary = LibraryDb, A extends DeviceAnswers = AnswersDb>
  extends SyncPorts {
  readonly library: L;
  readonly answers: A;
  /** What may go where there is no room, in this order. */
  readonly sacrifices: readonly Sacrifice[];
  /** Forgets all that was made or fetched for a library beside its own database. */
  readonly forgetMedia: () => Promise<void>;
}

/**
 * The device's half of Relais, without a page: what the data worker and the service worker both run.
 *
 * Invariants: `finish` says "kept" only after a strictly durable commit, and may be interrupted at any point and be run again. `Syncer` has
 * those of a sync.
 */
export class Engine<L extends DeviceLibrary = LibraryDb, A extends DeviceAnswers = AnswersDb> {
  readonly #ports: EnginePorts<L, A>;
  readonly #syncer: Syncer;
  readonly room: Room;
  /** Said once by the browser, however often the open is then waited for. */
  #isBlocked = false;
  constructor(ports: EnginePorts<L, A>) {
    this.#ports = ports;
    this.#syncer = new Syncer(ports);
    this.room = new Room(ports.platform, ports.library, ports.sacrifices);
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
  get spending(): Spending {
    return this.#syncer.spending;
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
    const device = await Promise.race([this.#openLibrary().then(() => answers.device(this.freshId)), late]);
    this.#isBlocked = false;
    void library.catchUp().catch(() => {});
    return device;
  }

  /** An upgrade may need room, where there is none: what is needed less makes it. */
  #openLibrary(): Promise<unknown> {
    return this.room.for('text', async () => this.#ports.library.open());
  }

  /** A new random id, base64url of 16 bytes. */
  readonly freshId = (): string => toBase64Url(this.platform.randomBytes(16));

  /** `Syncer.run`; on a full device what is needed less makes room for texts. */
  sync(by: LogEntry['by'], signal: AbortSignal, asked = false): Promise<RunEnd> {
    return this.room.for('text', () => this.#syncer.run(by, signal, asked));
  }

  /** The same with a hub on this Wi-Fi: what `meter` counts costs nothing. Answers go there from a host without a hub, too. */
  syncNear(transport: Transport, meter: Meter, signal: AbortSignal, asked: boolean): Promise<RunEnd> {
    const syncer = new Syncer({ ...this.#ports, transport, meter, noHub: false, isNear: true });
    return this.room.for('text', () => syncer.run('near', signal, asked));
  }

  /** `Syncer.take`. */
  take(transport: Transport, shelves: readonly string[]): Promise<number> {
    return this.room.for('text', () => this.#syncer.take(transport, shelves, new AbortController().signal));
  }

  /** `Syncer.refused`. */
  refused(error: unknown): Promise<void> {
    return this.#syncer.refused(error);
  }

  /** `Syncer.alone`. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#syncer.alone(work);
  }

  /** Forgets the library, and all that was made or fetched for it, so that another one can take its place. Answers stay. */
  async forgetLibrary(): Promise<void> {
    await this.#ports.library.forget();
    await this.#ports.forgetMedia();
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
      const id = await this.room.for('answer', () => steadily(() => answers.freeze(answer, this.freshId)));
      return { kept: true, number: numberOf(id) };
    } catch (error) {
      return { kept: false, code: storageCode(error) ?? (codeOf(error, 'no-link') satisfies ErrorCode) };
    }
  }
}
