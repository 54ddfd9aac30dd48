import { proxy } from 'comlink';
import type { AppCost } from '../core/api/app-cost.ts';
import type {
  AnswerCounts,
  AnswerState,
  BlobState,
  CarryState,
  Draft,
  Finished,
  GivenUp,
  ItemView,
  LibraryView,
  Opened,
  PolicyChange,
  SearchAnswer,
  SearchQuestion,
  SearchState,
  StatusView,
  Unwatch,
  Wish,
  WorkerApi,
} from '../core/api/worker-api.ts';
import { codeOf } from '../core/errors.ts';
import type { CarriedIn, CarryView, CarryWish, NamedBlob } from '../core/protocol/carried.ts';
import type { BlobRef } from '../core/protocol/item.ts';
import type { LogEntry } from '../core/protocol/log.ts';
import type { ScreenFit } from '../core/protocol/media.ts';
import type { NearMet } from '../core/protocol/near.ts';
import type { AheadView, NetworkView } from '../core/protocol/network.ts';
import type { RunEnd, SyncLoop } from '../core/sync/loop.ts';
import { OVERHEAD } from '../core/sync/traffic.ts';
import type { Carry } from '../engine/carry.ts';
import type { EngineKit } from '../engine/main.ts';
import type { MediaAhead } from '../engine/media-ahead.ts';
import type { MediaKit } from '../engine/media-main.ts';
import type { Near } from '../engine/near.ts';
import type { LibrarySearch } from '../search/library-search.ts';
import type { Part } from './part.ts';

/** How long the store may take to open before the page hears of it (another tab may hold an upgrade up). */
const OPEN_MS = 5_000;

/** A sync that is under way is waited for, for less than a page waits for any call. */
const RELEASE_MS = 6_000;
const AGAIN_MS = 500;

/** Between two words on how far a sync is. */
const PROGRESS_MS = 250;

/** What comes in files of its own. */
export interface Parts {
  readonly media: Part<MediaKit>;
  readonly search: Part<LibrarySearch>;
  readonly carry: Part<Carry>;
  readonly near: Part<Near>;
}

/**
 * The engine behind the typed API, and the loop that decides when it syncs.
 *
 * Invariant: every wait of a page ends, with a value or with a code; nothing here holds state that a respawned worker would miss.
 */
export class DataWorker implements WorkerApi {
  readonly #kit: EngineKit;
  readonly #loop: SyncLoop;
  #phase: StatusView['phase'] = 'waiting';
  #isOpen = false;
  #progressTold = false;
  readonly #phaseListeners = new Set<() => void>();
  /** Pictures and recordings. */
  readonly #media: Part<MediaKit>;
  #ahead: MediaAhead | undefined;
  /** Ends the wait for it. */
  #awaited: Unwatch | undefined;
  readonly #search: Part<LibrarySearch>;
  readonly #carry: Part<Carry>;
  readonly #near: Part<Near>;

