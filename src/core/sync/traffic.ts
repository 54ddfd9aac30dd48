import type { Link, Progress, Traffic } from '../protocol/network.ts';

/**
 * What a request and its answer take besides their bodies. Measured at a TCP proxy between Chromium and the hub (`npm run bench:weight`: 420
 * and 140 bytes); https adds a certificate and a handshake to a connection that was not used for a while.
 */
export const OVERHEAD = { up: 420, down: 140, handshakeUp: 700, handshakeDown: 3_000 } as const;

/** A connection is closed after so long without a request, in milliseconds: the next one begins with a handshake. */
const KEEP_ALIVE_MS = 5_000;

/** No link of those that cost something carries a body and fails in less, in milliseconds. */
const SOON_MS = 1_000;

/** Smaller bodies tell nothing of a link's speed: they come in one piece. */
const TELLING_BYTES = 4_096;
/** What came sooner, in milliseconds, is not told faster than in that time. */
const TELLING_MS = 200;

const NOTHING: Traffic = { up: 0, down: 0, requests: 0 };

/** Counts what goes over the link, and tells how far it is. */
export class Meter {
  readonly #now: () => number;
  readonly #isSecure: boolean;
  #sum = NOTHING;
  /** What the last request was counted as. */
  #request = NOTHING;
  #hasBody = false;
  #lastAt = Number.NEGATIVE_INFINITY;
  #began = 0;
  #came = 0;
  #answeredAt = 0;
  /** Requests that are under way. */
  #open = 0;
  /** Several were at once: what each took cannot be told. */
  #isMixed = false;
  #progress: Progress | undefined;
  /** Told of each change of `progress`. */
  onProgress: () => void = () => {};

  /** What the link was like, as far as it could be told. Meters of one link share it. */
  readonly link: Link;

  /** `isSecure`: over https. */
  constructor(now: () => number, isSecure: boolean, link: Link = {}) {
    this.#now = now;
    this.#isSecure = isSecure;
    this.link = link;
  }

  /** A request goes out with a body of so many bytes. */
  request(bytes: number): void {
    const now = this.#now();
    const isNew = this.#isSecure && Math.abs(now - this.#lastAt) > KEEP_ALIVE_MS;
    this.#lastAt = now;
    this.#began = now;
    this.#came = 0;
    this.#isMixed ||= ++this.#open > 1;
    this.#hasBody = bytes > 0;
    this.#request = {
      up: bytes + OVERHEAD.up + (isNew ? OVERHEAD.handshakeUp : 0),
      down: isNew ? OVERHEAD.handshakeDown : 0,
      requests: 1,
    };
    this.#sum = sumOf([this.#sum, this.#request]);
  }

  /**
   * Nobody answered it: most likely there is no link at all, and nothing was carried. Tried every few seconds, a dead link would use a day's
   * bytes up. Of what had a body, and took its time to fail, only the answer may be lost: it is counted.
   */
  unanswered(): void {
    const { up, down, requests } = this.#request;
    const isLost = this.#hasBody && this.#now() - this.#began >= SOON_MS;
    if (!isLost) this.#sum = sumOf([this.#sum, { up: -up, down: -down, requests: -requests }]);
    this.#request = NOTHING;
  }

  /** The beginning of an answer is here. */
  answer(): void {
    this.#add(OVERHEAD.down);
    this.#answeredAt = this.#now();
    // How long an upload took is not how long an answer takes.
    const wait = this.#answeredAt - this.#began;
    if (!this.#hasBody && !this.#isMixed && wait >= 0) this.link.roundTrip = ((this.link.roundTrip ?? wait) + wait) / 2;
  }

  /** So many bytes of a body came; with them, `done` of `total` are here. */
  body(bytes: number, done: number, total: number | undefined): void {
    this.#add(bytes);
    this.#came += bytes;
    const seconds = (this.#now() - this.#began) / 1000;
    this.#progress = { done, total, speed: seconds >= 1 ? this.#came / seconds : 0 };
    this.onProgress();
  }

  /** The answer has ended, one way or the other. */
  end(): void {
    const ms = this.#now() - this.#answeredAt;
    if (this.#came >= TELLING_BYTES && !this.#isMixed && ms >= 0) this.#learnSpeed(this.#came, ms);
    this.#came = 0;
    this.#open = Math.max(0, this.#open - 1);
    if (this.#open === 0) this.#isMixed = false;
    if (!this.#progress) return;
    this.#progress = undefined;
    this.onProgress();
  }

  /** The mean of the time that a byte took: one that came out of a store on the way must not make a slow link fast. */
  #learnSpeed(bytes: number, ms: number): void {
    const speed = bytes / (Math.max(ms, TELLING_MS) / 1000);
    this.link.speed = 2 / (1 / (this.link.speed ?? speed) + 1 / speed);
  }

  get progress(): Progress | undefined {
    return this.#progress;
  }

  /** Bytes in both directions since the last `take`. */
  get carried(): number {
    return this.#sum.up + this.#sum.down;
  }

  /** What was counted since the last call. */
  take(): Traffic {
    const sum = this.#sum;
    this.#sum = NOTHING;
    return sum;
  }

  #add(bytes: number): void {
    this.#lastAt = this.#now();
    this.#sum = { ...this.#sum, down: this.#sum.down + bytes };
  }
}

export const sumOf = (list: readonly Traffic[]): Traffic =>
  list.reduce((a, b) => ({ up: a.up + b.up, down: a.down + b.down, requests: a.requests + b.requests }), NOTHING);
