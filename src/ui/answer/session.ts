import { signal } from '@preact/signals';

/**
 * What one visitor does between two `Fini`. In memory only: nothing here is ever written anywhere.
 *
 * Invariants: after `end`, no number of this visitor can be read from this page, and no draft but by an undo within `UNDO_MS` of a tap on
 * `Fini`, before anybody else does anything.
 */
export interface SentAnswer {
  readonly number: string;
  /** Title of the item that was answered. */
  readonly title: string;
  /** It arrived without waiting on this device. */
  readonly arrived: boolean;
}

/** Fields of a form as they were typed, by name. */
export type Typed = Readonly<Record<string, string>>;

const IDLE_MS = 2 * 60_000;
const UNDO_MS = 5_000;
const CHANNEL = 'relais-done';

export class Session {
  readonly sent = signal<readonly SentAnswer[]>([]);
  /** The answer that was just sent: shown until the person goes on. */
  readonly justSent = signal<SentAnswer | undefined>(undefined);
  /** Somebody just left by a tap; `undo`: with words that were not sent. */
  readonly gone = signal<{ readonly undo: boolean } | undefined>(undefined);
  #drafts = new Map<string, Typed>();
  #undo: { readonly drafts: Map<string, Typed>; readonly path: string } | undefined;
  #undoEnds: ReturnType<typeof setTimeout> | undefined;
  /** A signal, so that an offered update goes as soon as somebody types. */
  readonly #typed = signal(false);
  readonly #onEnd: () => void;
  readonly #channel: BroadcastChannel | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #lastStir = 0;
  /** Counts visitors: what was begun under one number is nothing to show under the next. */
  #visitor = 0;

  /** `onEnd`: clear the screen, since this visitor has gone. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(CHANNEL) : undefined;
    this.#channel?.addEventListener('message', () => this.#forget());
    // A phone that slept slept through the timer as well.
    document.addEventListener('visibilitychange', () => {
      if (this.touched && Date.now() - this.#lastStir > IDLE_MS) this.end();
    });
  }

  /** Something was typed or chosen, or an answer sent, since the last `end`. */
  get touched(): boolean {
    const typed = this.#typed.value;
    return this.sent.value.length > 0 || typed;
  }

  get visitor(): number {
    return this.#visitor;
  }

  draft(key: string): Typed | undefined {
    return this.#drafts.get(key);
  }

  type(key: string, typed: Typed): void {
    this.dropUndo();
    this.#drafts.set(key, typed);
    this.#typed.value = true;
    this.stir();
  }

  /** Forgets a draft: it was sent. */
  drop(key: string): void {
    this.#drafts.delete(key);
    this.#typed.value = this.#drafts.size > 0;
  }

  send(answer: SentAnswer): void {
    this.sent.value = [...this.sent.value, answer];
    this.justSent.value = answer;
    this.stir();
  }

  /** Somebody is here: two minutes of nothing end the session, once something was typed. */
  stir(): void {
    clearTimeout(this.#idle);
    this.#lastStir = Date.now();
    if (this.touched) this.#idle = setTimeout(() => this.end(), IDLE_MS);
  }

  /** This visitor leaves, in every open page of this phone. */
  end(): void {
    this.#channel?.postMessage('done');
    this.#forget();
  }

  /** `Fini` was tapped on the page at `path`. */
  endByTap(path: string): void {
    const drafts = this.#drafts;
    const touched = this.touched;
    this.end();
    if (!touched) return;
    this.#undo = drafts.size > 0 ? { drafts, path } : undefined;
    this.gone.value = { undo: drafts.size > 0 };
    this.#undoEnds = setTimeout(() => this.dropUndo(), UNDO_MS);
  }

  /** Takes a tap on `Fini` back. Returns the path that it was tapped at. */
  undo(): string | undefined {
    const before = this.#undo;
    this.dropUndo();
    if (!before) return undefined;
    this.#drafts = before.drafts;
    this.#typed.value = true;
    this.stir();
    return before.path;
  }

  /** Whatever somebody does next, what was cleared stays so. */
  dropUndo(): void {
    clearTimeout(this.#undoEnds);
    this.#undo = undefined;
    this.gone.value = undefined;
  }

  #forget(): void {
    clearTimeout(this.#idle);
    this.#visitor++;
    this.dropUndo();
    this.#drafts = new Map();
    this.#typed.value = false;
    this.sent.value = [];
    this.justSent.value = undefined;
    this.#onEnd();
  }
}
