import { BetweenSite } from './between.ts';
import type { HubSite } from './hub.ts';
import type { Mutant } from './mutant.ts';
import { Network } from './network.ts';
import type { Site } from './process.ts';
import { Draw } from './random.ts';
import { ACCUSING, hashOf, type Rules } from './rules.ts';
import { delegate, type Edition, type Stage } from './stage.ts';
import type { World } from './world.ts';

/** The hubs in between of a run, one above the other, with what happens to them and what has to be true of them. */

/** Whether a seed has hubs in between. */
export const hasBetween = (seed: number): boolean => seed % EACH === 0;
export const EACH = 20;

export interface BetweenDeed {
  /** Names it among all decisions of the seed. */
  readonly name: string;
  /** Milliseconds since the run began. */
  readonly at: number;
  readonly what: (typeof DEEDS)[number];
}

const DEEDS = [
  'hub between down',
  'hub between down',
  'link between down',
  'link between down',
  'clock between',
  'look',
  'older disk',
  'carry the phone',
  'carry the phone',
  'answer without a script',
  'answer without a script',
] as const;

/** Drawn apart from what people do, so that these are the same with and without. */
export const betweenOf = (seed: number, minutes: number): readonly BetweenDeed[] => {
  const draw = new Draw(seed, 'between deeds');
  return Array.from(
    { length: 2 + draw.below(8) },
    (_, n): BetweenDeed => ({
      name: `between/${n + 1}`,
      at: draw.between(1_000, minutes * 60_000),
      what: draw.pick(DEEDS),
    }),
  );
};

export interface ChainPorts {
  readonly world: World;
  readonly stage: Stage;
  readonly mutant: Mutant;
  readonly hub: HubSite;
  readonly rules: Rules;
  /** Number of the edition that the centre has. */
  readonly edition: () => number;
  /** Somebody answers on a plain page. */
  readonly answer: (draw: Draw) => void;
}

/** Share of the requests at which a liar lies. */
const LIES = 0.5;
const DAY = 86_400_000;
const YEAR = 365 * DAY;

export class Chain {
  readonly #ports: ChainPorts;
  readonly sites: readonly BetweenSite[];
  readonly #links: readonly Network[];
  /** Share of the requests of the phone at which the last one lies. */
  readonly liar: number;
  /** Where the phone is. */
  at: Site;
  /** What was carried between hubs, with an estimate of the headers; set to 0 when the faults stop. */
  bytes = 0;
  /** What each has served last. */
  readonly #served = new Map<string, number>();

