/**
 * Virtual time, and the one queue through which everything goes that could happen in another order: timers, bytes of the link, operations of the
 * stores. Between two events only promises run on that wait for nothing but each other.
 */
interface Event {
  readonly at: number;
  /** Events of one moment happen in the order in which they were asked for. */
  readonly order: number;
  run: (() => void) | undefined;
}

/** Once all promises that can go on have gone on. */
const settled = (): Promise<void> => new Promise((resolve) => process.nextTick(() => process.nextTick(resolve)));

export class Clock {
  /** Milliseconds since the run began. */
  now = 0;
  /** Events so far. */
  steps = 0;
  readonly #heap: Event[] = [];
  readonly #outside: (() => Promise<void>)[] = [];
  #order = 0;

  /** Runs `fn` after `ms`; the result takes it back. */
  after(ms: number, fn: () => void): () => void {
    const event: Event = { at: this.now + Math.max(0, ms), order: this.#order++, run: fn };
    this.#push(event);
    return () => {
      event.run = undefined;
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /**
   * Work that takes time of the real machine (files, compression), and none of this clock: one after the other, and nothing else happens
   * meanwhile.
   */
  outside<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#outside.push(() => work().then(resolve, reject));
    });
  }

  /** Once nothing can go on before the next event. */
  async #settled(): Promise<void> {
    await settled();
    for (let work = this.#outside.shift(); work; work = this.#outside.shift()) {
      await work();
      await settled();
    }
  }

  /** Goes on until `until`, or until `isOver`, which is asked after each event, or until there is nothing left. */
  async run(until: number, isOver: () => boolean): Promise<void> {
    await this.#settled();
    for (;;) {
      const next = this.#heap[0];
      if (!next || next.at > until) break;
      this.#pop();
      if (!next.run) continue;
      this.now = next.at;
      this.steps++;
      next.run();
      await this.#settled();
      if (isOver()) return;
    }
    this.now = until;
  }

  #isBefore(a: Event, b: Event): boolean {
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(event);
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = heap[up] as Event;
      if (!this.#isBefore(event, parent)) break;
      heap[i] = parent;
      i = up;
    }
    heap[i] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let down = 2 * i + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && this.#isBefore(heap[down + 1] as Event, heap[down] as Event)) down++;
      const child = heap[down] as Event;
      if (!this.#isBefore(child, last)) break;
      heap[i] = child;
      i = down;
    }
    heap[i] = last;
  }
}