  constructor(kit: EngineKit, parts: Parts) {
    this.#kit = kit;
    this.#media = parts.media;
    this.#search = parts.search;
    this.#carry = parts.carry;
    this.#near = parts.near;
    this.#loop = kit.createLoop({
      run: (signal, asked) => this.#sync(signal, asked),
      onPhase: (phase) => {
        this.#phase = phase;
        this.#tellPhase();
        void this.#goAhead().catch(() => {});
      },
    });
    kit.engine.meter.onProgress = () => this.#tellProgress();
  }

  /** A hub on this Wi-Fi, where the person has chosen one, and its part of the app is here. */
  async #nearHub(): Promise<Near | undefined> {
    if ((await this.#kit.engine.library.policy()).near) return this.#near.get().catch(() => undefined);
    return undefined;
  }

  async #sync(signal: AbortSignal, asked: boolean): Promise<RunEnd> {
    return (await this.#nearHub())?.sync(signal, asked) ?? this.#kit.engine.sync('page', signal, asked);
  }

  /** Pictures and recordings that were asked for ahead come between two syncs, as long as there is a link. */
  async #goAhead(): Promise<void> {
    const { library } = this.#kit.engine;
    if (this.#phase === 'running') return this.#ahead?.hold();
    if (!(await library.policy()).ahead || !(await library.sync())?.reached) return;
    // Their part of the app is not fetched for nothing either.
    if ((await this.#kit.engine.spending.hold('media')) && !(await (await this.#nearHub())?.hub(false))) return;
    const begin = ({ ahead }: MediaKit): Unwatch => {
      this.#ahead = ahead;
      // A sync may have begun while this part of the app came.
      if (this.#phase === 'waiting') ahead.begin();
      return () => {};
    };
    this.#awaited?.();
    this.#awaited = this.#media.follow(begin, () => {});
  }

  #tellPhase(): void {
    for (const listener of this.#phaseListeners) listener();
  }

  /** A page cannot show more of them than that. */
  #tellProgress(): void {
    if (this.#progressTold) return;
    this.#progressTold = true;
    this.#kit.engine.platform.after(PROGRESS_MS, () => {
      this.#progressTold = false;
      this.#tellPhase();
    });
  }

  ping(): 'ready' {
    return 'ready';
  }

  async open({ installId }: { readonly installId: string | null }): Promise<Opened> {
    const { engine, views } = this.#kit;
    let device: string;
    try {
      device = await engine.open(OPEN_MS);
    } catch (error) {
      return { installId: installId ?? '', evicted: false, broken: codeOf(error, 'storage') };
    }
    const result = { installId: device, evicted: installId !== null && installId !== device };
    if (this.#isOpen) return result;
    this.#isOpen = true;
    const owed = { answer: false, news: false };
    const tell = (): void => this.#loop.attend({ owed: owed.answer || owed.news });
    views.watch(
      () => views.answersView(engine.answers, []),
      ({ kept, carried }) => {
        owed.answer = kept + carried > 0;
        tell();
      },
    );
    views.watch(
      () => views.statusView(engine.library),
      (status) => {
        // Before the page has said what it wants, a sync would ask for nothing, and be content with it.
        owed.news = status.owed;
        tell();
      },
    );
    return result;
  }

  attend(visible: boolean): void {
    this.#loop.attend({ visible });
  }

  sendNow(asked: boolean): void {
    this.#loop.sendNow(asked);
    this.#media.again();
    this.#search.again();
  }

  async setPolicy(change: PolicyChange): Promise<void> {
    await this.#kit.engine.library.setPolicy(change);
    this.#ahead?.hold();
    if (change.paused) this.#loop.stop();
    // What was held back may come now.
    else this.#loop.sendNow();
  }

  async meetNear(address: string, listener: (met: NearMet) => void): Promise<void> {
    const meet = async (): Promise<NearMet> => (await this.#near.get()).meet(address);
    // However long the person is asked by the browser: a page waits for no call as long as that.
    void meet()
      .catch((): NearMet => 'no-link')
      .then((met) => {
        listener(met);
        if (met === 'met') this.#loop.sendNow();
      });
  }

  async mayFetchApp(): Promise<boolean> {
    return (await this.#kit.engine.spending.hold('app')) === undefined;
  }

  async spent({ down, requests }: AppCost): Promise<void> {
    await this.#kit.engine.spending.record({ up: requests * OVERHEAD.up, down, requests });
  }

  async watchNetwork(listener: (network: NetworkView) => void): Promise<Unwatch> {
    const { engine, views } = this.#kit;
    return proxy(views.watch(() => views.networkView(engine.library, engine.platform.now()), listener));
  }

  async want(shelf: string): Promise<void> {
    await this.#kit.engine.library.want(shelf);
  }

  async release(shelf: string): Promise<void> {
    const { engine } = this.#kit;
    for (let waited = 0; ; waited += AGAIN_MS) {
      try {
        await engine.alone(() => engine.library.release(shelf));
        // The other shelves go on.
        if (waited > 0) this.#loop.sendNow();
        return;
      } catch (error) {
        if (codeOf(error, 'storage') !== 'busy' || waited >= RELEASE_MS) throw error;
        // It may be this very shelf that is coming, for minutes; most syncs end by themselves until then.
        if (waited > 0 && this.#phase === 'running') this.#loop.stop();
        await new Promise<void>((resolve) => engine.platform.after(AGAIN_MS, resolve));
      }
    }
  }

  async watchLibrary(shelf: string, listener: (library: LibraryView) => void): Promise<Unwatch> {
    const { engine, views } = this.#kit;
    return proxy(views.watch(() => views.libraryView(engine.library, shelf), listener));
  }

  async watchItem(shelf: string, id: string, listener: (item: ItemView) => void): Promise<Unwatch> {
    const { engine, views } = this.#kit;
    return proxy(views.watch(() => views.itemView(engine.library, shelf, id), listener));
  }

  async watchStatus(listener: (status: StatusView) => void): Promise<Unwatch> {
    const { engine, views } = this.#kit;
    let last: Omit<StatusView, 'phase' | 'link'> | undefined;
    const tell = (): void => {
      const { progress, link } = engine.meter;
      if (last)
        listener({ ...last, phase: this.#phase, link, ...(progress && this.#phase === 'running' && { progress }) });
    };
    const unwatch = views.watch(
      () => views.statusView(engine.library),
      (status) => {
        last = status;
        tell();
      },
    );
    this.#phaseListeners.add(tell);
    return proxy(() => {
      unwatch();
      this.#phaseListeners.delete(tell);
    });
  }

  async watchAnswers(numbers: readonly string[], listener: (counts: AnswerCounts) => void): Promise<Unwatch> {
    const { engine, views } = this.#kit;
    return proxy(views.watch(() => views.answersView(engine.answers, numbers), listener));
  }

  async finish(draft: Draft): Promise<Finished> {
    return this.#kit.engine.finish(draft);
  }

  async retry(): Promise<void> {
    await this.#kit.engine.answers.retry();
    this.#loop.sendNow(true);
  }

  async find(number: string): Promise<AnswerState | 'unknown'> {
    return (await this.#kit.engine.answers.stateOf(number)) ?? 'unknown';
  }

  async readGivenUp(what: readonly GivenUp[]): Promise<void> {
    await this.#kit.engine.library.readGivenUp(what);
  }

  async replaceLibrary(): Promise<void> {
    await this.#kit.engine.forgetLibrary();
    this.#loop.sendNow(true);
  }

  async watchBlob(blob: BlobRef, listener: (state: BlobState) => void): Promise<Unwatch> {
    const nothing = { bytes: 0, whole: false, kept: false, dropped: false, busy: false, problem: 'no-link' } as const;
    return proxy(
      this.#media.follow(
        ({ media }) => media.watch(blob, listener),
        () => listener(nothing),
      ),
    );
  }

  async fetchBlob(blob: BlobRef, why: Wish): Promise<void> {
    // However long their part of the app takes: who asked does not ask again.
    this.#media.follow(
      ({ media }) => {
        media.fetch(blob, why);
        return () => {};
      },
      () => {},
    );
  }

  async readBlob(blob: BlobRef): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return (await this.#media.get()).media.read(blob);
  }

  async dropBlobs(hashes: readonly string[]): Promise<void> {
    await (await this.#media.get()).media.drop(hashes);
  }

  async watchAhead(fit: ScreenFit, listener: (view: AheadView) => void): Promise<Unwatch> {
    return proxy(
      this.#media.follow(
        ({ ahead }) => ahead.watch(fit, listener),
        () => {},
      ),
    );
  }

  async dropMedia(): Promise<void> {
    await (await this.#media.get()).media.clear();
  }

  async log(): Promise<readonly LogEntry[]> {
    return this.#kit.engine.library.lastSyncs();
  }

  async carryView(): Promise<CarryView> {
    return (await this.#carry.get()).look();
  }

  async carryOut(wish: CarryWish, listener: (state: CarryState<Blob>) => void): Promise<void> {
    void (await this.#carry.get()).out(wish, listener);
  }

  async carryIn(file: NamedBlob, listener: (state: CarryState<CarriedIn>) => void): Promise<void> {
    const carry = await this.#carry.get();
    void carry.in(file, listener).then(() => this.#loop.sendNow());
  }

  async noticeCode(lang: string, id: string): Promise<string | undefined> {
    return (await this.#carry.get()).noticeCode(lang, id);
  }

  async search(question: SearchQuestion): Promise<SearchAnswer> {
    return (await this.#search.get()).search(question);
  }

  async watchSearch(listener: (state: SearchState) => void): Promise<Unwatch> {
    return proxy(
      this.#search.follow(
        (search) => search.watch(listener),
        () => {},
      ),
    );
  }
}
