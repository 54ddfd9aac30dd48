import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Envelope } from '../../src/core/protocol/envelope.ts';
import type { LibraryState } from '../../src/core/sync/ports.ts';
import { pull } from '../../src/core/sync/pull.ts';
import { type Pushed, push } from '../../src/core/sync/push.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import { MemoryLibrary } from '../../src/store/memory-library.ts';
import { MemoryOutbox } from '../../src/store/memory-outbox.ts';
import { addSheets } from '../support/collection.ts';
import { contentsOf, never, sealedAnswer, testLetter } from '../support/fixtures.ts';
import { type Hub, type HubOptions, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';

/** Hubs that mirror, as processes, between a centre and a device. */

let centre: Hub;
/** Between the centre and the hub below it. */
let link: LinkProxy;
let started: Hub[];
beforeEach(async () => {
  started = [];
  centre = await startHub();
  link = await startProxy({ target: centre.port });
});
afterEach(async () => {
  for (const hub of started) await hub.remove();
  await link.close();
  await centre.remove();
});

const startRelay = async (options: HubOptions = {}): Promise<Hub> => {
  const hub = await startHub({ upstream: link.url, ...options, env: { SHELVES: 'fr', ...options.env } });
  started.push(hub);
  return hub;
};
const seqAt = async (hub: Hub): Promise<number> =>
  ((await (await fetch(`${hub.url}/healthz`)).json()) as { readonly seq: number }).seq;
const serves = (hub: Hub, seq: number): Promise<void> =>
  expect.poll(() => seqAt(hub), { timeout: 60_000, interval: 200 }).toBe(seq);
/** Whether its own page says so. */
const says = async (hub: Hub, words: string): Promise<boolean> =>
  (await (await fetch(`${hub.url}/hub`, { headers: { 'Accept-Language': 'en' } })).text()).includes(words);
const ask = (hub: Hub): Promise<Response> => fetch(`${hub.url}/hub`, { method: 'POST', redirect: 'manual' });

/** A device that knows one hub. */
class Phone {
  readonly library = new MemoryLibrary();
  readonly outbox = new MemoryOutbox();
  hub: Hub;
  constructor(hub: Hub) {
    this.hub = hub;
  }
  #ports() {
    const transport = fetchTransport(webPlatform, this.hub.url, new Meter(webPlatform.now, false));
    return { platform: webPlatform, store: this.library, outbox: this.outbox, transport };
  }
  async pull(shelf = 'fr'): Promise<Awaited<ReturnType<typeof contentsOf>>> {
    await this.library.want(shelf);
    await pull(this.#ports(), never);
    return contentsOf(this.library, shelf);
  }
  push(): Promise<Pushed> {
    return push(this.#ports(), never);
  }
  async answer(n: number): Promise<Envelope> {
    const { root } = (await this.library.library()) as LibraryState;
    const envelope = await sealedAnswer(webPlatform, root, n, testLetter({ helped: 'yes', words: `answer ${n}` }));
    this.outbox.add(envelope);
    return envelope;
  }
}

/** Another sentence in a text of the centre, published. */
const publishNews = async (lang = 'fr', words = 'Une phrase de plus.'): Promise<void> => {
  const path = join(centre.contentDir, `akashganga/${lang}.md`);
  writeFileSync(path, readFileSync(path, 'utf8').replace(/\n\n(?=[A-Z])/, `\n\n${words} `));
  expect((await centre.publish()).output).toMatch(/Published: number \d+/);
};

describe('a hub that mirrors', { timeout: 120_000 }, () => {
  it('hands on the same library, as it was signed, whole and as changes', async () => {
    const relay = await startRelay({ env: { SHELVES: 'fr,ha' } });
    await serves(relay, 1);
    const [near, far] = [new Phone(relay), new Phone(centre)];
    expect(await near.pull()).toEqual(await far.pull());
    expect(await near.pull('ha')).toEqual(await far.pull('ha'));
    await publishNews();
    await ask(relay);
    await serves(relay, 2);
    const before = await near.library.shelf('fr');
    expect(await near.pull()).toEqual(await far.pull());
    expect([before.baseSeq, (await near.library.shelf('fr')).baseSeq]).toEqual([1, 2]);
    const [one, other] = [await near.library.library(), await far.library.library()];
    expect(one?.signed?.roots).toEqual(other?.signed?.roots);
    expect(one?.table).toEqual(other?.table);
    // What came from the relay can be checked against the centre, and the other way round.
    near.hub = centre;
    far.hub = relay;
    expect(await near.pull()).toEqual(await far.pull());
  });

  it('has the collections that it was told, or all, and hands them on as they are', async () => {
    addSheets(centre.contentDir, 3);
    expect((await centre.publish()).output).toContain('Published: number 2');
    const [none, some, all] = [
      await startRelay(),
      await startRelay({ env: { SHELVES: 'fr,fr-xsheets' } }),
      await startRelay({ env: { SHELVES: '' } }),
    ];
    for (const relay of [none, some, all]) await serves(relay, 2);
    const has = async (relay: Hub, path: string): Promise<boolean> => (await fetch(`${relay.url}/${path}`)).ok;
    expect(await has(none, 'c/full/fr-xsheets.pack')).toBe(false);
    expect(await has(none, 'fr/-/collection-sheets')).toBe(false);
    expect(await has(some, 'fr/-/collection-sheets')).toBe(true);
    // What stands in for a language's collection is there likewise.
    expect(await has(all, 'ha/-/collection-sheets')).toBe(true);
    // It is no language: nobody is offered it as one.
    expect(await (await fetch(`${some.url}/fr/`)).text()).not.toContain('fr-xsheets/');
    expect(await says(some, 'Français · sheets')).toBe(true);
    const phones = [new Phone(centre), new Phone(some), new Phone(all)];
    const [right, ...others] = await Promise.all(
      phones.map(async (phone) => [await phone.pull('fr-xsheets'), (await phone.library.shelf('fr-xsheets')).baseSeq]),
    );
    expect(others).toEqual([right, right]);
  });

  it('shows a publication whole or not at all', async () => {
    const relay = await startRelay({ env: { SHELVES: 'fr,en' } });
    await serves(relay, 1);
    await publishNews('fr');
    await publishNews('en', 'One more sentence.');
    // The pack of the second language does not come through.
    const hold = (): void =>
      link.interceptOnce(({ path }) => {
        // Nor does it come along with the first one.
        const isAlong = path.includes('?also=');
        if (!isAlong && !path.endsWith('/en.pack')) return undefined;
        queueMicrotask(hold);
        return isAlong ? { status: 404 } : 'reset';
      });
    hold();
    link.reset();
    await ask(relay);
    await expect.poll(() => link.log().some(({ path }) => path.endsWith('/en.pack')), { timeout: 20_000 }).toBe(true);
    expect(await seqAt(relay)).toBe(1);
    const phone = new Phone(relay);
    await phone.pull();
    expect((await phone.library.library())?.head?.seq).toBe(1);
    // A link that lets everything through.
    await relay.kill();
    const free = await startProxy({ target: centre.port });
    const again = await startRelay({ dataDir: relay.dataDir, upstream: free.url, env: { SHELVES: 'fr,en' } });
    await serves(again, 3);
    await free.close();
  });

  it('passes answers on through another one, and receipts back', async () => {
    const upper = await startRelay();
    await serves(upper, 1);
    const between = await startProxy({ target: upper.port });
    const lower = await startRelay({ upstream: between.url });
    await serves(lower, 1);
    const phone = new Phone(lower);
    await phone.pull();
    between.cut();
    const answers = [await phone.answer(1), await phone.answer(2)];
    expect(await phone.push()).toEqual({ sent: 0, held: 2 });
    link.cut();
    between.restore();
    await expect.poll(() => says(upper, '2 answers wait for the network.'), { timeout: 30_000 }).toBe(true);
    // Neither hub loses what it has said it holds.
    for (const hub of [upper, lower]) await hub.restart();
    expect(await phone.push()).toEqual({ sent: 0, held: 2 });
    expect(answersAt(centre)).toHaveLength(0);
    link.restore();
    await expect.poll(() => answersAt(centre).length, { timeout: 30_000 }).toBe(2);
    await ask(lower);
    await expect.poll(() => phone.push(), { timeout: 30_000, interval: 500 }).toMatchObject({ held: 0 });
    for (const { header } of answers) expect(phone.outbox.outcome(header.id)?.receipt).toBeDefined();
    expect(answersAt(centre)).toHaveLength(2);
    await between.close();
  });

  it('keeps to the bytes of an hour, and goes on where it was', async () => {
    link.set({ bytesPerSecond: 60_000 });
    const poor = await startRelay({ env: { HOURLY_KB: '30' } });
    await expect.poll(() => link.down(), { timeout: 20_000 }).toBeGreaterThan(25_000);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(link.down()).toBeLessThan(45_000);
    expect(await seqAt(poor)).toBe(0);
    expect((await fetch(`${poor.url}/fr/`)).status).toBe(503);
    const page = await (await fetch(`${poor.url}/hub`, { headers: { 'Accept-Language': 'fr' } })).text();
    const [, status = ''] = /<div role="status">(.*?)<\/div>/s.exec(page) ?? [];
    expect(status.match(/Budget utilisé\./g)).toHaveLength(1);
    await poor.kill();
    link.reset();
    const rich = await startRelay({ dataDir: poor.dataDir, env: { HOURLY_KB: '10000', MEDIA: 'none' } });
    await serves(rich, 1);
    const whole = (await (await fetch(`${centre.url}/c/full/fr.pack`)).arrayBuffer()).byteLength;
    const packs = link.log().filter(({ path }) => path.endsWith('.pack'));
    expect(packs.reduce((sum, { downBytes }) => sum + downBytes, 0)).toBeLessThan(whole - 20_000);
  });

  it('has all pictures and recordings, and fetches again what its disk has damaged', async () => {
    const relay = await startRelay();
    await serves(relay, 1);
    const folder = join(relay.dataDir, 'mirror/b');
    const blobs = (): string[] =>
      readdirSync(folder, { recursive: true })
        .map(String)
        .filter((name) => /\w{2}\/[\w-]{43}$/.test(name));
    const wanted = readdirSync(join(centre.dataDir, 'tree/current/b'), { recursive: true }).map(String);
    await expect.poll(() => blobs().length, { timeout: 30_000 }).toBeGreaterThan(5);
    await relay.kill();
    const [one = ''] = blobs();
    expect(wanted).toContain(one);
    const good = readFileSync(join(folder, one));
    writeFileSync(join(folder, one), Buffer.from(good).fill(0, 0, 9));
    await relay.restart();
    await expect
      .poll(
        async () => {
          const reply = await fetch(`${relay.url}/b/${one}`);
          return Buffer.from(await reply.arrayBuffer()).equals(good);
        },
        { timeout: 30_000 },
      )
      .toBe(true);
  });

  it('stays with its library where another one is signed at that address', async () => {
    const relay = await startRelay();
    await serves(relay, 1);
    const stranger = await startHub({ stranger: true });
    started.push(stranger);
    await relay.kill();
    const astray = await startRelay({ dataDir: relay.dataDir, upstream: stranger.url });
    await expect.poll(() => says(astray, 'Signed by someone else. We keep ours.'), { timeout: 30_000 }).toBe(true);
    const phone = new Phone(astray);
    const far = new Phone(centre);
    expect(await phone.pull()).toEqual(await far.pull());
  });
});

describe('a data folder', { timeout: 60_000 }, () => {
  it('with a library of its own mirrors none', async () => {
    await centre.kill();
    await expect(startHub({ dataDir: centre.dataDir, upstream: link.url })).rejects.toThrow('has a library of its own');
  });

  it('that mirrors publishes none', async () => {
    const relay = await startRelay();
    await serves(relay, 1);
    expect((await relay.publish()).output).toContain('mirrors another library');
  });
});
