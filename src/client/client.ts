import { type Signal, signal } from '@preact/signals';
import { proxy, type Remote } from 'comlink';
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
  Wish,
  WorkerApi,
} from '../core/api/worker-api.ts';
import { codeOf, type ErrorCode, RelaisError } from '../core/errors.ts';
import type { CarriedIn, CarryView, CarryWish, NamedBlob } from '../core/protocol/carried.ts';
import type { BlobRef } from '../core/protocol/item.ts';
import type { LogEntry } from '../core/protocol/log.ts';
import type { ScreenFit } from '../core/protocol/media.ts';
import type { NearMet } from '../core/protocol/near.ts';
import type { AheadView, NetworkView } from '../core/protocol/network.ts';
import { rememberedInstall, rememberInstall } from './install-id.ts';
import { type Subscribe, WorkerLink } from './worker-link.ts';

/** A store that did not open is asked again after so long. */
const OPEN_AGAIN_MS = 10_000;
/** The longest that a worker at work says nothing: a sync of another page may be waited for meanwhile. */
const SILENT_MS = 90_000;

/** The page's only door to the worker: calls, and live queries as signals. */
export class Client {
  /** What the store said when it opened; undefined until then. */
  readonly opened: Signal<Opened | undefined> = signal(undefined);
  readonly status: Signal<StatusView | undefined> = signal(undefined);
  readonly #link: WorkerLink;
  #wanted: string | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#link = new WorkerLink((api) => this.#open(api));
  }

  async #open(api: Remote<WorkerApi>): Promise<void> {
    clearTimeout(this.#again);
    const opened = await api.open({ installId: rememberedInstall() });
    // An eviction that was found once stays worth saying until the page goes.
    this.opened.value = { ...opened, evicted: opened.evicted || (this.opened.value?.evicted ?? false) };
    if (opened.broken) {
      this.#again = setTimeout(() => this.#openAgain(), OPEN_AGAIN_MS);
      return;
    }
    rememberInstall(opened.installId);
    if (this.#wanted) await api.want(this.#wanted);
    await api.attend(document.visibilityState === 'visible');
  }

  /** The other page may be closed by now, or the browser have found its database again. */
  #openAgain(): void {
    void this.#link
      .call((api) => this.#open(api))
      .then(() => this.#link.refresh())
      .catch(() => {});
  }

  /** False where there is no store to wait for: plain http has no WebCrypto, so nothing can be verified or sealed. */
  readonly canStore: boolean = globalThis.crypto?.subtle !== undefined;

  /** Starts the worker and keeps it told what the person does. */
  start(shelf: string): void {
    this.#wanted = shelf;
    this.#link.subscribe((api) => api.watchStatus(proxy((status) => this.#heard(status))));
    document.addEventListener('visibilitychange', () => this.#attend());
    // Hints only: a try is made, and what it delivers decides.
    window.addEventListener('online', () => this.sendNow());
    window.addEventListener('pageshow', (event) => event.persisted && this.sendNow());
  }

  #heard(status: StatusView): void {
    this.status.value = status;
  }

  #attend(): void {
    const visible = document.visibilityState === 'visible';
    void this.#link.call((api) => api.attend(visible)).catch(() => {});
    if (visible) this.#link.refresh();
  }

  /** `asked`: by a tap. */
  sendNow(asked = false): void {
    void this.#link.call((api) => api.sendNow(asked)).catch(() => {});
  }

  setPolicy(change: PolicyChange): void {
    void this.#link.call((api) => api.setPolicy(change)).catch(() => {});
  }

  /** Looks for the library at a hub on this Wi-Fi, and tells what came of it. */
  meetNear(address: string, listener: (met: NearMet) => void): void {
    void this.#link.call((api) => api.meetNear(address, proxy(listener))).catch(() => listener('no-link'));
  }

  /** Whether the link may be used for the app's own files. */
  mayFetchApp(): Promise<boolean> {
    return this.#link.call((api) => api.mayFetchApp()).catch(() => true);
  }

  /** Pages and files of the app took so much from the link. */
  spent(cost: AppCost): void {
    void this.#link.call((api) => api.spent(cost)).catch(() => {});
  }

  watchAhead(fit: ScreenFit, listener: (view: AheadView) => void): () => void {
    return this.#watch((api) => api.watchAhead(fit, proxy(listener)));
  }

  /** Takes all pictures and recordings from this device. */
  dropMedia(): void {
    void this.#link.call((api) => api.dropMedia()).catch(() => {});
  }

  watchNetwork(listener: (network: NetworkView) => void): () => void {
    return this.#watch((api) => api.watchNetwork(proxy(listener)));
  }

  want(shelf: string): void {
    this.#wanted = shelf;
    void this.#link
      .call((api) => api.want(shelf))
      .then(() => this.sendNow())
      .catch(() => {});
  }

  /** Keeps a collection on this device, in one language. */
  keep(shelf: string): void {
    void this.#link
      .call((api) => api.want(shelf))
      .then(() => this.sendNow(true))
      .catch(() => {});
  }

  /** Takes a language, or a collection, from this device. */
  release(shelf: string): void {
    void this.#link.call((api) => api.release(shelf)).catch(() => {});
  }

  /** Where there is no store there is nothing to see, and no worker to fetch. */
  #watch(subscribe: Subscribe): () => void {
    return this.canStore ? this.#link.subscribe(subscribe) : () => {};
  }

  watchLibrary(shelf: string, listener: (library: LibraryView) => void): () => void {
    return this.#watch((api) => api.watchLibrary(shelf, proxy(listener)));
  }

  watchItem(shelf: string, id: string, listener: (item: ItemView) => void): () => void {
    return this.#watch((api) => api.watchItem(shelf, id, proxy(listener)));
  }

  watchAnswers(numbers: readonly string[], listener: (counts: AnswerCounts) => void): () => void {
    return this.#watch((api) => api.watchAnswers(numbers, proxy(listener)));
  }

  watchBlob(blob: BlobRef, listener: (state: BlobState) => void): () => void {
    return this.#watch((api) => api.watchBlob(blob, proxy(listener)));
  }

  /** Begins to fetch a picture or a recording; what comes of it tells `watchBlob`. */
  fetchBlob(blob: BlobRef, why: Wish): void {
    void this.#link.call((api) => api.fetchBlob(blob, why)).catch(() => {});
  }

  async readBlob(blob: BlobRef): Promise<Blob | undefined> {
    const bytes = await this.#link.call((api) => api.readBlob(blob)).catch(() => undefined);
    return bytes && new Blob([bytes], { type: blob.type });
  }

  dropBlobs(hashes: readonly string[]): void {
    void this.#link.call((api) => api.dropBlobs(hashes)).catch(() => {});
  }

  /** Freezes and stores an answer. A worker that died on the way is asked once more: the draft's token makes that safe. */
  async finish(draft: Draft): Promise<Finished> {
    const ask = (): Promise<Finished> => this.#link.call((api) => api.finish(draft) as Promise<Finished>);
    try {
      return await ask();
    } catch {
      return ask().catch((): Finished => ({ kept: false, code: 'worker' }));
    }
  }

  retry(): void {
    void this.#link.call((api) => api.retry()).catch(() => {});
  }

  async find(number: string): Promise<AnswerState | 'unknown'> {
    if (!this.canStore) return 'unknown';
    return this.#link.call((api) => api.find(number));
  }

  readGivenUp(what: readonly GivenUp[]): void {
    void this.#link.call((api) => api.readGivenUp(what)).catch(() => {});
  }

  async replaceLibrary(): Promise<void> {
    await this.#link.call((api) => api.replaceLibrary());
  }

  log(): Promise<readonly LogEntry[]> {
    return this.#link.call((api) => api.log());
  }

  carryView(): Promise<CarryView> {
    return this.#link.call((api) => api.carryView());
  }

  /** Rejects with the code of what went wrong. `onStep`: how far it is. */
  carryOut(wish: CarryWish, onStep: (done: number, total: number) => void): Promise<Blob> {
    return this.#follow((api, listener) => api.carryOut(wish, listener), onStep);
  }

  carryIn(file: NamedBlob, onStep: (done: number, total: number) => void): Promise<CarriedIn> {
    return this.#follow((api, listener) => api.carryIn(file, listener), onStep);
  }

  noticeCode(lang: string, id: string): Promise<string | undefined> {
    return this.#link.call((api) => api.noticeCode(lang, id));
  }

  /** Long work of the worker, which says how far it is: one that falls silent is dead. */
  #follow<T>(
    begin: (api: Remote<WorkerApi>, listener: (state: CarryState<T>) => void) => Promise<void>,
    onStep: (done: number, total: number) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (code: ErrorCode): void => reject(new RelaisError(code, { what: 'carry' }));
      const late = (): ReturnType<typeof setTimeout> => setTimeout(() => fail('worker'), SILENT_MS);
      let timer = late();
      const listener = proxy((state: CarryState<T>): void => {
        clearTimeout(timer);
        if (state.phase === 'done') resolve(state.result);
        else if (state.phase === 'failed') fail(state.code);
        else {
          onStep(state.done, state.total);
          timer = late();
        }
      });
      this.#link
        .call((api) => begin(api, listener))
        .catch((error: unknown) => {
          clearTimeout(timer);
          // Its file has not come yet.
          fail(codeOf(error, 'no-link'));
        });
    });
  }

  /** Full text search. Rejects where it is not on this device, or the worker does not answer. */
  search(question: SearchQuestion): Promise<SearchAnswer> {
    return this.#link.call((api) => api.search(question));
  }

  watchSearch(listener: (state: SearchState) => void): () => void {
    return this.#watch((api) => api.watchSearch(proxy(listener)));
  }
}