  constructor(ports: ChainPorts) {
    this.#ports = ports;
    const { world, stage, mutant, hub } = ports;
    const draw = new Draw(world.seed, 'between');
    const names = draw.pick([['upper'], ['lower'], ['upper', 'lower']]);
    // Who lies, if anybody does: the last hub to the phone, or one of those above to the one below it.
    const liar = draw.chance(0.4) ? draw.below(names.length + 1) : undefined;
    this.liar = liar === names.length ? LIES : 0;
    const rate = draw.pick([0, 0.004, 0.015]);
    const sites: BetweenSite[] = [];
    this.#links = names.map((name, n) => {
      const above = sites.at(-1) ?? hub;
      const link = new Network({
        world,
        stage,
        name: `${name}-link`,
        to: () => above,
        edition: ports.edition,
        liar: liar === n ? LIES : 0,
        carried: (bytes) => {
          this.bytes += bytes;
        },
      });
      const site = new BetweenSite({
        world,
        stage,
        mutant,
        name,
        hasKey: draw.chance(0.5),
        hourly: draw.chance(0.2) ? HOURLY : undefined,
        rate,
        link,
        onServed: (one) => this.#whole(one),
        onAccused: (one, code, why) => this.#fair(one, code, why),
      });
      sites.push(site);
      return link;
    });
    this.sites = sites;
    delegate(stage.ours, true);
    this.at = this.#last;
    ports.rules.isHeld = (id, by) => sites.some((site) => (by ?? site.name) === site.name && site.has(id));
    ports.rules.isExcused = isOfLateHub;
  }

  get #last(): BetweenSite {
    return this.sites.at(-1) as BetweenSite;
  }

  do({ name, what }: BetweenDeed): void {
    const { world, hub, answer } = this.#ports;
    const draw = world.decide(name, 1);
    if (!draw) return;
    draw.next();
    const n = draw.below(this.sites.length);
    const [site, link] = [this.sites[n] as BetweenSite, this.#links[n] as Network];
    world.log(`-- ${what}: ${site.name}`);
    switch (what) {
      case 'hub between down':
        site.crash();
        world.clock.after(draw.between(100, 300_000), () => site.start());
        return;
      case 'link between down':
        link.isDown = true;
        world.clock.after(draw.between(1_000, 300_000), () => {
          link.isDown = false;
        });
        return;
      case 'clock between':
        site.skew = draw.pick([-57 * YEAR, 10 * YEAR, 3 * DAY, -3 * DAY, 120_000, 0]);
        return;
      case 'look':
        site.look();
        return;
      case 'older disk':
        site.goBack();
        this.#served.delete(site.name);
        world.clock.after(draw.between(100, 10_000), () => site.start());
        return;
      case 'carry the phone':
        this.at = hub;
        world.clock.after(draw.between(1_000, 600_000), () => {
          this.at = this.#last;
        });
        return;
      case 'answer without a script':
        answer(draw);
        return;
    }
  }

  /** The faults stop, and somebody sees to it. */
  calm(): void {
    const { world, hub, stage } = this.#ports;
    this.bytes = 0;
    for (const link of this.#links) link.isDown = false;
    for (const site of this.sites) {
      site.start();
      if (site.identity !== undefined && site.identity !== stage.ours.identity) site.wipe();
    }
    this.at = world.noise('the phone in the end').chance(0.8) ? this.#last : hub;
  }

  /** Somebody looks at the page of each. */
  look(): void {
    for (const site of this.sites) site.look();
  }

  /** I4 and I2 of the hubs: what is missing for each to be as the centre is; undefined where nothing is. */
  missing(newest: Edition): string | undefined {
    for (const site of this.sites) {
      if (site.disk.seq() !== newest.seq) return `${site.name} serves ${site.disk.seq()}, the newest is ${newest.seq}`;
      const waits = site.waiting(newest.keys.hub.id);
      if (waits > 0) return `${site.name} has no receipt for ${waits} answers`;
    }
    return undefined;
  }

  close(): void {
    delegate(this.#ports.stage.ours, false);
    for (const site of this.sites) site.close();
  }

  /** I3: a hub in between serves what was signed, whole, and never goes back. */
  #whole(site: BetweenSite): void {
    const { world, stage } = this.#ports;
    const fail = (text: string): void => world.fail('I3', `${site.name} ${text}`);
    const seq = site.disk.seq();
    const before = this.#served.get(site.name) ?? 0;
    const box = [stage.ours, stage.stranger].find(({ identity }) => identity === site.identity);
    const edition = box?.editions.find((one) => one.seq === seq);
    if (!edition) {
      fail(`serves number ${seq}, which nobody signed`);
      return;
    }
    if (seq < before) fail(`goes back from ${before} to ${seq}`);
    this.#served.set(site.name, seq);
    const texts = site.disk.mirror.prepare('SELECT id, body FROM bodies WHERE shelf = ? ORDER BY id');
    for (const name of Object.keys(edition.table)) {
      const stored = (texts.all(name) as unknown as { id: string; body: Uint8Array }[]).map(
        ({ id, body }) => `${id} ${hashOf(body)}`,
      );
      const signed = [...(edition.live.get(name) ?? [])].map(([id, hash]) => `${id} ${hash}`).sort();
      if (stored.sort().join() !== signed.join()) fail(`serves ${name} at ${seq}, and it is not what was signed`);
    }
  }

  /** I3: it accuses nobody where nobody lied; only the hub above that one may be behind. */
  #fair(site: BetweenSite, code: string, why: string): void {
    const { world } = this.#ports;
    if (world.hasLied || !ACCUSING.has(code)) return;
    if (site !== this.sites[0] && isOfLateHub(code)) return;
    world.fail('I3', `${site.name} says "${code}", and nobody has lied: ${why}`);
  }
}

/**
 * Bytes of a phone behind hubs in between, once there were no faults any more. Each looks for news every quarter of an hour: for as long a phone that
 * has seen more, or that awaits a receipt, asks again and again, some fifty times. (165 kB at most in 1,000 seeds.)
 */
export const MOST_BEHIND = 240_000;
/** The same of all hubs in between, each of which has all shelves, and looks at first pages as long as it has none. (151 kB at most in 1,000 seeds.) */
export const MOST_OF_HUBS = 240_000;

/** Whether it is said of a hub in between that is behind, and of which nobody lied: it is older. */
const isOfLateHub = (code: string): boolean => code === 'rollback';

/** A budget that the whole library fits into. */
const HOURLY = 40_000;
