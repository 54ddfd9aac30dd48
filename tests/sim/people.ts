import type { Platform } from '../../src/core/platform.ts';
import { idOfToken } from '../../src/core/protocol/ids.ts';
import type { Device, Tab } from './device.ts';
import type { HubSite } from './hub.ts';
import { computing } from './machine.ts';
import { type Network, ORIGIN } from './network.ts';
import { Draw } from './random.ts';
import type { Given, Rules } from './rules.ts';
import type { Stage } from './stage.ts';
import type { World } from './world.ts';

/** What people, phones and the box do in a run: a list of deeds with their times, drawn from the seed. */

export interface Deed {
  /** Names it among all decisions of the seed. */
  readonly name: string;
  /** Milliseconds since the run began. */
  readonly at: number;
  readonly what: (typeof DEEDS)[number];
}

/** As often as they stand here. */
const DEEDS = [
  'answer',
  'answer',
  'answer',
  'answer',
  'answer in two tabs',
  'answer again',
  'want',
  'open a tab',
  'open a tab',
  'close a tab',
  'reload',
  'look away',
  'tap',
  'retry',
  'wake the worker',
  'freeze a tab',
  'link down',
  'link down',
  'hub down',
  'publish',
  'publish',
  'publish',
  'device clock',
  'hub clock',
  'power cut',
  'full',
  'replace the library',
] as const;

const LANGUAGES = ['fr', 'en', 'ha'] as const;
const YEAR = 365 * 86_400_000;
const machine = computing(() => new Uint8Array(0));

/** The deeds of a seed, by time. */
export const planOf = (seed: number, minutes: number): readonly Deed[] => {
  const draw = new Draw(seed, 'plan');
  const count = 3 + draw.below(14);
  const drawn = Array.from(
    { length: count },
    (_, n): Deed => ({ name: `deed/${n + 1}`, at: draw.between(0, minutes * 60_000), what: draw.pick(DEEDS) }),
  );
  // Somebody who writes before the library is here: the words go straight to the centre, and later once more.
  const early: readonly Deed[] = draw.chance(0.3)
    ? [
        { name: 'deed/early', at: draw.between(10, 600), what: 'answer' },
        { name: 'deed/once more', at: draw.between(5_000, 40_000), what: 'answer again' },
      ]
    : [];
  return [...early, ...drawn].sort((a, b) => a.at - b.at);
};

export class People {
  readonly #world: World;
  readonly #device: Device;
  readonly #hub: HubSite;
  readonly #network: Network;
  readonly #rules: Rules;
  readonly #stage: Stage;
  /** Number of the edition that the hub has. */
  edition: number;

  constructor(parts: {
    world: World;
    device: Device;
    hub: HubSite;
    network: Network;
    rules: Rules;
    stage: Stage;
    edition: number;
  }) {
    this.#world = parts.world;
    this.#device = parts.device;
    this.#hub = parts.hub;
    this.#network = parts.network;
    this.#rules = parts.rules;
    this.#stage = parts.stage;
    this.edition = parts.edition;
  }

  /** A page that lives; opens one where there is none. */
  page(draw: Draw): Tab {
    const pages = this.#device.live.filter(({ name }) => name.startsWith('page'));
    return pages.length > 0 ? draw.pick(pages) : this.#device.open();
  }

  do({ name, what }: Deed): void {
    const world = this.#world;
    const draw = world.decide(name, 1);
    if (!draw) return;
    world.log(`-- ${what}`);
    draw.next();
    const device = this.#device;
    const page = this.page(draw);
    switch (what) {
      case 'answer':
      case 'answer in two tabs': {
        const other = what === 'answer' ? undefined : this.page(draw);
        void this.#write(draw).then((given) => {
          void this.#finish(page, given);
          if (other) void this.#finish(other, given);
        });
        return;
      }
      case 'answer again': {
        const all = [...this.#rules.given.values()];
        if (all.length > 0) void this.#finish(page, draw.pick(all));
        return;
      }
      case 'want':
        return void page.library.want(draw.pick(LANGUAGES)).catch(() => {});
      case 'open a tab':
        if (device.live.length < 5) device.open();
        return;
      case 'close a tab':
        page.kill('closed');
        return;
      case 'reload':
        for (const tab of device.live) tab.kill('reload');
        device.open();
        return;
      case 'look away': {
        page.attend(false);
        world.clock.after(draw.between(1_000, 600_000), () => page.attend(true));
        return;
      }
      case 'tap':
        page.sendNow(true);
        return;
      case 'retry':
        return void this.retry(page);
      case 'wake the worker':
        device.open('worker');
        return;
      case 'freeze a tab':
        page.freeze(draw.between(1_000, 300_000));
        return;
      case 'link down':
        this.#network.isDown = true;
        world.clock.after(draw.between(1_000, 120_000), () => this.linkUp(page));
        return;
      case 'hub down':
        this.#hub.crash();
        world.clock.after(draw.between(100, 300_000), () => this.#hub.start());
        return;
      case 'publish':
        this.#publish();
        return;
      case 'device clock':
        device.skew = this.#jump(draw);
        world.log(`the device's clock is off by ${Math.round(device.skew / 86_400_000)} days`);
        return;
      case 'hub clock':
        this.#hub.skew = this.#jump(draw);
        return;
      case 'power cut':
        device.cutPower(draw);
        world.clock.after(draw.between(1_000, 120_000), () => device.open());
        return;
      case 'full':
        device.isFull = true;
        world.clock.after(draw.between(1_000, 300_000), () => {
          device.isFull = false;
        });
        return;
      case 'replace the library':
        // Only where the page asks.
        if (device.status().problem === 'foreign-root') void this.replace(page);
        return;
    }
  }

