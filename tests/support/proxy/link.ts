import type { LogEntry } from '../proxy.ts';

const PACKET = 1460;
const QUEUE_HIGH = 262_144;
export const NOTHING = Buffer.alloc(0);

export type Mark = 'end' | 'reset';

export interface Item {
  data: Buffer;
  mark?: Mark;
  entry?: LogEntry;
}

/** One connection's bytes in one direction, still to be sent over the link. */
export interface Flow {
  queue: Item[];
  bytes: number;
  /** The receiver does not keep up. */
  blocked: boolean;
  /** Drops whatever is still under way. */
  closed: boolean;
  deliver(item: Item): void;
  /** Called when there is room for more, after push() has said no. */
  room?: (() => void) | undefined;
}

export const createFlow = (deliver: (item: Item) => void): Flow => ({
  queue: [],
  bytes: 0,
  blocked: false,
  closed: false,
  deliver,
});

/** One direction of the link: one clock for all connections, who take turns packet by packet. */
export class Link {
  bytesPerSecond = Number.POSITIVE_INFINITY;
  delayMs = 0;
  held = false;
  /** Bytes that were on their way when their connection was cut or given up. */
  lost = 0;
  readonly #waiting: Flow[] = [];
  #flying: { flow: Flow; item: Item; at: number }[] = [];
  #freeAt = 0;
  #idle = true;
  #sendTimer: NodeJS.Timeout | undefined;
  #landTimer: NodeJS.Timeout | undefined;

  /** False: enough is queued, wait for flow.room. */
  push(flow: Flow, item: Item): boolean {
    if (flow.closed) return true;
    flow.queue.push(item);
    flow.bytes += item.data.length;
    if (!this.#waiting.includes(flow)) this.#waiting.push(flow);
    this.#send();
    return flow.bytes < QUEUE_HIGH;
  }

  drop(flow: Flow): void {
    flow.closed = true;
    flow.queue = [];
    flow.bytes = 0;
    flow.room = undefined;
    const index = this.#waiting.indexOf(flow);
    if (index >= 0) this.#waiting.splice(index, 1);
    this.#flying = this.#flying.filter((packet) => {
      if (packet.flow !== flow) return true;
      this.lost += packet.item.data.length;
      return false;
    });
  }

  /** After a change of speed, of `held` or of a flow's `blocked`. */
  wake(): void {
    this.#send();
    this.#land();
  }

  /** A new speed counts from now, not from when the packet that is being sent would have been through. */
  hurry(): void {
    this.#freeAt = Math.min(this.#freeAt, performance.now());
  }

  stop(): void {
    clearTimeout(this.#sendTimer);
    clearTimeout(this.#landTimer);
  }

  #send(): void {
    clearTimeout(this.#sendTimer);
    while (true) {
      const index = this.held ? -1 : this.#waiting.findIndex((flow) => !flow.blocked);
      const flow = this.#waiting[index];
      if (!flow) {
        this.#idle = true;
        return;
      }
      const now = performance.now();
      // A late timer is caught up with, so that the rate holds; but idle time saves up nothing.
      if (this.#idle) this.#freeAt = Math.max(this.#freeAt, now);
      this.#idle = false;
      if (this.#freeAt > now) {
        this.#sendTimer = setTimeout(() => this.#send(), Math.ceil(this.#freeAt - now));
        return;
      }
      this.#waiting.splice(index, 1);
      const item = this.#take(flow);
      if (flow.queue.length > 0) this.#waiting.push(flow);
      if (Number.isFinite(this.bytesPerSecond)) this.#freeAt += (item.data.length / this.bytesPerSecond) * 1000;
      else this.#freeAt = now;
      const at = Math.max(this.#freeAt + this.delayMs, this.#flying.at(-1)?.at ?? 0);
      this.#flying.push({ flow, item, at });
      this.#land();
      if (flow.room && flow.bytes < QUEUE_HIGH / 2) {
        const { room } = flow;
        flow.room = undefined;
        room();
      }
    }
  }

  #take(flow: Flow): Item {
    const first = flow.queue[0] as Item;
    const limit = Number.isFinite(this.bytesPerSecond)
      ? Math.max(PACKET, Math.floor(this.bytesPerSecond / 100))
      : Number.POSITIVE_INFINITY;
    const size = Math.min(first.data.length, limit);
    flow.bytes -= size;
    if (size === first.data.length) {
      flow.queue.shift();
      return first;
    }
    const taken: Item = { ...first, data: first.data.subarray(0, size) };
    first.data = first.data.subarray(size);
    return taken;
  }

  #land(): void {
    clearTimeout(this.#landTimer);
    while (!this.held) {
      const next = this.#flying[0];
      if (!next) return;
      const wait = next.at - performance.now();
      if (wait > 0) {
        this.#landTimer = setTimeout(() => this.#land(), Math.ceil(wait));
        return;
      }
      this.#flying.shift();
      next.flow.deliver(next.item);
    }
  }
}
