import type { Reply } from './process.ts';
import type { World } from './world.ts';

/** Headers of a request and its reply, about. */
export const OVERHEAD = 400;

export interface Ending {
  /** So many bytes come, and then: */
  readonly at: number;
  readonly how: 'error' | 'close' | 'stall';
}

export const whole: Ending = { at: Number.POSITIVE_INFINITY, how: 'close' };

/** Whoever asks. */
export interface Caller {
  readonly name: string;
  /** Runs `fn` after `ms`, if it is there to hear of it. */
  after(ms: number, fn: () => void): () => void;
}

/** One request, and what comes back of it. */
export class Exchange {
  readonly #caller: Caller;
  readonly #world: World;
  readonly #carried: (bytes: number) => void;
  readonly #resolve: (response: Response) => void;
  readonly #reject: (error: unknown) => void;
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isOver = false;

  constructor(
    caller: Caller,
    world: World,
    carried: (bytes: number) => void,
    signal: AbortSignal | undefined,
    resolve: (response: Response) => void,
    reject: (error: unknown) => void,
  ) {
    this.#caller = caller;
    this.#world = world;
    this.#carried = carried;
    this.#resolve = resolve;
    this.#reject = reject;
    if (signal?.aborted) this.#end(signal.reason);
    signal?.addEventListener('abort', () => this.#end(signal.reason), { once: true });
  }

  #end(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#stream) this.#stream.error(error);
    else this.#reject(error);
  }

  fail(why: string, ms: number): void {
    this.#caller.after(ms, () => this.#end(new TypeError(why)));
  }

  /** Status and headers after `ms`, then the body in a few pieces, up to its ending. */
  reply({ status, headers, bytes }: Reply, ms: number, { at, how }: Ending): void {
    this.#caller.after(ms, () => {
      if (this.#isOver) return;
      this.#carried(OVERHEAD);
      const empty = status === 204 || status === 304;
      const stream = new ReadableStream<Uint8Array>({
        start: (controller) => {
          this.#stream = controller;
        },
        cancel: () => {
          this.#isOver = true;
        },
      });
      this.#resolve(new Response(empty ? null : stream, { status, headers }));
      this.#pieces(bytes.subarray(0, at), at < bytes.length ? how : 'close');
    });
  }

  #pieces(bytes: Uint8Array, how: Ending['how']): void {
    const draw = this.#world.noise(this.#world.next('pieces'));
    const size = Math.max(1, Math.ceil(bytes.length / (1 + draw.below(3))));
    const next = (from: number): void =>
      void this.#caller.after(draw.between(5, 200), () => {
        if (this.#isOver) return;
        if (from < bytes.length) {
          const piece = bytes.slice(from, from + size);
          this.#carried(piece.length);
          this.#stream?.enqueue(piece);
          return next(from + size);
        }
        if (how === 'stall') return;
        if (how === 'error') return this.#end(new TypeError('terminated'));
        this.#isOver = true;
        this.#stream?.close();
      });
    next(0);
  }
}