  #jump(draw: Draw): number {
    const now = 57 * YEAR;
    return draw.pick([-now, -now, 10 * YEAR, 3 * 86_400_000, -3 * 86_400_000, 120_000, -120_000, 0]);
  }

  #publish(): void {
    const next = this.#stage.ours.editions[this.edition + 1];
    if (!next) return;
    this.edition++;
    this.#world.log(`published: ${next.seq}`);
    this.#hub.publish(next);
  }

  async #write(draw: Draw): Promise<Given> {
    const token = Buffer.from(draw.bytes(16)).toString('base64url');
    const words = `Mot ${this.#world.seed} ${token.slice(0, 8)}`;
    const lang = this.#device.library.data.wanted[0] ?? 'fr';
    const id = await idOfToken(machine as Platform, token);
    const given: Given = { id, token, words, item: draw.pick(['pump', 'phone', 'radio']), lang, told: 'nothing' };
    this.#rules.given.set(id, given);
    this.#device.typed.add(words);
    return given;
  }

  async #finish(tab: Tab, given: Given): Promise<void> {
    const { token, words, item, lang } = given;
    const answers = { helped: 'yes', words };
    const result = await tab.engine.finish({ form: 'short', version: 1, item, lang, token, answers });
    if (result.kept) {
      this.#world.log(`${tab.name} says: kept, ${result.number} (${given.id})`);
      if (given.told === 'nothing') given.told = 'kept';
      this.#rules.kept(this.#device.answers.data);
      return;
    }
    this.#world.log(`${tab.name} says: not kept (${'code' in result ? result.code : 'problems'})`);
    if (given.told === 'nothing' && 'code' in result && result.code === 'no-link') await this.#plain(tab, given);
  }

  /** An answer on a plain page, which goes straight to the hub that is there: the phone keeps nothing of it. */
  async answerPlain(draw: Draw): Promise<void> {
    const page = this.page(draw);
    await this.#plain(page, await this.#write(draw));
  }

  /** The library is not here yet: the words go straight to the centre. */
  async #plain(tab: Tab, given: Given): Promise<void> {
    const { item, lang, token, words } = given;
    const body = new URLSearchParams({
      form: 'short',
      version: '1',
      item,
      lang,
      helped: 'yes',
      words,
      token,
    }).toString();
    const headers = { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' };
    try {
      const response = await this.#network.fetch(tab, `${ORIGIN}/o/plain`, { method: 'POST', headers, body });
      const reply = (await response.json()) as { result?: string; number?: string };
      const said = reply.result === 'already' ? 'arrived' : reply.result;
      if (said !== 'arrived' && said !== 'held') return;
      this.#world.log(`${tab.name} says: ${said}, ${reply.number}`);
      if (given.told === 'nothing') given.told = said;
      this.#rules.kept(this.#device.answers.data);
    } catch {
      // The page keeps the words, and says so.
    }
  }

  linkUp(page: Tab): void {
    this.#network.isDown = false;
    // The event `online` is a nudge.
    page.sendNow();
  }

  async retry(page: Tab): Promise<void> {
    await page.answers.retry().catch(() => {});
    page.sendNow();
  }

  async replace(page: Tab): Promise<void> {
    this.#world.log(`${page.name} replaces the library`);
    await page.engine.forgetLibrary().catch(() => {});
    page.sendNow();
  }
}
