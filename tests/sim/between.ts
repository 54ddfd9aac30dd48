import { writeFileSync } from 'node:fs';
import { relayKey, relayKeyPath } from '../../server/box/keys.ts';
import { ReceivedFiles } from '../../server/carry/receive.ts';
import type { Upstream } from '../../server/config.ts';
import { createHub } from '../../server/hub/app.ts';
import { PublishedLibrary } from '../../server/hub/library.ts';
import type { Log } from '../../server/log.ts';
import { BlobParts } from '../../server/mirror/blob-parts.ts';
import { BlobShelf } from '../../server/mirror/blob-shelf.ts';
import { HeldAnswers } from '../../server/mirror/held-answers.ts';
import { Mirror } from '../../server/mirror/mirror.ts';
import { MirrorHeads } from '../../server/mirror/mirror-heads.ts';
import { MirrorStore } from '../../server/mirror/mirror-store.ts';
import { type MirrorTreeInput, writeMirrorTree } from '../../server/mirror/mirror-tree.ts';
import { RelayDesk } from '../../server/mirror/relay-desk.ts';
import { statePages } from '../../server/mirror/state-page.tsx';
import type { locked } from '../../server/publish/lock.ts';
import type { Platform } from '../../src/core/platform.ts';
import { BetweenDisk, Died } from './between-disk.ts';
import { UploadDisk } from './hub.ts';
import { computing } from './machine.ts';
import type { Mutant } from './mutant.ts';
import { type Network, ORIGIN } from './network.ts';
import { never, Process, type Reply, refused, type Site } from './process.ts';
import { hubSeed, type Stage } from './stage.ts';
import type { World } from './world.ts';

/**
 * A hub in between: the real mirror, desk and routes, over a link of its own to the hub above. A crash takes the process; databases and files stay,
 * among them a tree of which only a part was written.
 */

export interface BetweenOptions {
  readonly world: World;
  readonly stage: Stage;
  readonly mutant: Mutant;
  /** `upper` and `lower`, as the library names them. */
  readonly name: string;
  /** It has a key of its own, with which it says what it holds. */
  readonly hasKey: boolean;
  /** Bytes an hour that news may cost; undefined: as many as it takes. */
  readonly hourly: number | undefined;
  /** Share of its waits at which it dies. */
  readonly rate: number;
  /** Its link to the hub above. */
  readonly link: Network;
  /** Told after each tree that it has written. */
  readonly onServed: (site: BetweenSite) => void;
  /** Told what it says of others. */
  readonly onAccused: (site: BetweenSite, code: string, why: string) => void;
}

interface Life {
  readonly process: Process;
  readonly mirror: Mirror;
  readonly app: ReturnType<typeof createHub>;
  readonly held: HeldAnswers;
  readonly store: MirrorStore;
}

/** Of its waits, writing a tree is the longest: it dies there so many times as often. */
const LONG = 20;
/** About as many files as a tree has, without its pages. */
const FILES = 40;

export class BetweenSite implements Site {
  readonly options: BetweenOptions;
  readonly disk: BetweenDisk;
  readonly #world: World;
  readonly #uploads = new UploadDisk();
  /** What its clock is off by, in milliseconds. */
  skew = 0;
  #life: Life | undefined;

  constructor(options: BetweenOptions) {
    this.options = options;
    this.#world = options.world;
    this.disk = new BetweenDisk(options.stage);
    if (options.hasKey) writeFileSync(relayKeyPath(this.disk.dataDir), hubSeed(options.name));
    this.start();
  }

  get name(): string {
    return this.options.name;
  }

