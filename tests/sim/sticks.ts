import { ServingKeys } from '../../server/box/serving.ts';
import { takeAnswers } from '../../server/carry/in.ts';
import { treeFiles } from '../../server/carry/out.ts';
import { receiptBy } from '../../server/hub/desk.ts';
import { answerFiles, type CarriedFile, receiptsFile } from '../../src/core/carry/files.ts';
import type { Archive } from '../../src/core/carry/transport.ts';
import type { Platform } from '../../src/core/platform.ts';
import { centreOf, parseBatch, sealLetter } from '../../src/core/protocol/envelope.ts';
import { idOfToken } from '../../src/core/protocol/ids.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { Carry } from '../../src/engine/carry.ts';
import { MemoryMedia } from '../../src/store/memory-media.ts';
import { listOf } from '../support/list-of.ts';
import type { Tab } from './device.ts';
import type { HubSite } from './hub.ts';
import { computing } from './machine.ts';
import { Draw } from './random.ts';
import type { Rules } from './rules.ts';
import type { Stage } from './stage.ts';
import { START, type World } from './world.ts';

/** What goes by hand in a run: sticks that are written, damaged, left lying, and read once, twice or never. The ZIP around them is left out. */

export interface StickDeed {
  /** Names it among all decisions of the seed. */
  readonly name: string;
  /** Milliseconds since the run began. */
  readonly at: number;
  readonly what: (typeof DEEDS)[number];
}

const DEEDS = ['write', 'write', 'to the hub', 'to the hub', 'take', 'take', 'take', 'of another'] as const;

/** In a third of all runs. Drawn apart from what people do, so that these are the same with and without. */
export const sticksOf = (seed: number, minutes: number): readonly StickDeed[] => {
  const draw = new Draw(seed, 'sticks');
  if (!draw.chance(1 / 3)) return [];
  return Array.from(
    { length: 2 + draw.below(8) },
    (_, n): StickDeed => ({
      name: `stick/${n + 1}`,
      at: draw.between(5_000, minutes * 60_000),
      what: draw.pick(DEEDS),
    }),
  );
};

type Stick = ReadonlyMap<string, Uint8Array>;

export interface StickPorts {
  readonly world: World;
  readonly hub: HubSite;
  readonly rules: Rules;
  readonly stage: Stage;
  readonly page: (draw: Draw) => Tab;
}

export class Sticks {
  readonly #ports: StickPorts;
  /** All that were ever written: none is wiped. */
  readonly #sticks: Stick[] = [];

  constructor(ports: StickPorts) {
    this.#ports = ports;
  }

  async do({ name, what }: StickDeed): Promise<void> {
    const { world, page } = this.#ports;
    const draw = world.decide(name, 1);
    if (!draw) return;
    world.log(`-- stick: ${what}`);
    draw.next();
    if (what === 'write') await this.#write(page(draw));
    if (what === 'to the hub') await this.#toTheHub(draw);
    if (what === 'of another') await this.#ofAnother(draw);
    if (what === 'take') await this.#take(page(draw), draw);
  }

