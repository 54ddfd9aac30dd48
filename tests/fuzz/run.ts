import { RelaisError } from '../../src/core/errors.ts';
import type { Platform } from '../../src/core/platform.ts';
import { computing } from '../sim/machine.ts';
import { Draw } from '../sim/random.ts';
import { NOW } from '../support/fixtures.ts';
import { mutated } from './mutate.ts';
import { openTargets, type Target } from './targets.ts';

/** Mutations by number: one number is the same mutation of the same target each time. */

/** Longest and largest that one case may be. */
const LONGEST_MS = 1_000;
const MOST_UNPACKED = 64 << 20;

export interface Found {
  readonly number: number;
  readonly target: string;
  readonly what: string;
}

export interface FuzzResult {
  readonly cases: number;
  readonly refused: number;
  /** Taken, and what was taken is what was signed: the mutation spared what is read. */
  readonly unharmed: number;
  readonly slowestMs: number;
  readonly found: readonly Found[];
}

/** Counts what one case unpacks. */
interface Scales {
  unpacked: number;
}

const weighing = (scales: Scales): Platform => {
  const draw = new Draw(1, 'machine');
  const machine = computing((length) => draw.bytes(length));
  return {
    ...machine,
    now: () => NOW,
    chance: () => draw.next(),
    randomBytes: (length) => draw.bytes(length),
    after: () => () => {},
    inflate: (frame, limit) => {
      const out = machine.inflate(frame, limit);
      scales.unpacked += out.length;
      return out;
    },
  };
};

/** Tries `count` mutations from `from` on; stops at the tenth that is wrong. */
export const fuzz = async (
  count: number,
  from = 1,
  onProgress: (done: number) => void = () => {},
  open: (platform: Platform) => Promise<readonly Target[]> = openTargets,
): Promise<FuzzResult> => {
  const scales: Scales = { unpacked: 0 };
  const targets = await open(weighing(scales));
  const everything = targets.flatMap(({ samples }) => samples);
  const wanted = new Map<Target, ReadonlySet<string>>();
  for (const target of targets) {
    const readings = [];
    for (const sample of target.samples) readings.push(await target.read(sample));
    wanted.set(target, new Set(readings));
  }
  const found: Found[] = [];
  let refused = 0;
  let unharmed = 0;
  let slowestMs = 0;
  for (let number = from; number < from + count && found.length < 10; number++) {
    const draw = new Draw(number, 'fuzz');
    const target = draw.pick(targets);
    const bytes = mutated(draw, draw.pick(target.samples), everything);
    const wrong = (what: string): void => void found.push({ number, target: target.name, what });
    scales.unpacked = 0;
    const began = process.cpuUsage();
    try {
      const taken = await target.read(bytes);
      if (wanted.get(target)?.has(taken)) unharmed++;
      else wrong(`taken: ${taken.slice(0, 200)}`);
    } catch (error) {
      if (error instanceof RelaisError) refused++;
      else wrong(String(error instanceof Error ? (error.stack ?? error.message) : error));
    }
    // Of the processor: a machine that does other things too makes nothing slow.
    const { user, system } = process.cpuUsage(began);
    const ms = (user + system) / 1_000;
    slowestMs = Math.max(slowestMs, ms);
    if (ms > LONGEST_MS) wrong(`took ${Math.round(ms)} ms`);
    if (scales.unpacked > MOST_UNPACKED) wrong(`unpacked ${scales.unpacked} bytes`);
    if ((number - from + 1) % 100_000 === 0) onProgress(number - from + 1);
  }
  return { cases: count, refused, unharmed, slowestMs, found };
};