  start(): void {
    if (this.#life) return;
    const { world, name, rate, mutant } = this.options;
    const process = new Process({
      world,
      name,
      rate,
      skew: () => this.skew,
      die: () => this.crash(),
      start: () => this.start(),
    });
    const platform = mutant.between?.platform?.(process.platform) ?? process.platform;
    this.#life = { process, ...this.#open(process, platform) };
    world.log(`${name} starts`);
    this.#life.mirror.start();
  }

  crash(): void {
    const life = this.#life;
    if (!life) return;
    this.#world.log(`${this.name} crashes`);
    this.#life = undefined;
    life.process.end();
  }

  handle(path: string, init: RequestInit): Promise<Reply> {
    return this.#life ? this.#life.process.serve(this.#life.app, path, init) : refused();
  }

  /** Somebody looks at its own page, and asks for news. */
  look(): void {
    this.#life?.held.retry();
    this.#life?.mirror.nudge();
  }

  /** Its operator begins anew with the library at its address. */
  wipe(): void {
    this.crash();
    this.#world.log(`${this.name} begins anew`);
    this.disk.wipe();
    this.start();
  }

  /** Its disk is as it was before its newest tree. */
  goBack(): void {
    this.crash();
    if (this.disk.goBack()) this.#world.log(`${this.name} goes back to number ${this.disk.seq()}`);
  }

  /** The library that it mirrors; undefined while it is down, or has none. */
  get identity(): string | undefined {
    return this.#life?.store.state()?.identity;
  }

  /** How many answers for a centre have no receipt here. */
  waiting(centre: string): number {
    const rows = this.disk.answers.prepare('SELECT id FROM held WHERE receipt IS NULL AND addressee = ?');
    return rows.all(centre).length;
  }

  /** Whether it has an answer, or its receipt. */
  has(id: string): boolean {
    return this.disk.answers.prepare('SELECT 1 FROM held WHERE id = ?').get(id) !== undefined;
  }

  close(): void {
    const life = this.#life;
    this.#life = undefined;
    life?.process.end();
    this.disk.close();
  }

  #open(process: Process, platform: Platform): Omit<Life, 'process'> {
    const { stage, hourly, link, mutant } = this.options;
    const { between = {} } = mutant;
    const { dataDir, mirror: database, answers } = this.disk;
    const { appDir } = stage.ours;
    const upstream: Upstream = { origin: ORIGIN, shelves: undefined, media: 'none', hourly, daily: undefined };
    const own = new HeldAnswers(answers);
    const held = between.held?.(own, answers, platform) ?? own;
    const plain = new MirrorStore(database, upstream, platform.now);
    const store = between.store?.(plain, platform) ?? plain;
    const blobs = new BlobShelf(`${dataDir}/mirror`);
    const stores = { store, held, parts: new BlobParts(database), blobs, close: () => {} };
    const caller = { name: this.name, after: (ms: number, fn: () => void) => process.after(ms, fn) };
    const log = this.#log;
    const mirror = new Mirror({
      ...stores,
      platform,
      upstream,
      dataDir,
      appDir,
      carrier: { fetch: (url, init) => link.fetch(caller, url, init) },
      lock: alone(),
      writeTree: (input) => this.#writeTree(process, input),
      log,
    });
    const real = new RelayDesk({
      held,
      platform,
      store,
      key: () => relayKey(dataDir),
      nudge: () => mirror.nudge(),
    });
    const desk = between.desk?.(real) ?? real;
    const heads = new MirrorHeads(dataDir, store, platform);
    const config = {
      port: 0,
      host: 'localhost',
      dataDir,
      contentDir: dataDir,
      publicUrl: undefined,
      logLevel: 'error',
      resignSeconds: 3600,
      appOrigin: undefined,
      upstream,
    } as const;
    const received = new ReceivedFiles(dataDir);
    const app = createHub({
      config,
      appDir,
      desk,
      heads: between.heads?.(heads, store) ?? heads,
      library: new PublishedLibrary(dataDir),
      blobs: blobs.folder,
      uploads: this.#uploads,
      log,
      platform,
      own: statePages({ upstream, config, appDir, stores, desk, mirror, code: 'none', received, log }),
    });
    return { mirror, app, held, store };
  }

  readonly #log: Log = (level, event, details = {}) => {
    const { world, onAccused } = this.options;
    if (level === 'error' || event.startsWith('mirror.')) world.log(`${this.name} ${event} ${JSON.stringify(details)}`);
    if (event === 'mirror.failed') onAccused(this, String(details.code), String(details.why));
  };

  /** The files are written for real, at once; it may die before, meanwhile, and after. */
  async #writeTree(process: Process, input: MirrorTreeInput): Promise<number | undefined> {
    const { world, stage, rate, mutant } = this.options;
    await process.pause(Promise.resolve(), 3_000);
    const name = world.next(`${this.name}-tree`);
    const dies = world.decide(name, rate * LONG)?.below(FILES + 1) ?? Infinity;
    const { now } = input.platform;
    const platform = { ...input.platform, ...computing(() => new Uint8Array(0)), now: () => stamp };
    const stamp = now();
    const day = new Date(stamp).toISOString().slice(0, 10);
    const table = input.store.state()?.head?.table;
    const edition = [stage.ours, stage.stranger]
      .flatMap(({ editions }) => editions)
      .find((one) => one.tableHash === table);
    const written = await world.clock.outside(async () => {
      let writer: { ended(): Promise<void> } | undefined;
      try {
        const open = (home: string) => {
          const made = this.disk.writer(edition, day, dies);
          writer = made;
          return mutant.between?.writer?.(made, home, made.number) ?? made;
        };
        return { seq: await writeMirrorTree({ ...input, platform, writer: open }) };
      } catch (error) {
        if (error instanceof Died) return undefined;
        throw error;
      } finally {
        await writer?.ended();
      }
    });
    if (!process.isAlive) return never;
    if (!written) {
      this.crash();
      world.clock.after(world.noise(`${name}/down`).between(100, 60_000), () => this.start());
      return never;
    }
    if (written.seq !== undefined) this.options.onServed(this);
    return written.seq;
  }
}

/** As `locked`, in a process that has the folder for itself. */
const alone = (): typeof locked => {
  let isTaken = false;
  return async (_path, _wait, work) => {
    if (isTaken) return undefined;
    isTaken = true;
    try {
      return { result: await work() };
    } finally {
      isTaken = false;
    }
  };
};
