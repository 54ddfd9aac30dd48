import type { Platform } from '../../src/core/platform.ts';
import { fromUtf8 } from '../../src/core/protocol/bytes.ts';
import { neededShelves, type ShelfTable } from '../../src/core/protocol/head.ts';
import { type RunEnd, SyncLoop } from '../../src/core/sync/loop.ts';
import type { Transport } from '../../src/core/sync/ports.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { Locks } from '../../src/engine/exclusive.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import { type LibraryData, MemoryLibrary } from '../../src/store/memory-library.ts';
import { type AnswersData, MemoryOutbox } from '../../src/store/memory-outbox.ts';
import { computing } from './machine.ts';
import type { Mutant } from './mutant.ts';
import { type Network, ORIGIN } from './network.ts';
import type { Draw } from './random.ts';
import { type TabAnswers, type TabLibrary, tabAnswers, tabLibrary } from './stores.ts';
import { START, type World } from './world.ts';

/** A phone: what it stores, and the pages that are open on it. Each page has an engine and a loop of its own, as in the app. */

const never = new Promise<never>(() => {});

/** The system writes to the disk what was committed so long ago, in milliseconds, whatever durability was asked for. */
const FLUSHED_MS = 30_000;

export interface DeviceOptions {
  readonly world: World;
  readonly network: Network;
  readonly mutant: Mutant;
  /** Told after each change of what is stored. */
  readonly onLibrary: (before: LibraryData, after: LibraryData, wasCut: boolean) => void;
  readonly onAnswers: (before: AnswersData, after: AnswersData) => void;
}

export class Device {
  readonly options: DeviceOptions;
  readonly world: World;
  readonly library = new MemoryLibrary();
  readonly answers = new MemoryOutbox();
  readonly tabs: Tab[] = [];
  readonly locks: Locks | null;
  /** What its clock is off by, in milliseconds. */
  skew = 0;
  /** No write finds room. */
  isFull = false;
  /** Things that can be fetched again, and make room: on every third device there is one. */
  loose: number;
  /** The words that were typed on it. */
  readonly typed = new Set<string>();
  #holder: Tab | undefined;
  /** What the disk may fall back to: what was there before each relaxed commit. */
  #older: { readonly at: number; readonly library: LibraryData; readonly answers: AnswersData }[] = [];
  #opened = 0;

