import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Envelope } from '../../src/core/protocol/envelope.ts';
import type { LibraryState } from '../../src/core/sync/ports.ts';
import { pull } from '../../src/core/sync/pull.ts';
import { type Pushed, push } from '../../src/core/sync/push.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { Syncer } from '../../src/engine/syncer.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import { MemoryLibrary } from '../../src/store/memory-library.ts';
import { MemoryOutbox } from '../../src/store/memory-outbox.ts';
import { codeFrom, never, sealedAnswer } from '../support/fixtures.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';

/** A hub in between that the library names: whoever leaves an answer there sees who has it, for as long as the library lets it speak. */

const NAME = 'École de Tillia';

let centre: Hub;
let link: LinkProxy;
let relay: Hub;
beforeEach(async () => {
  centre = await startHub();
  link = await startProxy({ target: centre.port });
  relay = await startHub({ upstream: link.url, env: { SHELVES: 'fr' } });
  await serves(1);
});
afterEach(async () => {
  await relay.remove();
  await link.close();
  await centre.remove();
});

const keys = (hub: Hub, ...args: readonly string[]): string =>
  execFileSync(process.execPath, ['dist/server/main-keys.js', ...args], {
    env: { ...process.env, DATA_DIR: hub.dataDir },
    encoding: 'utf8',
  });
const serves = (seq: number): Promise<void> =>
  expect
    .poll(async () => ((await (await fetch(`${relay.url}/healthz`)).json()) as { readonly seq: number }).seq, {
      timeout: 60_000,
      interval: 200,
    })
    .toBe(seq);
const nudge = (): Promise<Response> => fetch(`${relay.url}/hub`, { method: 'POST', redirect: 'manual' });
/** What the hub's own page says of its standing. */
const standing = async (): Promise<string | undefined> => {
  const page = await fetch(`${relay.url}/hub`, { headers: { 'Accept-Language': 'en' } });
  return /The library (?:knows|does)[^<]*/.exec(await page.text())?.[0];
};
const UNKNOWN = 'The library does not know this relay by name.';

const library = new MemoryLibrary();
const outbox = new MemoryOutbox();
const portsAt = (hub: Hub) => {
  const transport = fetchTransport(webPlatform, hub.url, new Meter(webPlatform.now, false));
  return { platform: webPlatform, store: library, outbox, transport };
};
/** All that a phone does where it finds a link. */
const sync = async (hub: Hub): Promise<void> => {
  const meter = new Meter(webPlatform.now, false);
  const transport = fetchTransport(webPlatform, hub.url, meter);
  const syncer = new Syncer({ platform: webPlatform, library, answers: outbox, transport, meter, locks: null });
  await syncer.run('page', never);
};
const pushTo = (hub: Hub): Promise<Pushed> => push(portsAt(hub), never);
let n = 0;
const answer = async (): Promise<Envelope> => {
  const { root } = (await library.library()) as LibraryState;
  const envelope = await sealedAnswer(webPlatform, root, ++n);
  outbox.add(envelope);
  return envelope;
};

it('says by name that it holds an answer, until the library takes that back', { timeout: 180_000 }, async () => {
  await library.want('fr');
  await pull(portsAt(relay), never);

  // A hub that nobody names holds answers all the same.
  const first = await answer();
  link.cut();
  expect(await pushTo(relay)).toEqual({ sent: 0, held: 1 });
  expect(outbox.outcome(first.header.id)).toEqual({});
  expect(await standing()).toBeUndefined();

  // It asks for a name, and the library gives it one.
  const key = keys(relay, 'request').split('\n')[1] as string;
  expect(keys(relay, 'request')).toContain(key);
  expect(await standing()).toBe(UNKNOWN);
  keys(centre, 'delegate', key, '--name', NAME, '--until', '2099-06-30');
  expect((await centre.publish()).output).toContain('number');
  link.restore();
  await nudge();
  // The answer first; a minute after the last news, it alone.
  await expect.poll(async () => (await pushTo(relay)).sent, { timeout: 60_000, interval: 500 }).toBe(1);
  await nudge();
  await expect.poll(standing, { timeout: 60_000 }).toContain(`The library knows this relay: ${NAME}, until`);
  await pull(portsAt(relay), never);
  const second = await answer();
  link.cut();
  expect(await pushTo(relay)).toMatchObject({ held: 1 });
  expect(outbox.outcome(second.header.id)).toEqual({ holder: NAME });

  // It is taken back. The phone has been at the centre since; the hub, without a link, goes on signing.
  keys(centre, 'revoke', NAME);
  expect((await centre.publish()).output).toContain('number');
  await sync(centre);
  const settled = outbox.outcome(second.header.id);
  expect([settled?.receipt?.signed.id, settled?.holder]).toEqual([second.header.id, undefined]);
  const third = await answer();
  const log = relay.log();
  expect(await codeFrom(() => pushTo(relay))).toBe('revoked');
  expect(relay.log().slice(log.length)).not.toContain('error');
  // Whole, as it was: another hub gets all of it.
  const [waiting] = await outbox.unsent([third.header.to], 1 << 30);
  expect(waiting).toEqual(third);
  expect(outbox.outcome(third.header.id)).toEqual({});
  expect(await pushTo(centre)).toEqual({ sent: 1, held: 0 });

  // Once the hub hears of it, it signs no more, and holds answers as any other.
  link.restore();
  // What waits goes first; news comes with a later look.
  const look = async (): Promise<string | undefined> => {
    await nudge();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return standing();
  };
  await expect.poll(look, { timeout: 60_000, interval: 5_000 }).toBe(UNKNOWN);
  const fourth = await answer();
  link.cut();
  expect(await pushTo(relay)).toEqual({ sent: 0, held: 1 });
  expect(outbox.outcome(fourth.header.id)).toEqual({});
});
