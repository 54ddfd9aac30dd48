import type { Alerts } from '../../src/core/protocol/alerts.ts';
import { Draw } from '../sim/random.ts';
import { drawnCuts, openWindows } from '../support/bad-link.ts';
import { contentsOf } from '../support/fixtures.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';
import { Phone } from './phone.ts';
import { makeYears, NOTICE, PACES, type Pace, SHELF, type Year, type Years } from './year.ts';

/**
 * A phone that was synced a year ago, and a link that is there for 90 seconds: 20 kbit/s each way, a round trip of 1 s, two of them before a connection
 * carries its first byte (TCP and TLS, whose own bytes are not counted). Of each run a seed draws: whether the library was published weekly or daily
 * (every second run), how long the link was away before and whether it then refuses or hangs, whether the browser says that it is back, which of its
 * connections are cut (5 to 20 %) at which byte, in a reset or in silence, and whether the first of them is cut as soon as the notice is stored
 * (every third run). What is asked of a run:
 *
 * - all text of the year is on the phone within one window, and is what the hub publishes;
 * - the urgent notice is stored when the phone has read at most 3 kB, headers included, and is there still after a cut
 *   behind it;
 * - 85 % of all bytes are useful. Useful are the pack and the headers of the one request that it takes; all else is waste: what
 *   came twice, or was on its way when its connection was cut, further requests, and the 404 of a base that is too old.
 */
export interface BadLinks {
  readonly seed: number;
  readonly runs: number;
  /** So many at once, each on a link of its own. */
  readonly together?: number;
  /** Told of each run. */
  readonly say?: (line: string) => void;
}

export const WINDOW_MS = 90_000;
const LINK = { bytesPerSecond: 2_500, rttMs: 1_000, setUps: 2 } as const;
/** Between two windows, in milliseconds. */
const AWAY_MS = 20_000;
const MOST_ALERT_BYTES = 3_000;
const LEAST_USEFUL = 0.85;

/** What became of one run. */
export interface LinkRun {
  readonly name: string;
  readonly pace: Pace;
  /** In which window all was there: the first is 1; 0: in none. */
  readonly window: number;
  /** Since the first window opened. */
  readonly seconds: number;
  /** Of `bytes`, those that were of use. */
  readonly useful: number;
  /** Both ways, and what was lost in cuts. */
  readonly bytes: number;
  /** Bytes down, until the notice was stored: what the phone had read of the pack, and the heads of the replies that bring it. */
  readonly alertBytes: number;
  readonly cuts: number;
  readonly requests: number;
}

export interface LinksReport {
  readonly runs: readonly LinkRun[];
  /** A sentence for each rule that did not hold. */
  readonly wrong: readonly string[];
}

export const tryLinks = async ({ seed, runs, together = 10, say = () => {} }: BadLinks): Promise<LinksReport> => {
  const years = await makeYears();
  try {
    const results: LinkRun[] = [];
    const wrong: string[] = [];
    let next = 1;
    const work = async (): Promise<void> => {
      while (next <= runs) {
        const run = await new Run(years, seed, next++, wrong).go();
        results.push(run);
        say(lineOf(run));
      }
    };
    await Promise.all(Array.from({ length: Math.min(together, runs) }, work));
    return { runs: results, wrong };
  } finally {
    await years.remove();
  }
};

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const lineOf = ({ name, seconds, window, bytes, useful, alertBytes, cuts, requests }: LinkRun): string =>
  `${name}: ${seconds.toFixed(1)} s, window ${window}, ${bytes} bytes, ${percent(useful / bytes)} useful, notice after ${alertBytes}, ${cuts} cuts, ${requests} requests`;

class Run {
  readonly #draw: Draw;
  readonly #year: Year;
  readonly #pace: Pace;
  readonly #name: string;
  readonly #seed: number;
  readonly #wrong: string[];
  /** Whether the link is cut once the notice is stored. */
  readonly #cutsBehind: boolean;
  #link!: LinkProxy;
  #alertBytes = 0;
  #wasCutBehind = false;
  /** Whether the notice is there a moment after the cut behind it. */
  #stays: Promise<boolean> | undefined;

