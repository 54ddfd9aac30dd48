import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Platform } from '../../src/core/platform.ts';
import type { LibraryState } from '../../src/core/sync/ports.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { Carrier } from '../../src/engine/link.ts';
import { Near } from '../../src/engine/near.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import { MemoryLibrary } from '../../src/store/memory-library.ts';
import { MemoryOutbox } from '../../src/store/memory-outbox.ts';
import { never, sealedAnswer, testLetter } from '../support/fixtures.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';

/** A device that has chosen a hub on its Wi-Fi: which of the two it asks, and what that costs. Hubs are processes; the Wi-Fi's address is led to this machine. */

const WIFI = '192.168.77.5';

let centre: Hub;
/** Of the device to the centre. */
let link: LinkProxy;
/** Of the hub on the Wi-Fi. */
let upstream: LinkProxy;
let relay: Hub;
let library: MemoryLibrary;
let answers: MemoryOutbox;
/** What the device's clock is ahead, in milliseconds. */
let ahead: number;
let near: Near;
let platform: Platform;

beforeEach(async () => {
  centre = await startHub();
  link = await startProxy({ target: centre.port });
  upstream = await startProxy({ target: centre.port });
  relay = await startHub({ upstream: upstream.url, env: { SHELVES: 'fr' } });
  await expect.poll(seqOfRelay, { timeout: 60_000, interval: 200 }).toBe(1);
  library = new MemoryLibrary();
  answers = new MemoryOutbox();
  ahead = 0;
  platform = { ...webPlatform, now: () => Date.now() + ahead };
  near = openNear();
  await library.want('fr');
  await near.sync(never, false);
});
afterEach(async () => {
  for (const one of [relay, centre]) await one.remove();
  for (const one of [link, upstream]) await one.close();
});

/** `noHub`: the app is from a host of files, which takes no answers. */
const openNear = (noHub = false): Near => {
  const meter = new Meter(platform.now, true);
  const transport = fetchTransport(platform, link.url, meter);
  const ports = {
    platform,
    library,
    answers,
    transport,
    meter,
    locks: null,
    noHub,
    sacrifices: [],
    forgetMedia: async () => {},
  };
  const engine = new Engine(ports);
  const carrier: Carrier = { fetch: (url, init) => fetch(url.replace(WIFI, 'localhost'), init) };
  return new Near({ platform, engine, carrier });
};

const seqOfRelay = async (): Promise<number> =>
  ((await (await fetch(`${relay.url}/healthz`)).json()) as { readonly seq: number }).seq;
const address = (): string => `${WIFI}:${relay.port}`;
const meet = async (): Promise<void> => expect(await near.meet(address())).toBe('met');
/** Requests to the centre since the last call. */
const toCentre = (): number => {
  const { length } = link.log();
  link.reset();
  return length;
};
const carried = (): number => [...library.data.book.values()].reduce((sum, { up, down }) => sum + up + down, 0);
const lastBy = async (): Promise<string | undefined> => (await library.lastSyncs())[0]?.by;
const addAnswer = async (): Promise<string> => {
  const { root } = (await library.library()) as LibraryState;
  const envelope = await sealedAnswer(webPlatform, root, 1, testLetter({ helped: 'yes', words: 'Par le Wi-Fi' }));
  answers.add(envelope);
  return envelope.header.id;
};

it('asks it first, at no cost, also where nothing may be spent; a pause holds it too', async () => {
  expect(await lastBy()).toBe('page');
  await meet();
  toCentre();
  const before = carried();
  await library.setPolicy({ bundle: { bytes: 1, price: '500 F', from: '2020-01-01' }, daily: 1 });
  expect(await near.sync(never, false)).toBe('done');
  expect([await lastBy(), toCentre(), carried()]).toEqual(['near', 0, before]);
  const hub = await near.hub(false);
  expect(hub).toMatchObject({ origin: `http://${address()}` });
  // Once it does not answer, nothing waits for it again before the next look.
  await expect(hub?.carrier.fetch(`http://${WIFI}:9/`, {})).rejects.toThrow();
  expect(await near.hub(false)).toBeUndefined();
  await near.sync(never, false);

  const lines = library.data.log.length;
  await library.setPolicy({ paused: true });
  await addAnswer();
  expect(await near.sync(never, false)).toBe('done');
  expect([library.data.log.length, toCentre()]).toEqual([lines, 0]);
  expect([await near.hub(false), (await near.hub(true)) !== undefined]).toEqual([undefined, true]);
});