  /** The device's own part, on its stores as one page sees them. */
  #carryOf(tab: Tab): Carry {
    const blobs = new MemoryMedia();
    const media = Object.assign(blobs, {
      home: async () => blobs,
      look: async () => ({ leaves: 0, kept: false, dropped: false }),
      size: async () => 0,
    });
    return new Carry({
      platform: tab.engine.platform,
      library: tab.library,
      answers: tab.answers,
      media,
      take: (transport, shelves) => tab.engine.take(transport, shelves),
      refused: (error) => tab.engine.refused(error),
      room: async () => Number.POSITIVE_INFINITY,
    });
  }

  #keep(files: readonly CarriedFile[]): void {
    this.#sticks.push(new Map(files.map(({ path, bytes }) => [path, bytes])));
  }

  async #write(tab: Tab): Promise<void> {
    const { world } = this.#ports;
    try {
      const carry = this.#carryOf(tab);
      const { shelves } = await carry.look();
      this.#keep(await listOf(carry.files({ shelves: shelves.map(({ lang }) => lang), media: false, words: '' })));
      world.log(`${tab.name} wrote a stick`);
    } catch (error) {
      world.log(`${tab.name} wrote no stick: ${String(error)}`);
    }
  }

  async #take(tab: Tab, draw: Draw): Promise<void> {
    const stick = this.#drawn(draw);
    if (!stick) return;
    const taken = await this.#carryOf(tab).take(archiveOf(stick));
    const { world, rules } = this.#ports;
    world.log(`${tab.name} took a stick: ${JSON.stringify(taken)}`);
    if (!taken.problem && taken.elsewhere === 0) {
      const batches = [...stick].flatMap(([path, bytes]) => (path.startsWith('o/') ? parseBatch(bytes) : []));
      rules.taken(tab.device.answers.data, batches);
    }
    tab.sendNow();
  }

  /** To the hub and back: what waits goes there, and a stick with news and receipts comes back. */
  async #toTheHub(draw: Draw): Promise<void> {
    const { hub, world, stage } = this.#ports;
    const stick = this.#drawn(draw);
    const taken = await hub.byHand(async (desk, answers, platform) => {
      const came = stick ? await takeAnswers(platform, archiveOf(stick), desk) : undefined;
      const { dataDir } = stage.ours;
      const { hub: key } = new ServingKeys(dataDir).current();
      const receipts = answers.newest(1_000).map((answer) => receiptBy(key, answer));
      const files = [...treeFiles(dataDir, dataDir, { shelves: undefined, media: false }), receiptsFile(receipts)];
      this.#keep(files);
      return came;
    });
    world.log(`the hub took a stick: ${JSON.stringify(taken)}`);
  }

  /** Somebody from a village without a network hands over an answer. */
  async #ofAnother(draw: Draw): Promise<void> {
    const { hub, world, rules } = this.#ports;
    const platform: Platform = {
      ...computing((length) => draw.bytes(length)),
      now: () => START,
      chance: () => 0,
      randomBytes: (length) => draw.bytes(length),
      after: () => () => {},
    };
    const token = Buffer.from(draw.bytes(16)).toString('base64url');
    const id = await idOfToken(platform, token);
    const words = `Autre ${world.seed} ${token.slice(0, 8)}`;
    rules.given.set(id, { id, token, words, item: 'pump', lang: 'fr', told: 'kept', isCarried: true });
    const at = Math.floor(START / 1000);
    const letter = { v: PROTOCOL_VERSION, form: 'short', version: 1, item: 'pump', lang: 'fr', at } as const;
    const addressee = centreOf(hub.edition.root);
    const { body, hash, size } = await sealLetter(platform, addressee, {
      ...letter,
      answers: { helped: 'yes', words },
    });
    const header = { v: PROTOCOL_VERSION, id, hash, size, to: addressee.id, dev: 'x'.repeat(22), n: 1 };
    this.#keep(await listOf(answerFiles([{ header, body }])));
  }

  /** One of the sticks, as it is by now: some are damaged. */
  #drawn(draw: Draw): Stick | undefined {
    const { world } = this.#ports;
    if (this.#sticks.length === 0) return undefined;
    // The newest one more often than all others.
    const stick = draw.chance(0.5) ? this.#sticks.at(-1) : draw.pick(this.#sticks);
    if (!stick || !draw.chance(0.3)) return stick;
    const [path, bytes] = draw.pick([...stick]) ?? [];
    if (path === undefined || bytes === undefined) return stick;
    const damaged = new Map(stick);
    // A checksum tells of damage in what is not signed: such a file cannot be read. One that ends early is not in the directory.
    if (/^[or]\//.test(path) || draw.chance(0.5)) damaged.delete(path);
    else damaged.set(path, flippedAt(bytes, draw.below(bytes.length * 8)));
    world.log(`the stick is damaged: ${path}`);
    return damaged;
  }
}

const flippedAt = (bytes: Uint8Array, bit: number): Uint8Array =>
  bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

const archiveOf = (stick: Stick): Archive =>
  new Map(
    [...stick].map(([path, bytes]) => [
      path,
      { size: bytes.length, read: async (from: number, to: number) => bytes.slice(from, to) },
    ]),
  );
