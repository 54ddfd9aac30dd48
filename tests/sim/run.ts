import { AnswerStore } from '../../server/hub/answer-store.ts';
import type { Platform } from '../../src/core/platform.ts';
import { betweenOf, Chain, hasBetween, MOST_BEHIND, MOST_OF_HUBS } from './chain.ts';
import { Device } from './device.ts';
import { HubSite } from './hub.ts';
import { computing } from './machine.ts';
import type { Mutant } from './mutant.ts';
import { LINK_FAULTS, Network } from './network.ts';
import { People, planOf } from './people.ts';
import { Draw } from './random.ts';
import { Rules } from './rules.ts';
import type { Edition, Stage } from './stage.ts';
import { Sticks, sticksOf } from './sticks.ts';
import { START, type Violation, World } from './world.ts';

/** One run of one seed: a device, a hub and what lies between them, for some minutes with faults and then for some hours without. */

export interface RunOptions {
  /** Of all that the seed decides, only what is named here happens. */
  readonly keep?: ReadonlySet<string>;
  readonly mutant?: Mutant;
}

export interface Outcome {
  readonly seed: number;
  readonly violation: Violation | undefined;
  /** Names of faults and deeds that happened. */
  readonly fired: readonly string[];
  /** The last lines of the log. */
  readonly lines: readonly string[];
  readonly digest: number;
  readonly steps: number;
  /** Bytes over the link once there were no faults any more, until the device was as the catalogue is. */
  readonly calmBytes: number;
  /** The same between hubs. */
  readonly betweenBytes: number;
}

/** So long the faults are gone before everything has to be well. */
const CALM_MS = 4 * 3_600_000;
/** More bytes than that, and something is asked for again and again: see `calmBytes`. */
const MOST_BYTES = 60_000;

export const runSeed = async (stage: Stage, seed: number, options: RunOptions = {}): Promise<Outcome> => {
  // Nobody looks at where refusals come from, and that is a good part of the time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await play(stage, seed, options);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
};

const play = async (stage: Stage, seed: number, { keep, mutant = {} }: RunOptions): Promise<Outcome> => {
  const world = new World(seed, LINK_FAULTS, keep);
  const draw = new Draw(seed, 'start');
  const editions = stage.ours.editions;
  const first = draw.below(editions.length - 1);
  const hub = new HubSite(world, stage.ours, editions[first] as Edition, mutant);
  const rules = new Rules(world, stage, hub.database);
  const edition = (): number => people.edition;
  const answer = (by: Draw): void => void people.answerPlain(by);
  const chain = hasBetween(seed) ? new Chain({ world, stage, mutant, hub, rules, edition, answer }) : undefined;
  const network: Network = new Network({
    world,
    stage,
    name: 'link',
    to: () => chain?.at ?? hub,
    edition,
    carried: (bytes) => {
      world.bytes += bytes;
    },
    ...(chain && { liar: chain.liar }),
  });
  const device = new Device({
    world,
    network,
    mutant,
    onLibrary: (before, after, wasCut) => rules.library(before, after, wasCut),
    onAnswers: (_, after) => rules.answers(after),
  });
  const people: People = new People({ world, device, hub, network, rules, stage, edition: first });
  const sticks = new Sticks({ world, hub, rules, stage, page: (draw) => people.page(draw) });
  const failed = (): boolean => world.violation !== undefined;

  const page = device.open();
  void page.library.want(draw.pick(['fr', 'fr', 'en', 'ha'])).catch(() => {});
  for (let n = draw.below(3); n > 0; n--) device.open();
  const minutes = draw.pick([1, 4, 15]);
  for (const deed of planOf(seed, minutes)) world.clock.after(deed.at, () => people.do(deed));
  for (const deed of sticksOf(seed, minutes)) world.clock.after(deed.at, () => void sticks.do(deed));
  for (const deed of chain ? betweenOf(seed, minutes) : []) world.clock.after(deed.at, () => chain?.do(deed));
  await world.clock.run(minutes * 60_000, failed);

  if (!failed()) await calm();
  const { violation, fired, lines, digest } = world;
  chain?.close();
  hub.close();
  return {
    seed,
    violation,
    fired: [...fired],
    lines,
    digest,
    steps: world.clock.steps,
    calmBytes: world.bytes,
    betweenBytes: chain?.bytes ?? 0,
  };

  /** The faults stop. Somebody looks at the page now and then, and does what it asks. */
  async function calm(): Promise<void> {
    world.log('== no more faults');
    world.isCalm = true;
    world.bytes = 0;
    device.isFull = false;
    network.isDown = false;
    hub.start();
    chain?.calm();
    const newest = (): Edition => editions[people.edition] as Edition;
    const left = (): string | undefined =>
      rules.current(device.library.data, newest()) ?? rules.delivered(device.answers.data) ?? chain?.missing(newest());
    const look = (): void => {
      const seen = device.live.find(({ name }) => name.startsWith('page')) ?? device.open();
      if (device.library.data.wanted.length === 0) void seen.library.want('fr');
      if (device.status().problem === 'foreign-root') void people.replace(seen);
      else void people.retry(seen);
    };
    for (const at of [1_000, 60_000, 5 * 60_000, 20 * 60_000, 90 * 60_000, 180 * 60_000]) world.clock.after(at, look);
    if (chain) world.clock.after(90 * 60_000, () => chain.look());
    const end = world.clock.now + CALM_MS;
    // What was given in the last moment is told in the next; so none is overlooked.
    await world.clock.run(world.clock.now + 30_000, failed);
    if (left() !== undefined) await world.clock.run(end, () => failed() || left() === undefined);
    if (failed()) return;
    const missing = left();
    if (missing !== undefined)
      world.fail(missing.includes('hub') || missing.includes('receipt') ? 'I2' : 'I4', missing);
    const most = chain ? MOST_BEHIND : MOST_BYTES;
    if (world.bytes > most && !rules.isElsewhere(device.answers.data))
      world.fail('I4', `${world.bytes} bytes without a fault`);
    if (chain && chain.bytes > MOST_OF_HUBS) world.fail('I4', `${chain.bytes} bytes between hubs without a fault`);
    await last();
  }

  async function last(): Promise<void> {
    const machine: Platform = {
      ...computing((length) => new Uint8Array(length)),
      now: () => START,
      chance: () => 0,
      randomBytes: (length) => new Uint8Array(length),
      after: () => () => {},
    };
    const openers = [(editions[0] as Edition).keys.seal];
    await new AnswerStore(hub.database, () => openers, machine).openPending();
    rules.kept(device.answers.data);
    rules.once();
    rules.sealed();
    for (const { disk } of chain?.sites ?? []) rules.sealed(disk.answers, 'held');
    rules.traceless(device.library.data);
    // Whatever died when: what is there can be read.
    for (const [shelf, { bodies }] of device.library.data.shelves)
      for (const id of bodies.keys()) {
        const item = await device.library.item(shelf, id);
        if (item?.id !== id) world.fail('I5', `${shelf}/${id} does not open`);
      }
  }
};
