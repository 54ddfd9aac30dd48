import type { Page } from '@playwright/test';
import { LibraryPage } from '../e2e/pages/library.ts';
import { buildWith, ONE_LINE, type SecondBuild } from '../support/second-build.ts';
import type { Row } from './report.ts';
import { type Counted, FAST, LONG, type Visit, withStage, withVisit } from './stage.ts';

/** What a new build of the app that differs in one line costs a phone which has the build before. */

const WHAT: Readonly<Record<keyof typeof ONE_LINE, string>> = {
  screen: 'of a screen',
  engine: 'of the engine',
  word: 'of the French words',
};
/** Bytes at most where the browser takes dictionaries, and where it does not. */
const LIMITS: Readonly<Record<keyof typeof ONE_LINE, { readonly delta: number; readonly whole: number }>> = {
  screen: { delta: 6_500, whole: 18_000 },
  engine: { delta: 6_500, whole: 68_000 },
  word: { delta: 6_500, whole: 8_500 },
};
const WITHOUT = '--disable-features=CompressionDictionaryTransport,CompressionDictionaryTransportBackend';
const OFFER = 'Une version nouvelle est prête.';

/** The app's own files; what syncs meanwhile is counted by other rows. */
const isApp = (path: string): boolean => /^\/(sw\.js|shell|assets\/.*)$/.test(path);

/** Brings the next build to a device that has this one, and shows it. Returns the traffic of the app's files. */
const bring = async ({ link, url, page }: Visit, serveNext: () => Promise<void>): Promise<Counted> => {
  const library = new LibraryPage(page, url);
  await library.openAndKeep('/fr/');
  await page.reload();
  await library.kept();
  await link.quiet();
  await serveNext();
  link.reset();
  await page.reload();
  await page.getByText(OFFER).waitFor({ state: 'visible', timeout: LONG });
  await page.getByRole('button', { name: 'Ouvrir' }).click();
  await page.getByText(OFFER).waitFor({ state: 'detached' });
  await library.kept();
  await link.quiet();
  await isNext(page);
  const exchanges = link.read().exchanges.filter(({ path }) => isApp(path));
  const sum = (of: 'up' | 'down'): number => exchanges.reduce((bytes, exchange) => bytes + exchange[of], 0);
  return { up: sum('up'), down: sum('down'), exchanges };
};

/** Fails while another version than the one that controls the page is on its way. */
const isNext = async (page: Page): Promise<void> => {
  const others = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return Boolean(registration?.waiting ?? registration?.installing);
  });
  if (others) throw new Error('The next build is not the one that runs.');
};

const rowOf = async (change: keyof typeof ONE_LINE, next: SecondBuild, dictionaries: boolean): Promise<Row> => {
  const { seen, asked } = await withStage(
    (stage) =>
      withVisit(stage, { speed: FAST }, async (visit) => {
        let end = async (): Promise<void> => {};
        try {
          const traffic = await bring(visit, async () => {
            await stage.hub.kill();
            end = await next.serve(stage.hub);
          });
          return { seen: traffic, asked: visit.link.heads().filter((head) => /^available-dictionary:/im.test(head)) };
        } finally {
          await end();
        }
      }),
    dictionaries ? [] : [WITHOUT],
  );
  if (dictionaries !== asked.length > 0) throw new Error(`Dictionaries were ${dictionaries ? 'not ' : ''}asked for.`);
  const kind = dictionaries ? 'delta' : 'whole';
  return {
    key: `update-${change}${dictionaries ? '' : '-whole'}`,
    what: `up + down, an update by one line ${WHAT[change]}${dictionaries ? '' : ', without dictionaries'}`,
    measured: seen.up + seen.down,
    unit: 'B',
    limit: LIMITS[change][kind],
    requests: seen.exchanges.length,
    detail: seen,
  };
};

export const appUpdates = async (): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const change of Object.keys(ONE_LINE) as (keyof typeof ONE_LINE)[]) {
    const next = buildWith(ONE_LINE[change]);
    try {
      for (const dictionaries of [true, false]) rows.push(await rowOf(change, next, dictionaries));
    } finally {
      next.remove();
    }
  }
  return rows;
};
