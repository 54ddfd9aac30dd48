import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { Draw } from '../sim/random.ts';
import { Device } from '../support/device.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';
import { buildWith, type SecondBuild } from '../support/second-build.ts';
import { LibraryPage } from './pages/library.ts';

/**
 * A phone whose browser is killed (SIGKILL of all its processes) at moments drawn from a seed: while an answer is kept, while news come, while
 * answers leave, in a first visit, and while a new version of the app comes and takes over. `KILLS` and `SEED` have it run longer, or elsewhere.
 */

const KILLS = Number(process.env.KILLS ?? 20);
const SEED = Number(process.env.SEED ?? 1);
const KINDS = ['finish', 'send', 'upgrade', 'news', 'first visit'] as const;
/** What the two versions of the app, between which the hub goes to and fro, call their last link. */
const [OLD, NEW] = ['Plus', 'Encore'] as const;

let hub: Hub;
let link: LinkProxy;
let phone: Device;
/** Numbers that a page has shown: these answers are kept, whatever follows. */
let shown: string[];
let edits: number;
let next: SecondBuild;
/** Ends the hub that has the other version, while it is that one that runs. */
let endNext: (() => Promise<void>) | undefined;

test.beforeAll(() => {
  next = buildWith({ file: 'locales/fr.json', from: `"title": "${OLD}"`, to: `"title": "${NEW}"` });
});
test.afterAll(() => next.remove());
test.beforeEach(async () => {
  hub = await startHub();
  link = await startProxy({ target: hub.port });
  phone = new Device();
  shown = [];
  edits = 0;
});
test.afterEach(async () => {
  await phone.remove();
  await link.close();
  await endNext?.();
  endNext = undefined;
  await hub.remove();
});

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const opened = async (page: Page): Promise<void> => {
  await page.goto(`${link.url}/fr/akashganga`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Le lait d’Akashganga');
};
const publishNews = async (): Promise<void> => {
  const path = join(hub.contentDir, 'akashganga/fr.md');
  const text = readFileSync(path, 'utf8').replace(/ Phrase \d+\./, '');
  writeFileSync(path, text.replace(/(?<=\n\n[A-Z][^\n]*)\n\n/, ` Phrase ${++edits}.\n\n`));
  expect((await hub.publish()).output).toMatch(/Published: number \d+/);
};

/** Fills a form and sends it; the phone dies a moment later. */
const finish = async (page: Page, draw: Draw, n: number): Promise<void> => {
  await opened(page);
  const library = new LibraryPage(page, link.url);
  await library.fill(`Réponse ${n}`);
  const seen = page
    .locator('.keep bdi')
    .textContent({ timeout: 10_000 })
    .catch(() => null);
  await library.send();
  const wait = after(draw.between(0, 400));
  // What was on the screen before it went dark was said.
  void seen.then((number) => number && shown.push(number.replaceAll(/\D/g, '')));
  await wait;
  await phone.kill();
  await seen;
};

/** The hub has another version from now on. */
const changeVersion = async (): Promise<void> => {
  if (endNext) {
    await endNext();
    endNext = undefined;
    await hub.restart();
  } else {
    await hub.kill();
    endNext = await next.serve(hub);
  }
};

/** Opens a page, and takes the new version as soon as it is offered. Resolves when it runs. */
const takeVersion = async (page: Page): Promise<void> => {
  await page.goto(`${link.url}/fr/`);
  const isNew = page.getByRole('link', { name: endNext ? NEW : OLD, exact: true });
  const offered = page.getByRole('button', { name: 'Ouvrir', exact: true });
  await expect(isNew.or(offered)).toBeVisible({ timeout: 30_000 });
  if (await offered.isVisible()) await offered.click();
  await expect(isNew).toBeVisible({ timeout: 30_000 });
};

/** The phone dies while another version comes, waits, or takes over. */
const upgrade = async (draw: Draw): Promise<void> => {
  link.restore();
  link.set({ bytesPerSecond: 100_000 });
  await changeVersion();
  const taken = takeVersion(await phone.start()).catch(() => {});
  await after(draw.between(300, 4_000));
  await phone.kill();
  await taken;
};

/** A new phone, which dies in its first visit, and is complete after the next one. */
const firstVisit = async (draw: Draw): Promise<void> => {
  const other = new Device();
  link.restore();
  link.set({ bytesPerSecond: 150_000 });
  try {
    void (await other.start()).goto(`${link.url}/fr/akashganga`).catch(() => {});
    await after(draw.between(0, 3_000));
    await other.kill();
    const page = await other.start();
    await new LibraryPage(page, link.url).openAndKeep('/fr/akashganga');
    link.cut();
    await opened(page);
  } finally {
    link.restore();
    await other.remove();
  }
};

test('whatever it was at: no answer that was said to be kept is lost or doubled, and its library opens', async () => {
  test.setTimeout(60_000 + KILLS * 30_000);
  await new LibraryPage(await phone.start(), link.url).openAndKeep('/fr/akashganga');
  await phone.kill();
  for (let n = 1; n <= KILLS; n++) {
    const draw = new Draw(SEED, `kill ${n}`);
    const kind = KINDS[n % KINDS.length] as (typeof KINDS)[number];
    await test.step(`seed ${SEED}, kill ${n}: ${kind}`, async () => {
      if (kind === 'first visit') return firstVisit(draw);
      if (kind === 'news') await publishNews();
      link.set({ bytesPerSecond: kind === 'finish' ? 1_000_000 : 20_000 });
      if (kind === 'finish') link.cut();
      else link.restore();
      if (kind === 'finish') await finish(await phone.start(), draw, n);
      else if (kind === 'upgrade') await upgrade(draw);
      else {
        const page = await phone.start();
        void page.goto(`${link.url}/fr/niger-radio`).catch(() => {});
        await after(draw.between(200, 2_500));
        await phone.kill();
      }
      // Without a link it opens to what it had.
      link.cut();
      await opened(await phone.start());
      await phone.kill();
    });
  }
  link.restore();
  link.set({ bytesPerSecond: 1_000_000 });
  const page = await phone.start();
  await takeVersion(page);
  await opened(page);
  if (KILLS >= 8) expect(shown.length).toBeGreaterThan(0);
  const arrived = (): readonly string[] => answersAt(hub).map(({ number }) => number);
  await expect.poll(arrived, { timeout: 30_000 }).toEqual(expect.arrayContaining(shown));
  const words = answersAt(hub).map(({ answers }) => answers.words);
  expect(new Set(words).size).toBe(words.length);
  if (edits > 0) await expect(page.getByText(`Phrase ${edits}.`)).toBeVisible({ timeout: 20_000 });
  await page.goto(`${link.url}/fr/-/answers`);
  await expect(page.locator('.counts b').first()).toHaveText('0', { timeout: 20_000 });
});