it('an answer waits there, is asked after, and has the centre’s own receipt', async () => {
  await meet();
  toCentre();
  upstream.cut();
  await addAnswer();
  expect(await near.sync(never, false)).toBe('awaits');
  expect([answers.data.answers.size, answersAt(centre).length]).toEqual([1, 0]);
  upstream.restore();
  await expect.poll(() => answersAt(centre).length, { timeout: 30_000 }).toBe(1);
  await expect.poll(() => near.sync(never, false), { timeout: 30_000, interval: 500 }).toBe('done');
  expect([...answers.data.answers.values()].map(({ state }) => state)).toEqual(['centre']);
  expect(toCentre()).toBe(0);
});

it('takes answers of an app from a host of files, which takes none', async () => {
  near = openNear(true);
  await addAnswer();
  expect(await near.sync(never, false)).toBe('done');
  expect(answersAt(centre)).toHaveLength(0);
  await meet();
  await near.sync(never, false);
  await expect.poll(() => answersAt(centre).length, { timeout: 30_000 }).toBe(1);
});

it('the centre is asked where the hub has had no link for long, and where it is not there', async () => {
  await meet();
  toCentre();
  // Three hours after its newest head was signed.
  ahead = 3 * 3_600_000;
  expect(await near.sync(never, false)).toBe('done');
  expect([await lastBy(), toCentre() > 0]).toEqual(['page', true]);
  // Nor does a clock that was set back make it fresh.
  ahead = -30 * 86_400_000;
  expect(await near.sync(never, false)).toBe('done');
  expect([await lastBy(), toCentre() > 0]).toEqual(['page', true]);
  // No link to the centre either: the hub was reached all the same.
  link.cut();
  expect(await near.sync(never, false)).toBe('done');
  link.restore();

  ahead = 0;
  await relay.kill();
  expect(await near.sync(never, false)).toBe('done');
  expect([await lastBy(), await near.hub(true)]).toEqual(['page', undefined]);
});

it('meets only the library that is here, at an address of the Wi-Fi', async () => {
  const stranger = await startHub({ stranger: true });
  expect(await near.meet(`${WIFI}:${stranger.port}`)).toBe('foreign-root');
  expect(await near.meet(`localhost:${relay.port}`)).toBe('malformed');
  expect(await near.meet(`${WIFI}:9`)).toBe('no-link');
  await stranger.remove();
  expect((await library.policy()).near).toBeUndefined();
  await library.forget();
  expect(await near.meet(address())).toBe('early');
});

it('a hub that has become a stranger’s changes nothing, and the centre is asked', async () => {
  await meet();
  const stranger = await startHub({ stranger: true });
  await library.setPolicy({ near: `http://${WIFI}:${stranger.port}` });
  const before = await library.library();
  toCentre();
  // Also where the centre is not asked: nobody is to be asked whether to take another library.
  await library.setPolicy({ bundle: { bytes: 1, price: '500 F', from: '2020-01-01' } });
  expect(await near.sync(never, false)).toBe('done');
  expect([(await library.lastSyncs())[0]?.code, library.data.sync?.problem, toCentre()]).toEqual([
    'foreign-root',
    undefined,
    0,
  ]);
  await library.setPolicy({ bundle: undefined });
  expect(await near.sync(never, false)).toBe('done');
  const [newest, older] = await library.lastSyncs();
  expect([newest?.by, older?.by, older?.code]).toEqual(['page', 'near', 'foreign-root']);
  expect([library.data.sync?.problem, (await library.library())?.identity]).toEqual([undefined, before?.identity]);
  expect(toCentre()).toBeGreaterThan(0);
  await stranger.remove();
});
