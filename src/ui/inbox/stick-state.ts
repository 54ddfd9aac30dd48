import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { NotTaken, SaveTarget, StickApi, StickWish, Taken, ToCarry } from './stick-api.ts';

/** How far a file is that is made or taken, and what came of it. */
export type StickProgress =
  | { readonly what: 'sending' | 'making'; readonly done: number; readonly total: number }
  /** All of it was sent. */
  | { readonly what: 'reading' }
  /** The browser downloads it. */
  | { readonly what: 'going' }
  | { readonly what: 'saved'; readonly name: string }
  | Taken
  | NotTaken
  | { readonly kind: 'signed-out' | 'unreachable' | 'not-written' };

/**
 * What goes by hand at a centre, without a screen.
 *
 * Invariants: one file at a time; what was refused or cut has changed nothing here; a file that is too large is not sent at all.
 */
export class StickState {
  /** Undefined: not known yet. */
  readonly view = signal<ToCarry | undefined>(undefined);
  /** Languages that do not go. */
  readonly left = signal<ReadonlySet<string>>(new Set());
  readonly media = signal(true);
  readonly progress = signal<StickProgress | undefined>(undefined);
  readonly isBusy: ReadonlySignal<boolean>;
  readonly wish: ReadonlySignal<StickWish>;
  /** Bytes of what is wished for, about. */
  readonly bytes: ReadonlySignal<number>;

  readonly #api: StickApi;

  constructor(api: StickApi) {
    this.#api = api;
    this.isBusy = computed(() => ['sending', 'making', 'reading'].includes(whatOf(this.progress.value)));
    const going = computed(() => (this.view.value?.shelves ?? []).filter(({ lang }) => !this.left.value.has(lang)));
    this.wish = computed(() => ({ shelves: going.value.map(({ lang }) => lang), media: this.media.value }));
    this.bytes = computed(() =>
      going.value.reduce((sum, one) => sum + one.bytes, this.media.value ? (this.view.value?.media ?? 0) : 0),
    );
  }

  /** Asks what can go. */
  async look(): Promise<boolean> {
    const result = await this.#api.look();
    if (result.kind === 'here') this.view.value = result;
    else this.progress.value = result;
    return result.kind === 'here';
  }

  /** Whether a language goes. */
  choose(lang: string, goes: boolean): void {
    const others = [...this.left.value].filter((name) => name !== lang);
    this.left.value = new Set(goes ? others : [...others, lang]);
  }

  async take(file: File): Promise<void> {
    if (this.isBusy.value) return;
    const { most = Number.POSITIVE_INFINITY } = this.view.value ?? {};
    if (file.size > most) {
      this.progress.value = { kind: 'refused', code: 'too-large', name: file.name, most };
      return;
    }
    this.progress.value = { what: 'sending', done: 0, total: file.size };
    const result = await this.#api.take(file, (done, total) => {
      this.progress.value = done < total ? { what: 'sending', done, total } : { what: 'reading' };
    });
    this.progress.value = result;
    // What came has receipts that can be shown.
    if (result.kind === 'taken') await this.look();
  }

  /** Makes a file. `ask`: where it is to be written; undefined where the person chose nothing. `download`: the browser's way, where nobody can be asked. */
  async save(ask: (() => Promise<SaveTarget | undefined>) | undefined, download: () => void): Promise<void> {
    if (this.isBusy.value) return;
    const target = await ask?.();
    if (ask && !target) return;
    const total = this.bytes.value;
    this.progress.value = { what: 'making', done: 0, total };
    if (!target) {
      // Signed out meanwhile, the browser would save a refusal.
      if (!(await this.look())) return;
      download();
      this.progress.value = { what: 'going' };
      return;
    }
    const result = await this.#api.save(this.wish.value, target, (done) => {
      this.progress.value = { what: 'making', done, total: Math.max(done, total) };
    });
    this.progress.value = result.kind === 'saved' ? { what: 'saved', name: target.name } : result;
  }
}

const whatOf = (progress: StickProgress | undefined): string => (progress && 'what' in progress ? progress.what : '');
