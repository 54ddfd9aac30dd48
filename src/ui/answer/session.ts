import { signal } from '@preact/signals';
import type { AnswerState } from '../../core/api/worker-api.ts';

/**
 * What one visitor does between two `Fini`. In memory only: nothing here is ever written anywhere.
 *
 * Invariants: after `end`, no number of this visitor can be read from this page, and no draft but by an undo within `UNDO_MS` of a tap on
 * `Fini`, before anybody else does anything; the same words of a draft keep their token, wherever they are shown again.
 */
export type SentState = Exclude<AnswerState, 'attention'>;

export interface SentAnswer {
  readonly number: string;
  /** Title of the item that was answered. */
  readonly title: string;
  /** Where it was when the page said that it was sent. */
  readonly state: SentState;
}

/** Fields of a form as they were typed, by name. */
export type Typed = Readonly<Record<string, string>>;

/** Words that were not sent yet, or whose sending has not been heard of. */
export interface KeptDraft {
  readonly typed: Typed;
  /** Names the answer that they become: sent twice, it arrives once. */
  readonly token: string;
}

/** What was looked for in a list. */
export interface Search {
  readonly words: string;
  /** The code that was chosen of each facet; '' for none. */
  readonly chosen: Readonly<Record<string, string>>;
}

const IDLE_MS = 2 * 60_000;
const UNDO_MS = 5_000;
const CHANNEL = 'relais-done';

/** `crypto.randomUUID` is not there on plain http; random values are. */
export const newToken = (): string =>
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('-');

export class Session {
  readonly sent = signal<readonly SentAnswer[]>([]);
  /** The answer that was just sent: shown until the person goes on. */
  readonly justSent = signal<SentAnswer | undefined>(undefined);
  /** Somebody just left by a tap; `undo`: with words that were not sent. */
  readonly gone = signal<{ readonly undo: boolean } | undefined>(undefined);
  /** Another number for each visitor: what was begun under one is nothing to show under the next. */
  readonly visitor = signal(0);
  #visitors = 0;
  #drafts = new Map<string, KeptDraft>();
  #undo: { readonly drafts: Map<string, KeptDraft>; readonly visitor: number; readonly path: string } | undefined;
  #undoEnds: ReturnType<typeof setTimeout> | undefined;
  /** A signal, so that an offered update goes as soon as somebody types. */
  readonly #typed = signal(false);
  #looked = false;
  /** What was looked for in each list, by its path: for a way back to it. */
  readonly #searches = new Map<string, Search>();
  readonly #onEnd: () => void;
  readonly #channel: BroadcastChannel | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #lastStir = 0;

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

  /** Something was typed, chosen, looked for or sent, since the last `end`. */
  get touched(): boolean {
    const typed = this.#typed.value;
    return this.sent.value.length > 0 || typed || this.#looked;
  }

  /** Somebody looked for a word or a number: what was found is not for the next visitor. */
  look(): void {
    this.#looked = true;
    this.stir();
  }

  /** What this visitor looked for in the list at `path`. */
  search(path: string): Search | undefined {
    return this.#searches.get(path);
  }

  keepSearch(path: string, search: Search): void {
    this.#searches.set(path, search);
    this.look();
  }

  draft(key: string): KeptDraft | undefined {
    return this.#drafts.get(key);
  }

  /** Keeps what stands in a form. Other words are another answer. */
  type(key: string, typed: Typed): KeptDraft {
    this.dropUndo();
    const draft = { typed, token: newToken() };
    this.#drafts.set(key, draft);
    this.#typed.value = true;
    this.stir();
    return draft;
  }

  /** Remembers that an answer was sent, and forgets its draft where that still says the same. */
  send(key: string, token: string, answer: SentAnswer): void {
    if (this.#drafts.get(key)?.token === token) this.#drafts.delete(key);
    this.#typed.value = this.#drafts.size > 0;
    // Sent again after a way back, it is the same answer.
    const others = this.sent.value.filter(({ number }) => number !== answer.number);
    this.sent.value = [...others, answer];
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
    const undo = { drafts: this.#drafts, visitor: this.visitor.value, path };
    const { touched } = this;
    this.end();
    if (!touched) return;
    const hasWords = undo.drafts.size > 0;
    if (hasWords) this.#undo = undo;
    this.gone.value = { undo: hasWords };
    this.#undoEnds = setTimeout(() => this.dropUndo(), UNDO_MS);
  }

  /** Takes a tap on `Fini` back. Returns the path that it was tapped at. */
  undo(): string | undefined {
    const before = this.#undo;
    this.dropUndo();
    if (!before) return undefined;
    this.#drafts = before.drafts;
    this.#typed.value = true;
    this.visitor.value = before.visitor;
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
    this.#looked = false;
    this.#searches.clear();
    clearTimeout(this.#idle);
    this.dropUndo();
    this.#drafts = new Map();
    this.#typed.value = false;
    this.sent.value = [];
    this.justSent.value = undefined;
    this.visitor.value = ++this.#visitors;
    this.#onEnd();
  }
}
