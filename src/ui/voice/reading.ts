import { signal } from '@preact/signals';

/**
 * Reads sentences one after the other.
 *
 * Invariants: at most one sentence is under way; what a voice says of a sentence that is not is passed over. A pause ends the sentence, and going on says it
 * again from its beginning: phones that cannot pause a voice drop it instead.
 */

/** A voice that says one thing at a time. */
export interface Speaker {
  /** Says `text`, in the place of anything it is saying. Tells once that it has ended, or that it could not be said. */
  say(text: string, rate: number, tell: { readonly ended: () => void; readonly failed: (why: Failure) => void }): void;
  /** Falls silent; nothing more is told. */
  hush(): void;
}

/** `taken`: somebody else speaks now. `broken`: this device could not say it. */
export type Failure = 'taken' | 'broken';

/** As times the voice's own pace. */
export const PACES = [0.75, 1, 1.35] as const;

export class Reading<Said extends { readonly text: string }> {
  readonly state = signal<'rest' | 'reading' | 'paused'>('rest');
  /** What is being said; while paused, what will be said next. */
  readonly at = signal<Said | undefined>(undefined);
  /** Index into `PACES`. */
  readonly pace = signal(1);
  /** The device could not speak after all. */
  readonly broken = signal(false);
  readonly #speaker: Speaker;
  #queue: readonly Said[] = [];
  #next = 0;
  /** Changes with each sentence that is begun, and whenever nothing is. */
  #turn = 0;

  constructor(speaker: Speaker) {
    this.#speaker = speaker;
  }

  /** Begins to read, in the place of what is being read. */
  start(sentences: readonly Said[]): void {
    this.#queue = sentences;
    this.#next = 0;
    this.#say();
  }

  pause(): void {
    if (this.state.value !== 'reading') return;
    this.#hush();
    this.state.value = 'paused';
  }

  /** Goes on with the sentence that was being said. */
  goOn(): void {
    if (this.state.value === 'paused') this.#say();
  }

  /** The next of the paces, the slowest after the fastest; the sentence that is being said begins again in it. */
  changePace(): void {
    this.pace.value = (this.pace.value + 1) % PACES.length;
    if (this.state.value === 'reading') this.#say();
  }

  stop(): void {
    if (this.state.value === 'rest') return;
    this.#hush();
    this.state.value = 'rest';
    this.at.value = undefined;
  }

  #hush(): void {
    this.#turn++;
    this.#speaker.hush();
  }

  #say(): void {
    const sentence = this.#queue[this.#next];
    if (!sentence) {
      this.stop();
      return;
    }
    const turn = ++this.#turn;
    this.state.value = 'reading';
    this.at.value = sentence;
    this.#speaker.say(sentence.text, PACES[this.pace.value] ?? 1, {
      ended: () => {
        if (turn !== this.#turn) return;
        this.#next++;
        this.#say();
      },
      failed: (why) => {
        if (turn !== this.#turn) return;
        if (why === 'taken') return this.pause();
        this.broken.value = true;
        this.stop();
      },
    });
  }
}
