import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Browser } from '@playwright/test';
import { canonicalBytes } from '../../../src/core/protocol/canonical.ts';
import { PROTOCOL_VERSION } from '../../../src/core/protocol/version.ts';
import { LibraryPage } from '../../e2e/pages/library.ts';
import type { Hub } from '../../support/hub.ts';
import { type Counted, FAST, SLOW, type Visit, withVisit } from '../stage.ts';
import { type Cost, costOf, costOfPaths } from './cost.ts';
import { type Doc, editedSentence, LANGUAGES } from './library.ts';
import { ALL_SHELVES, ONE_SHELF, OTHER_SHELF, type Scene, type Versions } from './scene.ts';

/** What the app itself costs, in Chromium, against the real hub: it is opened in five languages, told that a link is back, and given ten answers. */

const isTree = (path: string): boolean => path.startsWith('/c/');

/** A cost, and how many times it had to wait for the far end before it asked again. */
export interface Timed extends Cost {
  readonly roundTrips: number;
  readonly exchanges: Counted['exchanges'];
}

export interface OwnCosts {
  readonly content: Cost & { readonly exchanges: Counted['exchanges']; readonly app: Cost };
  readonly oneShelf: Timed;
  readonly nothing: Timed;
  /** Ten of a language that the device has, and that nobody has opened last. */
  readonly otherShelf: Timed;
  readonly allShelves: Timed;
  readonly answers: Answers;
}

export interface Answers extends Cost {
  readonly count: number;
  readonly sealedBytes: number;
  /** The same less what each letter was filled up with. */
  readonly unpadded: number;
  /** The same with letters that are filled up to the next 512 bytes. */
  readonly paddedTo512: number;
}

/** One sync, as a device begins it: the browser says that a link is back. On a link of 600 ms, so that requests that wait for another are seen. */
const syncOnce = async ({ link, page }: Visit): Promise<Timed> => {
  await link.quiet();
  const begun: number[] = [];
  link.proxy.interceptOnce(() => {
    begun.push(performance.now());
    return undefined;
  });
  link.proxy.set(SLOW);
  link.reset();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  const seen = await link.quietAgain();
  link.proxy.set(FAST);
  // What comes within half a round trip of the one before did not wait for its answer.
  const waits = begun.filter((at, n) => n === 0 || at - (begun[n - 1] as number) > SLOW.rttMs / 2).length;
  return { ...costOf(seen), roundTrips: waits, exchanges: seen.exchanges };
};

/** Fails unless each of these documents can be read with its new sentence, without a link. */
const showsEdits = async ({ link, url, page }: Visit, docs: readonly Doc[]): Promise<void> => {
  link.proxy.cut();
  for (const doc of docs) {
    await page.goto(`${url}/${doc.id}`);
    await page.getByText(editedSentence(doc)).first().waitFor({ state: 'visible' });
  }
  link.proxy.restore();
};

/** Keeps the library in all languages. The app's own files are counted apart. */
const keepAll = async ({ link, page, url }: Visit): Promise<OwnCosts['content']> => {
  const library = new LibraryPage(page, url);
  for (const lang of LANGUAGES) {
    await library.openAndKeep(`/${lang}/`);
    await link.quiet(1_500);
  }
  const seen = link.read();
  const exchanges = seen.exchanges.filter(({ path }) => isTree(path));
  return { ...costOfPaths(seen, isTree), exchanges, app: costOfPaths(seen, (path) => !isTree(path)) };
};

/** Opens French, so that it is the language that is asked for first, and lets the syncs of the other pages end. */
const openLast = async ({ link, page, url }: Visit): Promise<void> => {
  await page.goto(`${url}/fr/`);
  await link.quiet();
};

/** Bytes of each opened letter as JSON, before it was filled up, and of all sealed bodies. */
const lettersOf = (hub: Hub): { readonly letters: readonly number[]; readonly sealedBytes: number } => {
  const database = new DatabaseSync(join(hub.dataDir, 'hub.sqlite'), { readOnly: true });
  try {
    const rows = database.prepare('SELECT form, version, item, lang, answers, filled AS at FROM answers').all();
    const letters = rows.map(
      (row) => canonicalBytes({ ...row, answers: JSON.parse(String(row.answers)), v: PROTOCOL_VERSION }).length,
    );
    return {
      letters,
      sealedBytes: Number(database.prepare('SELECT sum(length(body)) AS bytes FROM envelopes').get()?.bytes),
    };
  } finally {
    database.close();
  }
};

const QUESTIONS = [
  'Combien coûte la balance, et qui la répare ?',
  'Où trouver le formulaire en haoussa ?',
  'Le prix du lait a baissé chez nous.',
  'Merci, la pompe marche de nouveau.',
  'Qui vient vérifier le testeur ?',
];

/** Ten answers given without a link, and delivered when it is back. */
const deliverTen = async (hub: Hub, { link, url, page }: Visit): Promise<Answers> => {
  const library = new LibraryPage(page, url);
  const count = 10;
  link.proxy.cut();
  for (let n = 0; n < count; n++) {
    await page.goto(`${url}/fr/topic-${n}`);
    await library.fill(QUESTIONS[n % QUESTIONS.length] as string);
    await library.send();
    await library.expectKept();
  }
  link.proxy.restore();
  link.reset();
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await library.expectArrived(60_000);
  const cost = costOfPaths(await link.quietAgain(), (path) => path.startsWith('/o/'));
  const { letters, sealedBytes } = lettersOf(hub);
  if (letters.length !== count) throw new Error(`${letters.length} of ${count} answers arrived`);
  const filled = (unit: number): number =>
    letters.reduce((sum, bytes) => sum + Math.ceil(bytes / unit) * unit - bytes, 0);
  const unpadded = cost.bytes - filled(1024);
  return { ...cost, count, sealedBytes, unpadded, paddedTo512: unpadded + filled(512) };
};

/** All of them, one after the other, of one device. */
export const ownCosts = ({ hub, publish }: Scene, browser: Browser, versions: Versions): Promise<OwnCosts> =>
  withVisit({ hub, browser }, { speed: FAST }, async (visit) => {
    const content = await keepAll(visit);
    await openLast(visit);
    await publish(versions.oneShelf);
    const oneShelf = await syncOnce(visit);
    await showsEdits(
      visit,
      versions.oneShelf.filter(({ id }) => ONE_SHELF.has(id)),
    );
    const nothing = await syncOnce(visit);
    await publish(versions.otherShelf);
    const otherShelf = await syncOnce(visit);
    await showsEdits(
      visit,
      versions.otherShelf.filter(({ id }) => OTHER_SHELF.has(id)),
    );
    await openLast(visit);
    await publish(versions.allShelves);
    const allShelves = await syncOnce(visit);
    await showsEdits(
      visit,
      versions.allShelves.filter(({ id }) => ALL_SHELVES.has(id)),
    );
    return { content, oneShelf, nothing, otherShelf, allShelves, answers: await deliverTen(hub, visit) };
  });