  constructor(options: DeviceOptions) {
    this.options = options;
    this.world = options.world;
    this.loose = this.world.noise('loose').chance(1 / 3) ? 1 : 0;
    const locks = this.world.profile.leases ? null : { request: this.#request };
    this.locks = options.mutant.locks ? options.mutant.locks(locks) : locks;
  }

  get live(): readonly Tab[] {
    return this.tabs.filter(({ isAlive }) => isAlive);
  }

  open(kind: 'page' | 'worker' = 'page'): Tab {
    const tab = new Tab(this, `${kind}${++this.#opened}`, kind);
    this.tabs.push(tab);
    this.world.log(`${tab.name} opens`);
    return tab;
  }

  /** The power goes: every page dies, and what was committed a moment ago may be as it was before. */
  cutPower(draw: Draw): void {
    const after = { library: this.library.data, answers: this.answers.data };
    for (const tab of this.live) tab.kill('power');
    const since = this.world.clock.now - FLUSHED_MS;
    const lost = this.#older.filter(({ at }) => at >= since);
    const to = lost[draw.below(lost.length + 1)];
    this.#older = [];
    if (!to) return;
    this.world.log(`power cut: the disk is as it was at ${(to.at / 1000).toFixed(3)}`);
    this.library.data = to.library;
    this.options.onLibrary(after.library, to.library, true);
    if (this.options.mutant.relaxedAnswers) {
      this.answers.data = to.answers;
      this.options.onAnswers(after.answers, to.answers);
    }
  }

  /** What makes room goes; false: there is nothing left that can. */
  giveUp(): boolean {
    if (this.loose === 0) return false;
    this.loose--;
    this.isFull = false;
    return true;
  }

  /** Applies a change of the store at once. */
  apply<T>(change: () => T): T {
    const library = this.library.data;
    const answers = this.answers.data;
    const result = change();
    if (this.library.data !== library || this.answers.data !== answers) {
      this.#older.push({ at: this.world.clock.now, library, answers });
      if (this.#older.length > 40) this.#older.shift();
      if (this.library.data !== library) this.options.onLibrary(library, this.library.data, false);
      if (this.answers.data !== answers) this.options.onAnswers(answers, this.answers.data);
      for (const tab of this.tabs) tab.noticed();
    }
    return result;
  }

  /** What a page would show of the state of things: see `views.statusView`. */
  status(): { readonly owed: boolean; readonly problem: string | undefined } {
    const { state, shelves, wanted, sync } = this.library.data;
    const table = tableOf(state?.table);
    const isWhole = (name: string): boolean =>
      neededShelves([name], table).every((one) => {
        const hash = shelves.get(one)?.hash ?? '';
        return hash !== '' && hash === table[one]?.hash;
      });
    const known = wanted.filter((name) => name in table);
    const whole = known.length > 0 && known.every(isWhole);
    const { answers, carried } = this.answers.data;
    const kept = [...answers.values(), ...carried].some(({ state }) => state === 'kept');
    return { owed: kept || (wanted.length > 0 && !whole), problem: sync?.problem };
  }

  /** Web Locks, `ifAvailable`: granted or refused a moment later; a lock ends with its page. */
  readonly #request: Locks['request'] = async (_name, _options, work) => {
    const tab = Tab.current;
    await this.world.clock.sleep(1);
    if (!tab.isAlive) return never;
    if (this.#holder?.isAlive) return work(null);
    this.#holder = tab;
    try {
      return await work({});
    } finally {
      if (this.#holder === tab) this.#holder = undefined;
    }
  };
}

const tables = new WeakMap<Uint8Array, ShelfTable>();
const tableOf = (bytes: Uint8Array | undefined): ShelfTable => {
  if (!bytes) return {};
  const known = tables.get(bytes) ?? (JSON.parse(fromUtf8(bytes)) as ShelfTable);
  tables.set(bytes, known);
  return known;
};

export class Tab {
  /** Who asks for the lock: set for as long as the call lasts. */
  static current: Tab;
  readonly name: string;
  readonly device: Device;
  readonly library: TabLibrary;
  readonly answers: TabAnswers;
  readonly engine: Engine<TabLibrary, TabAnswers>;
  readonly #loop: SyncLoop;
  readonly #kind: 'page' | 'worker';
  isAlive = true;
  #frozenUntil = 0;
  #isTold = false;
  #random = 0;
  /** Requests under way. */
  #carried = 0;

  constructor(device: Device, name: string, kind: 'page' | 'worker') {
    this.device = device;
    this.name = name;
    this.#kind = kind;
    const { mutant, network } = device.options;
    const library = tabLibrary(this, device.library);
    const answers = tabAnswers(this, device.answers);
    this.library = mutant.library?.(library, this) ?? library;
    this.answers = mutant.answers?.(answers, this) ?? answers;
    const own = this.#platform();
    const platform = mutant.platform?.(own, this) ?? own;
    const meter = new Meter(platform.now, false);
    const transport = fetchTransport(platform, ORIGIN, meter, { fetch: (url, init) => network.fetch(this, url, init) });
    const { locks } = device;
    this.engine = new Engine({
      platform,
      library: this.library,
      answers: this.answers,
      transport: this.#alone(mutant.transport?.(transport, this) ?? transport),
      meter,
      forgetMedia: async () => {},
      sacrifices: [{ what: 'pictures', free: () => this.operate('sacrifice', 'read', async () => device.giveUp()) }],
      locks: locks && {
        request: (lock, options, work) => {
          Tab.current = this;
          return locks.request(lock, options, work);
        },
      },
    });
    this.#loop = new SyncLoop({
      platform,
      run: (signal, asked) => this.#sync(signal, asked),
      onPhase: () => {},
    });
    void this.#begin();
  }

  /** One page of a device uses the link at a time: leases may run out under one that was frozen, locks may not. */
  #alone(transport: Transport): Transport {
    const { device } = this;
    const { world } = device;
    const alone = async <T>(work: () => Promise<T>): Promise<T> => {
      const other = device.live.find((tab) => tab !== this && tab.#carried > 0);
      if (other && !world.profile.leases)
        world.fail('one sender', `${other.name} and ${this.name} use the link at once`);
      this.#carried++;
      try {
        return await work();
      } finally {
        this.#carried--;
      }
    };
    return {
      get: (...args) => alone(() => transport.get(...args)),
      postBatch: (...args) => alone(() => transport.postBatch(...args)),
    };
  }

  async #begin(): Promise<void> {
    try {
      await this.engine.open(5_000);
    } catch (error) {
      // As the data worker does: the page hears of it, and opens again with the next one.
      this.device.world.log(`${this.name} cannot open: ${String(error)}`);
      return this.kill('cannot open');
    }
    if (this.#kind === 'worker') {
      await this.#sync(new AbortController().signal).catch(() => {});
      this.kill('done');
      return;
    }
    this.attend(true);
    this.noticed();
  }

