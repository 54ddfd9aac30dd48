import type { DatabaseSync } from 'node:sqlite';
import { ServingKeys } from '../../server/box/serving.ts';
import { AnswerStore } from '../../server/hub/answer-store.ts';
import { createCentre } from '../../server/hub/centre.ts';
import { openDatabaseFile } from '../../server/hub/database.ts';
import { CentreDesk } from '../../server/hub/desk.ts';
import { PublishedLibrary } from '../../server/hub/library.ts';
import type { Uploads } from '../../server/hub/uploads.ts';
import type { Platform } from '../../src/core/platform.ts';
import { computing } from './machine.ts';
import type { Mutant } from './mutant.ts';
import { type Box, type Edition, switchTo } from './stage.ts';
import { START, type World } from './world.ts';

/**
 * The hub's machine: the real hub on the real store. A crash takes the process and what it had in memory; files and database stay. Each time it
 * waits for a hash or a key, other requests go on, and it may die.
 */

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
}

interface Life {
  isAlive: boolean;
  readonly app: ReturnType<typeof createCentre>;
  readonly answers: AnswerStore;
  readonly desk: CentreDesk;
  /** Those who wait for an answer. */
  readonly waiting: Set<(error: Error) => void>;
}

/** As `UploadFolder`, on a disk that takes no time. */
class UploadDisk implements Uploads {
  readonly #files = new Map<string, Uint8Array>();

  read(name: string): Uint8Array | undefined {
    return this.#files.get(name);
  }

  write(name: string, at: number, bytes: Uint8Array): void {
    const file = at === 0 ? new Uint8Array(0) : (this.#files.get(name) ?? new Uint8Array(0));
    const length = Math.max(file.length, at + bytes.length);
    const next = new Uint8Array(length);
    next.set(file);
    next.set(bytes, at);
    this.#files.set(name, next);
  }
}

const never = new Promise<never>(() => {});

/** Made once a process, and emptied: opening one takes longer than a run's other work at it. */
const databases: DatabaseSync[] = [];

const emptyDatabase = (): DatabaseSync => {
  const database = databases.pop() ?? openDatabaseFile(':memory:');
  database.exec(
    'DELETE FROM twins; DELETE FROM answers; DELETE FROM envelopes; DELETE FROM devices; DELETE FROM sqlite_sequence',
  );
  return database;
};

export class HubSite {
  readonly #world: World;
  readonly #box: Box;
  readonly #mutant: Mutant;
  readonly database: DatabaseSync;
  readonly #uploads = new UploadDisk();
  edition: Edition;
  /** What its clock is off by, in milliseconds. */
  skew = 0;
  #life: Life | undefined;

  constructor(world: World, box: Box, edition: Edition, mutant: Mutant) {
    this.#world = world;
    this.#box = box;
    this.#mutant = mutant;
    this.database = mutant.database?.() ?? emptyDatabase();
    this.edition = edition;
    switchTo(box, edition);
    this.start();
  }

  get isUp(): boolean {
    return this.#life !== undefined;
  }

  start(): void {
    if (this.#life) return;
    const waiting = new Set<(error: Error) => void>();
    const life: { isAlive: boolean; waiting: typeof waiting } & Partial<Life> = { isAlive: true, waiting };
    const platform = this.#platform(life);
    const { dataDir } = this.#box;
    const keys = new ServingKeys(dataDir);
    const openers = (): readonly Uint8Array[] => keys.current().openers;
    const answers =
      this.#mutant.answerStore?.(this.database, openers, platform) ?? new AnswerStore(this.database, openers, platform);
    Object.assign(life, { answers, desk: new CentreDesk(keys, answers, platform) });
    const app = createCentre({
      config: {
        port: 0,
        host: 'localhost',
        dataDir,
        contentDir: dataDir,
        publicUrl: undefined,
        logLevel: 'error',
        resignSeconds: 3600,
        appOrigin: undefined,
        upstream: undefined,
      },
      appDir: dataDir,
      keys,
      code: 'none',
      answers,
      library: new PublishedLibrary(dataDir),
      uploads: this.#uploads,
      log: (level, event, details) => {
        if (level === 'error') this.#world.log(`hub ${event} ${JSON.stringify(details)}`);
      },
      platform,
    });
    this.#life = Object.assign(life, { app }) as Life;
    void answers.openPending();
  }

  crash(): void {
    const life = this.#life;
    if (!life) return;
    this.#world.log('hub crashes');
    life.isAlive = false;
    this.#life = undefined;
    for (const refuse of life.waiting) refuse(new TypeError('connection reset'));
  }

  /** What a later publication brings, under new keys too: a hub that runs takes them with it. */
  publish(edition: Edition): void {
    this.edition = edition;
    switchTo(this.#box, edition);
  }

  /** One request. Rejects where the hub is down or dies meanwhile. */
  handle(path: string, init: RequestInit): Promise<Reply> {
    const life = this.#life;
    if (!life) return Promise.reject(new TypeError('connection refused'));
    return new Promise((resolve, reject) => {
      life.waiting.add(reject);
      const answered = async (): Promise<Reply> => {
        const response = await life.app.fetch(new Request(`http://hub.test${path}`, init));
        const bytes = new Uint8Array(await response.arrayBuffer());
        return { status: response.status, headers: Object.fromEntries(response.headers), bytes };
      };
      answered()
        .then(resolve, reject)
        .finally(() => life.waiting.delete(reject));
    });
  }

  /** What `npm run carry` does there, as far as it comes: undefined where the hub is down, or dies meanwhile. */
  async byHand<T>(
    work: (desk: CentreDesk, answers: AnswerStore, platform: Platform) => Promise<T>,
  ): Promise<T | undefined> {
    const life = this.#life;
    if (!life) return undefined;
    return new Promise((resolve) => {
      const gone = (): void => resolve(undefined);
      life.waiting.add(gone);
      void work(life.desk, life.answers, this.#platform(life))
        .then(resolve, gone)
        .finally(() => life.waiting.delete(gone));
    });
  }

  /** Gives the database back. */
  close(): void {
    this.#life = undefined;
    if (!this.#mutant.database) databases.push(this.database);
  }

  #platform(life: { isAlive: boolean }): Platform {
    const world = this.#world;
    const random = (length: number) => world.noise(world.next('hub-random')).bytes(length);
    const machine = computing(random);
    // Others go on meanwhile; or it dies here.
    const pause = async <T>(work: Promise<T>): Promise<T> => {
      if (!life.isAlive) return never;
      const name = world.next('hub-step');
      await world.clock.sleep(world.noise(name).between(0, 4));
      if (life.isAlive && world.decide(name, world.profile.hub)) {
        this.crash();
        world.clock.after(world.noise(`${name}/down`).between(100, 60_000), () => this.start());
      }
      return life.isAlive ? work : never;
    };
    return {
      ...machine,
      now: () => START + world.clock.now + this.skew,
      chance: () => 0.5,
      randomBytes: random,
      sha256: (data) => pause(machine.sha256(data)),
      keyAgreement: {
        ...machine.keyAgreement,
        agree: (secret, other) => pause(machine.keyAgreement.agree(secret, other)),
      },
      after: (ms, fn) => world.clock.after(ms, () => life.isAlive && fn()),
    };
  }
}
