import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { toBase64, toBase64Url } from '../../src/core/protocol/bytes.ts';
import { centreOf, sealLetter } from '../../src/core/protocol/envelope.ts';
import { idOfToken, numberOf } from '../../src/core/protocol/ids.ts';
import type { Root } from '../../src/core/protocol/root.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { Draw } from '../sim/random.ts';
import { writeBigLibrary } from '../support/big-library.ts';
import { Device } from '../support/device.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';
import {
  type FrozenAnswer,
  LET_GO_MS,
  makeOlder,
  type OlderSchema,
  olderSchema,
  type Stage,
} from '../support/older-databases.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';
import { LibraryPage } from './pages/library.ts';

/**
 * A phone that has the databases of an older app: many texts in one, and in the other answers that nobody else has. Today's app opens them, and the browser is
 * killed (SIGKILL of all its processes) while it upgrades one of them, at moments drawn from a seed. `KILLS` and `SEED` as in kills.e2e.ts.
 */

/** So many kills have to fall into an upgrade; one in so many has to. */
const HITS = Math.ceil(Number(process.env.KILLS ?? 20) * 0.15);
const ONE_IN = 6;
const SEED = Number(process.env.SEED ?? 1);
const ITEMS = 2_000;
const ANSWERS = 30;
const LIBRARY = 'relais-library';
const OUTBOX = 'relais-answers';
/** What the library's database was before today's, and what that of the answers was. */
const VERSIONS = [1, 2, 3, 4] as const;
const oldLibrary = (version: number): OlderSchema => olderSchema(LIBRARY, version);
const OLD_ANSWERS = olderSchema(OUTBOX, 1);
const nameOf = ({ name, version }: OlderSchema): string => `${name} ${version}`;

let folder: string;
let hub: Hub;
let link: LinkProxy;
let phone: Device;
/** Address of a file that the phone has without a link. */
let appFile: string;

test.beforeEach(async () => {
  test.setTimeout(180_000 + HITS * ONE_IN * 15_000);
  folder = mkdtempSync(join(tmpdir(), 'relais-older-'));
  writeBigLibrary(folder, ITEMS, 200);
  cpSync('content/forms', join(folder, 'forms'), { recursive: true });
  hub = await startHub({ stranger: true, env: { CONTENT_DIR: folder } });
  link = await startProxy({ target: hub.port });
  phone = new Device();
});
test.afterEach(async () => {
  await phone.remove();
  await link.close();
  await hub.remove();
  rmSync(folder, { recursive: true, force: true });
});

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Without Background Sync: its service worker would upgrade the databases at a start, before anybody could see what a kill had left. */
const startPhone = async (): Promise<Page> => {
  const page = await phone.start();
  await phone.context.addInitScript(() => Reflect.deleteProperty(ServiceWorkerRegistration.prototype, 'sync'));
  return page;
};

/** A page of the same origin that opens no database: a file of the app, as text. */
const openBlank = async (): Promise<Page> => {
  const blank = await phone.context.newPage();
  await blank.goto(appFile);
  return blank;
};

/** A database's version, and one of its rows. Chromium first undoes here what a kill had left half done; `indexedDB.databases()` would tell of that. Runs in the page. */
const look = ([name = '', store = '', key = '']: readonly string[]): Promise<{ version: number; row: unknown }> =>
  new Promise((resolve, reject) => {
    const opening = indexedDB.open(name);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const { result } = opening;
      const found = result.transaction(store).objectStore(store).get(key);
      found.onsuccess = () => resolve({ version: result.version, row: found.result });
      result.close();
    };
  });

/** Answers behind the one that the phone has given, as it would have frozen them: to type them all would take a minute. */
const freezeMore = async (blank: Page): Promise<readonly FrozenAnswer[]> => {
  const library = (await blank.evaluate(look, [LIBRARY, 'meta', 'library'])).row as { value: { root: Root } };
  const device = (await blank.evaluate(look, [OUTBOX, 'meta', 'device'])).row as { id: string; n: number };
  expect(device.n).toBe(1);
  const to = centreOf(library.value.root);
  const freeze = async (n: number): Promise<FrozenAnswer> => {
    const letter = {
      ...{ v: PROTOCOL_VERSION, form: 'short', version: 1, item: 'item-7', lang: 'fr' },
      ...{ answers: { words: `Réponse ${n}` }, at: Math.floor(Date.now() / 1000) },
    };
    const { body, hash, size } = await sealLetter(webPlatform, to, letter);
    const token = toBase64Url(webPlatform.randomBytes(16));
    const id = await idOfToken(webPlatform, token);
    const header = { v: PROTOCOL_VERSION, id, hash, size, to: to.id, dev: device.id, n };
    return { id, token, number: numberOf(id), state: 'kept', to: to.id, header, body: toBase64(body) };
  };
  return Promise.all(Array.from({ length: ANSWERS - 1 }, (_, i) => freeze(i + 2)));
};

