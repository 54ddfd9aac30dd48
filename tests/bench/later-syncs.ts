import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LibraryPage } from '../e2e/pages/library.ts';
import type { Hub } from '../support/hub.ts';
import type { Row } from './report.ts';
import { type Counted, FAST, SLOW, type Stage, type Visit, withVisit } from './stage.ts';

/** What a device that has the library costs later: nothing new, one sentence edited, one answer. */

const ITEM = '/fr/akashganga';
const BEFORE = 'L’argent arrivait avec un retard de 5 à 10 jours';
const AFTER = 'Les familles attendaient leur argent pendant plus d’une semaine, et personne ne savait pourquoi';

const totalOf = ({ up, down }: { readonly up: number; readonly down: number }): number => up + down;

/** One sync, asked for as the product does it: the browser says that a link is back. */
const syncOnce = async ({ link, page }: Visit): Promise<Counted & { heads: readonly string[] }> => {
  await link.quiet();
  link.proxy.set(SLOW);
  link.reset();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  return { ...(await link.quietAgain()), heads: link.heads() };
};

/** Rewrites one sentence of the French case and publishes. */
const editSentence = async ({ contentDir, publish }: Hub): Promise<void> => {
  const path = join(contentDir, 'akashganga/fr.md');
  const text = readFileSync(path, 'utf8');
  if (!text.includes(BEFORE)) throw new Error('The sentence to edit is not in akashganga/fr.md any more.');
  writeFileSync(path, text.replace(BEFORE, AFTER));
  const { code, output } = await publish();
  if (code !== 0) throw new Error(`publish ended with ${code}: ${output}`);
};

/** Fails unless the device shows the new sentence without a link. */
const showsEdit = async ({ link, url, page }: Visit): Promise<void> => {
  link.proxy.cut();
  await page.goto(url + ITEM);
  await page.getByText(AFTER).waitFor({ state: 'visible' });
  link.proxy.restore();
};

const sealedBytes = (hub: Hub): number => {
  const database = new DatabaseSync(join(hub.dataDir, 'hub.sqlite'), { readOnly: true });
  try {
    return Number(database.prepare('SELECT length(body) AS bytes FROM envelopes').get()?.bytes);
  } finally {
    database.close();
  }
};

const answerRow = async (hub: Hub, { link, url, page }: Visit): Promise<Row> => {
  const library = new LibraryPage(page, url);
  link.proxy.set(FAST);
  await library.openAndKeep(ITEM);
  await library.fill('Combien coûte la balance, et qui la répare ?');
  await link.quiet();
  link.proxy.set(SLOW);
  link.reset();
  await library.send();
  await library.expectArrived(60_000);
  const wholeSync = await link.quietAgain();
  const sealed = sealedBytes(hub);
  const posts = wholeSync.exchanges.filter(({ path }) => path.startsWith('/o/'));
  return {
    key: 'answer',
    what: 'up + down, one answer delivered, beside the sealed text',
    measured: posts.reduce((sum, post) => sum + totalOf(post), 0) - sealed,
    unit: 'B',
    limit: 1_500,
    requests: posts.length,
    requestLimit: 1,
    detail: { sealed, posts, wholeSync, heads: link.heads() },
  };
};

export const laterSyncs = (stage: Stage): Promise<Row[]> =>
  withVisit(stage, { speed: FAST }, async (visit) => {
    const { hub } = stage;
    await new LibraryPage(visit.page, visit.url).openAndKeep();
    const nothing = await syncOnce(visit);
    await editSentence(hub);
    const edit = await syncOnce(visit);
    await showsEdit(visit);
    const common = { unit: 'B', requestLimit: 1 } as const;
    return [
      {
        ...common,
        key: 'edit',
        what: 'up + down, a sync after one sentence was edited',
        measured: totalOf(edit),
        limit: 1_600,
        requests: edit.exchanges.length,
        detail: edit,
      },
      {
        ...common,
        key: 'nothing-new',
        what: 'up + down, a sync with nothing new',
        measured: totalOf(nothing),
        limit: 1_000,
        requests: nothing.exchanges.length,
        detail: nothing,
      },
      await answerRow(hub, visit),
    ];
  });
