import { Clock } from './clock.ts';
import { Draw } from './random.ts';

/** What is true of a whole run: its time, its seed, what was decided, what happened, and the first rule that was broken. */

/** 2027-01-15: half a year after the library was published. */
export const START = 1_800_000_000_000;

export interface Violation {
  readonly rule: string;
  readonly text: string;
}

/** How bad it is, drawn once a run: a run with every fault at once finds less than many with a few each. */
export interface Profile {
  /** Share of requests, store operations and steps of the hub at which something goes wrong. */
  readonly link: number;
  readonly store: number;
  readonly hub: number;
  /** Of the faults that there are, those of this run. */
  readonly kinds: ReadonlySet<string>;
  /** No Web Locks in this browser: leases only. */
  readonly leases: boolean;
}

/** Lines of the log that are kept. */
const LINES = 60;

export class World {
  readonly clock = new Clock();
  readonly seed: number;
  /** Names of what went wrong or was done, in order. */
  readonly fired = new Set<string>();
  readonly lines: string[] = [];
  readonly profile: Profile;
  violation: Violation | undefined;
  /** Nothing goes wrong any more. */
  isCalm = false;
  /** Somebody said something false: from now on a device may say so. */
  hasLied = false;
  /** Bytes over the link, both ways, with an estimate of the headers; those since the last time it was set to 0. */
  bytes = 0;
  /** A number for all lines so far: two runs of a seed have the same. */
  digest = 0x811c9dc5;
  readonly #keep: ReadonlySet<string> | undefined;
  readonly #counts = new Map<string, number>();

  /** `keep`: of all that this seed decides, only what is named here happens. */
  constructor(seed: number, kinds: readonly string[], keep?: ReadonlySet<string>) {
    this.seed = seed;
    this.#keep = keep;
    const draw = new Draw(seed, 'profile');
    const share = draw.pick([0.3, 0.5, 1]);
    this.profile = {
      link: draw.pick([0, 0.05, 0.15, 0.4]),
      store: draw.pick([0, 0, 0.004, 0.02]),
      hub: draw.pick([0, 0, 0.01, 0.05]),
      kinds: new Set(kinds.filter(() => draw.chance(share))),
      leases: draw.chance(0.2),
    };
  }

  /** Whether something that may happen happens here: then the draw for how. `name` is unique in the run. */
  decide(name: string, rate: number): Draw | undefined {
    if (this.isCalm || rate === 0) return undefined;
    const draw = new Draw(this.seed, name);
    if (!draw.chance(rate) || (this.#keep && !this.#keep.has(name))) return undefined;
    this.fired.add(name);
    return draw;
  }

  /** What is no fault: how long something takes. */
  noise(name: string): Draw {
    return new Draw(this.seed, name);
  }

  /** `link/7`: the seventh of its kind. */
  next(kind: string): string {
    const n = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, n);
    return `${kind}/${n}`;
  }

  log(text: string): void {
    const line = `${(this.clock.now / 1000).toFixed(3).padStart(10)} ${text}`;
    this.lines.push(line);
    if (this.lines.length > LINES) this.lines.shift();
    for (let i = 0; i < line.length; i++) this.digest = Math.imul(this.digest ^ line.charCodeAt(i), 0x01000193) >>> 0;
  }

  /** The first one counts. */
  fail(rule: string, text: string): void {
    if (this.violation) return;
    this.violation = { rule, text };
    this.log(`VIOLATION ${rule}: ${text}`);
  }
}