/** What the phone has, by what it shows: one of its texts, as many as there are, and all answers that wait. */
const expectWhole = async (page: Page, item: number): Promise<void> => {
  await page.goto(`${link.url}/fr/item-${item}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(new RegExp(` ${item}$`));
  await page.goto(`${link.url}/fr/-/all`);
  await expect(page.getByRole('status').filter({ hasText: /^2\s?000 sujets$/ })).toBeVisible();
  await page.goto(`${link.url}/fr/-/answers`);
  await expect(page.locator('.counts b').first()).toHaveText(String(ANSWERS));
};

/** An upgrade that has been asked for, as it goes on. Times are those of the page, in milliseconds since 1970. */
interface Upgrade {
  readonly page: Page;
  readonly stage: () => Stage | undefined;
  readonly asked: number;
  readonly over: Promise<number>;
}

/** Makes both databases older, one of them as is said, and has the app open them. Resolves when it asks for the upgrade of that one. */
const askForUpgrade = async (old: OlderSchema, more: readonly FrozenAnswer[] = []): Promise<Upgrade> => {
  const blank = await openBlank();
  let stage: Stage | undefined;
  const [asked, over] = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
  const both = old.name === LIBRARY ? [old, OLD_ANSWERS] : [oldLibrary(4), old];
  await makeOlder(blank, both, more, (name, now, at) => {
    if (name !== old.name) return;
    stage = now;
    if (now === 'asked') asked.resolve(at);
    if (now === 'over') over.resolve(at);
  });
  phone.aim();
  const page = await phone.context.newPage();
  void page.goto(`${link.url}/fr/item-7`).catch(() => {});
  return { page, stage: () => stage, asked: await asked.promise, over: over.promise };
};

test('killed in an upgrade of its databases: the library is whole, and every answer arrives, once', async () => {
  const first = new LibraryPage(await startPhone(), link.url);
  await first.openAndKeep('/fr/item-7');
  appFile = await first.page.evaluate(() => document.querySelector<HTMLScriptElement>('script[src]')?.src ?? '');
  link.cut();
  await first.fill('Réponse 1');
  await first.send();
  await first.expectKept();
  await first.page.goto('about:blank');

  // Upgrades that nobody kills: how long they take.
  let more = await freezeMore(await openBlank());
  const took = new Map<string, number>();
  for (const old of [OLD_ANSWERS, oldLibrary(4), oldLibrary(1)]) {
    const { asked, over } = await askForUpgrade(old, more);
    took.set(nameOf(old), (await over) - asked - LET_GO_MS);
    more = [];
    for (const page of phone.context.pages().slice(1)) await page.close();
  }
  // Those of the versions between take as long as that of the last.
  const lasts = (old: OlderSchema): number => took.get(nameOf(old)) ?? (took.get(nameOf(oldLibrary(4))) as number);

  let hits = 0;
  for (let n = 1; hits < HITS; n++) {
    // It is the upgrade that is killed, and not what comes before and behind it.
    expect(n, `${hits} of the kills fell into an upgrade`).toBeLessThan(HITS * ONE_IN);
    const draw = new Draw(SEED, `database kill ${n}`);
    const old = draw.chance(0.2) ? OLD_ANSWERS : oldLibrary(draw.pick(VERSIONS));
    await test.step(`seed ${SEED}, kill ${n}: ${nameOf(old)}`, async () => {
      const { asked, stage } = await askForUpgrade(old);
      const moment = asked + LET_GO_MS + draw.next() * lasts(old);
      await after(Math.max(moment - Date.now(), 0));
      await phone.kill();
      await startPhone();
      const { version } = await (await openBlank()).evaluate(look, [old.name, 'meta']);
      if (stage() === 'running' && version === old.version) hits++;
      const page = await phone.context.newPage();
      await expectWhole(page, draw.below(ITEMS));
      await page.close();
    });
  }

  link.restore();
  const page = phone.context.pages()[0] as Page;
  await page.goto(`${link.url}/fr/-/answers`);
  await expect(page.locator('.counts b')).toHaveText(['0', String(ANSWERS)], { timeout: 30_000 });
  // The inbox opens them behind the receipts.
  const arrived = (): unknown =>
    answersAt(hub)
      .map(({ answers }) => answers.words?.replace('Réponse ', ''))
      .sort();
  const given = Array.from({ length: ANSWERS }, (_, i) => String(i + 1)).sort();
  await expect.poll(arrived, { timeout: 30_000 }).toEqual(given);
});