  async #sync(signal: AbortSignal, asked = false): Promise<RunEnd> {
    const { world } = this.device;
    world.log(`${this.name} sync`);
    try {
      const end = await this.engine.sync(this.#kind === 'page' ? 'page' : 'background', signal, asked);
      world.log(`${this.name} sync ok`);
      return end;
    } catch (error) {
      const { code, details } = error as { code?: string; details?: unknown };
      world.log(`${this.name} sync: ${code ?? (error as Error).name} ${JSON.stringify(details ?? '')}`);
      throw error;
    }
  }

  attend(visible: boolean): void {
    if (this.isAlive) this.#loop.attend({ visible });
  }

  sendNow(asked = false): void {
    if (this.isAlive) this.#loop.sendNow(asked);
  }

  kill(why: string): void {
    if (!this.isAlive) return;
    this.device.world.log(`${this.name} dies (${why})`);
    this.isAlive = false;
  }

  /** Sent to the background: nothing of it goes on for `ms`. */
  freeze(ms: number): void {
    this.#frozenUntil = this.device.world.clock.now + ms;
  }

  /** Runs `fn` after `ms`, once this page is awake, and unless it is dead. */
  after(ms: number, fn: () => void): () => void {
    const { clock } = this.device.world;
    let cancel = (): void => {};
    const run = (): void => {
      if (!this.isAlive) return;
      const left = this.#frozenUntil - clock.now;
      if (left > 0) cancel = clock.after(left, run);
      else fn();
    };
    cancel = clock.after(ms, run);
    return () => cancel();
  }

  /** Something was stored: what a live query would tell this page. */
  noticed(): void {
    if (this.#isTold || !this.isAlive || this.#kind === 'worker') return;
    this.#isTold = true;
    this.after(5, () => {
      this.#isTold = false;
      this.#loop.attend({ owed: this.device.status().owed });
    });
  }

  /** One operation of a store, as one step. */
  operate<T>(name: string, kind: 'read' | 'write', work: () => Promise<T> | undefined): Promise<T> {
    const { device } = this;
    const { world } = device;
    const key = world.next('store');
    return new Promise<T>((resolve, reject) => {
      this.after(world.noise(key).between(0.1, kind === 'write' ? 8 : 2), () => {
        const fault = world.decide(key, world.profile.store);
        const kinds = kind === 'write' ? WRITE_FAULTS : READ_FAULTS;
        const what = device.isFull && kind === 'write' ? 'full' : fault?.pick(kinds);
        if (what) world.log(`${this.name} ${name}: ${what}`);
        if (what === 'die before') return this.kill(name);
        if (what === 'full') return reject(new DOMException('full', 'QuotaExceededError'));
        if (what === 'abort') return reject(new DOMException('aborted', 'AbortError'));
        if (what === 'lost before') return reject(new DOMException('connection lost', 'UnknownError'));
        // The store changes here; its promise tells of it later.
        const result = device.apply(work) as Promise<T>;
        if (what === 'die after') return this.kill(name);
        if (what === 'lost after') return reject(new DOMException('connection lost', 'InvalidStateError'));
        result.then(resolve, reject);
      });
    });
  }

  #platform(): Platform {
    const { world } = this.device;
    const random = (length: number): Uint8Array<ArrayBuffer> =>
      world.noise(`${this.name}/random/${++this.#random}`).bytes(length);
    return {
      ...computing(random),
      now: () => Math.max(0, START + world.clock.now + this.device.skew),
      chance: () => world.noise(`${this.name}/chance/${++this.#random}`).next(),
      randomBytes: random,
      after: (ms, fn) => this.after(ms, fn),
    };
  }
}

const READ_FAULTS = ['die before', 'lost before'] as const;
const WRITE_FAULTS = ['die before', 'die after', 'full', 'abort', 'lost before', 'lost after'] as const;
