import type { DatabaseSync } from 'node:sqlite';
import { ServingKeys } from '../../server/box/serving.ts';
import { AnswerStore } from '../../server/hub/answer-store.ts';
import { createCentre } from '../../server/hub/centre.ts';
import { openDatabaseFile } from '../../server/hub/database.ts';
import { CentreDesk } from '../../server/hub/desk.ts';
import { PublishedLibrary } from '../../server/hub/library.ts';
import type { Uploads } from '../../server/hub/uploads.ts';
import type { Platform } from '../../src/core/platform.ts';
import type { Mutant } from './mutant.ts';
import { Process, type Reply, refused, type Site } from './process.ts';
import { type Box, type Edition, switchTo } from './stage.ts';
import type { World } from './world.ts';

/**
 * The hub's machine: the real hub on the real store. A crash takes the process and what it had in memory; files and database stay. Each time it
 * waits for a hash or a key, other requests go on, and it may die.
 */

interface Life {
  readonly process: Process;
  readonly app: ReturnType<typeof createCentre>;
  readonly answers: AnswerStore;
  readonly desk: CentreDesk;
}

/** As `UploadFolder`, on a disk that takes no time. */
export class UploadDisk implements Uploads {
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

/** Made once a process, and emptied: opening one takes longer than a run's other work at it. */
const databases: DatabaseSync[] = [];

const emptyDatabase = (): DatabaseSync => {
  const database = databases.pop() ?? openDatabaseFile(':memory:');
  database.exec(
    'DELETE FROM twins; DELETE FROM answers; DELETE FROM envelopes; DELETE FROM devices; DELETE FROM sqlite_sequence',
  );
  return database;
};

export class HubSite implements Site {
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
    const process = new Process({
      world: this.#world,
      name: 'hub',
      rate: this.#world.profile.hub,
      skew: () => this.skew,
      die: () => this.crash(),
      start: () => this.start(),
    });
    const { platform } = process;
    const { dataDir } = this.#box;
    const keys = new ServingKeys(dataDir);
    const openers = (): readonly Uint8Array[] => keys.current().openers;
    const answers =
      this.#mutant.answerStore?.(this.database, openers, platform) ?? new AnswerStore(this.database, openers, platform);
    const desk = new CentreDesk(keys, answers, platform);
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
    this.#life = { process, app, answers, desk };
    void answers.openPending();
  }

  crash(): void {
    const life = this.#life;
    if (!life) return;
    this.#world.log('hub crashes');
    this.#life = undefined;
    life.process.end();
  }

  /** What a later publication brings, under new keys too: a hub that runs takes them with it. */
  publish(edition: Edition): void {
    this.edition = edition;
    switchTo(this.#box, edition);
  }

  /** One request. Rejects where the hub is down or dies meanwhile. */
  handle(path: string, init: RequestInit): Promise<Reply> {
    return this.#life ? this.#life.process.serve(this.#life.app, path, init) : refused();
  }

  /** What `npm run carry` does there, as far as it comes: undefined where the hub is down, or dies meanwhile. */
  async byHand<T>(
    work: (desk: CentreDesk, answers: AnswerStore, platform: Platform) => Promise<T>,
  ): Promise<T | undefined> {
    const life = this.#life;
    return life?.process.within(() => work(life.desk, life.answers, life.process.platform));
  }

  /** Gives the database back. */
  close(): void {
    this.#life = undefined;
    if (!this.#mutant.database) databases.push(this.database);
  }
}