  constructor(years: Years, seed: number, n: number, wrong: string[]) {
    this.#draw = new Draw(seed, `run ${n}`);
    this.#pace = Object.keys(PACES)[n % 2] as Pace;
    this.#year = years.of[this.#pace];
    this.#name = `seed ${seed}, run ${n} (${this.#pace})`;
    this.#seed = Math.floor(this.#draw.next() * 2 ** 31);
    this.#wrong = wrong;
    this.#cutsBehind = n % 3 === 0;
  }

  async go(): Promise<LinkRun> {
    this.#link = await startProxy({ target: this.#year.hub.port, ...LINK });
    try {
      return await this.#go(this.#link);
    } finally {
      await this.#link.close();
    }
  }

  async #go(link: LinkProxy): Promise<LinkRun> {
    const draw = this.#draw;
    const { was, seq, useful, is } = this.#year;
    const plan = drawnCuts({
      seed: this.#seed,
      share: draw.between(0.05, 0.2),
      within: useful,
      kinds: ['reset', 'reset', 'reset', 'silent'],
    });
    link.cutSome(plan);
    const phone = new Phone({
      url: link.url,
      library: was,
      chance: () => draw.next(),
      onAlerts: (read, alerts) => this.#alerted(phone, read, alerts),
    });
    const saysOnline = draw.chance(0.5);
    const [before, kind] = [draw.between(1_000, 8_000), draw.pick(['reset', 'silent'] as const)];
    let window = 0;
    let opened = 0;
    phone.open();
    const end = openWindows(link, {
      before,
      up: WINDOW_MS,
      down: AWAY_MS,
      kind,
      onOpen: (n) => {
        window = n;
        if (n === 1) opened = performance.now();
        if (saysOnline) phone.online();
      },
    });
    const isDone = async (): Promise<boolean> => !phone.isSyncing && (await phone.library.shelf(SHELF)).baseSeq === seq;
    while (window <= 2 && !(await isDone())) await pause(50);
    const done = window <= 2;
    const seconds = (performance.now() - opened) / 1000;
    end();
    phone.close();
    const bytes = link.up() + link.down() + link.lost();
    if (!done || window !== 1)
      this.#wrong.push(`${this.#name}: the year is there in ${done ? `window ${window}` : 'no window'}`);
    const found = await contentsOf(phone.library, SHELF);
    if (done && JSON.stringify(found) !== JSON.stringify(is))
      this.#wrong.push(`${this.#name}: it is not what was published`);
    if ((await this.#stays) === false) this.#wrong.push(`${this.#name}: the notice is gone after the cut behind it`);
    if (this.#alertBytes > MOST_ALERT_BYTES)
      this.#wrong.push(`${this.#name}: the notice came after ${this.#alertBytes} bytes`);
    const share = done ? useful / bytes : 0;
    if (share < LEAST_USEFUL) this.#wrong.push(`${this.#name}: ${percent(share)} of ${bytes} bytes are useful`);
    return {
      name: this.#name,
      pace: this.#pace,
      window: done ? window : 0,
      seconds,
      useful: done ? useful : 0,
      bytes,
      alertBytes: this.#alertBytes,
      cuts: link.cuts() + (this.#wasCutBehind ? 1 : 0),
      requests: link.requests(),
    };
  }

  /** Notices were stored, or all of their shelf. */
  #alerted(phone: Phone, read: number, alerts?: Alerts): void {
    if (this.#alertBytes > 0) return;
    this.#alertBytes = this.#year.heads + read;
    if (!alerts || !this.#cutsBehind) return;
    this.#link.cut();
    this.#link.restore();
    this.#wasCutBehind = true;
    // The next try is a second later at the soonest.
    this.#stays = pause(200)
      .then(() => phone.library.alerts(SHELF))
      .then((now) => now?.items.some(({ id }) => id === NOTICE) ?? false);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
