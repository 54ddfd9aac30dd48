import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pull } from '../../src/core/sync/pull.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import { type LibraryData, MemoryLibrary } from '../../src/store/memory-library.ts';
import { type Doc, editDocs, LANGUAGES, TOPICS, writeDoc, writeDocs, writeSource } from '../bench/sync/library.ts';
import { Prose } from '../bench/sync/prose.ts';
import { contentsOf, never } from '../support/fixtures.ts';
import { type Hub, run, startHub } from '../support/hub.ts';
import { startProxy } from '../support/proxy.ts';
import { asChromium } from './chromium-headers.ts';

/**
 * A library, and what a year makes of it: the 500 texts of 3 kB of `bench:sync`, 100 topics in five languages. In that year each text gets another
 * sentence, every tenth topic is written anew, 20 topics come, 5 are taken down, and an urgent notice comes last; all of that in each language. That is more
 * than the year that the protocol was modelled on (36 edits and 4 new among 130 texts).
 */

/** What a phone keeps where nobody asked for more. */
export const SHELF = 'fr';
export const NOTICE = 'bad-well';

const NEW_TOPICS = 20;
const isTakenDown = (n: number): boolean => n % 20 === 13;
const isRewritten = (n: number): boolean => n % 10 === 4;

const numberOf = ({ topic }: Doc): number => Number(topic.replace(/\D/g, ''));

/** The texts a year later. */
const aYearLater = (docs: readonly Doc[]): readonly Doc[] => {
  const stays = docs.filter((doc) => !isTakenDown(numberOf(doc)));
  const edited = editDocs(stays, new Set(stays.map(({ id }) => id)), 7);
  return LANGUAGES.flatMap((lang, l) => {
    const prose = new Prose(lang, 70_000 + l);
    const before = edited.filter((doc) => doc.lang === lang);
    const old = before.map((doc) => (isRewritten(numberOf(doc)) ? writeDoc(prose, lang, doc.topic) : doc));
    const fresh = Array.from({ length: NEW_TOPICS }, (_, n) => writeDoc(prose, lang, `topic-${TOPICS + n}`));
    return [...old, ...fresh];
  });
};

/** Three paragraphs in each language. */
const writeNotice = (folder: string): void => {
  const own = join(folder, NOTICE);
  mkdirSync(own);
  const item = [
    'kind: bulletin',
    'picture: radio',
    'order: 1',
    'urgency: 1',
    'issued: 2026-11-20',
    'until: 2036-01-01',
  ];
  writeFileSync(join(own, 'item.yml'), `${item.join('\n')}\n`);
  for (const [l, lang] of LANGUAGES.entries()) {
    const prose = new Prose(lang, 80_000 + l);
    const [title, summary] = [prose.sentence(60), prose.sentence(150)];
    const matter = [`title: "${title}"`, `summary: "${summary}"`, 'place: Tillia', 'area: Tillia'];
    const body = [1, 2, 3].map(() => `${prose.sentence(100)} ${prose.sentence(100)}`).join('\n\n');
    writeFileSync(
      join(own, `${lang}.md`),
      `---\n${matter.join('\n')}\nreview: { state: human-draft }\n---\n\n${body}\n`,
    );
  }
};

/** How often something was published in that year, and so what there is for a phone that was here at its beginning. */
export const PACES = {
  /** 52 times: what changed. */
  weekly: 52,
  /** 365 times: nothing that leads from there, so all of the shelf, behind a 404. */
  daily: 365,
} as const;
export type Pace = keyof typeof PACES;

export interface Year {
  readonly hub: Hub;
  /** What the phone had a year ago. */
  readonly was: LibraryData;
  /** What the shelf holds now. */
  readonly is: Awaited<ReturnType<typeof contentsOf>>;
  readonly seq: number;
  /** Bytes that come down before the pack: the heads of all replies. */
  readonly heads: number;
  /** Bytes of the request that brings the year, and of its reply, on a link without faults. */
  readonly useful: number;
}

export interface Years {
  readonly of: Readonly<Record<Pace, Year>>;
  remove(): Promise<void>;
}

/** Publishes the library and its year, at both paces, each by a hub of its own. */
export const makeYears = async (): Promise<Years> => {
  const folder = mkdtempSync(join(tmpdir(), 'relais-year-'));
  const hubs: Hub[] = [];
  const at = (pace: Pace) => ({ DATA_DIR: join(folder, pace), CONTENT_DIR: join(folder, 'content') });
  const hubOf = async (pace: Pace): Promise<Hub> => {
    const env = at(pace);
    const hub = await startHub({ stranger: true, dataDir: env.DATA_DIR, env });
    hubs.push(hub);
    return hub;
  };
  const publish = async (pace: Pace): Promise<void> => {
    const env = { ...process.env, ...at(pace) };
    const { code, output } = await run('dist/server/main-publish.js', env, ['--after', String(PACES[pace])]);
    if (code !== 0) throw new Error(`The year could not be published: ${output}`);
  };
  try {
    const { CONTENT_DIR } = at('weekly');
    const first = writeDocs();
    writeSource(CONTENT_DIR, first);
    const weekly = await hubOf('weekly');
    const was = await read(weekly);
    rmSync(CONTENT_DIR, { recursive: true });
    writeSource(CONTENT_DIR, aYearLater(first));
    writeNotice(CONTENT_DIR);
    await publish('weekly');
    // Published once more under a later number: what was compressed is taken over.
    cpSync(at('weekly').DATA_DIR, at('daily').DATA_DIR, { recursive: true, verbatimSymlinks: true });
    await publish('daily');
    const daily = await hubOf('daily');
    return {
      of: { weekly: await yearOf(weekly, was, 'weekly'), daily: await yearOf(daily, was, 'daily') },
      async remove() {
        for (const hub of hubs) await hub.remove();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    for (const hub of hubs) await hub.remove();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
};

/** Brings a phone up to date, over a link without faults. */
const read = async (hub: { readonly url: string }, was?: LibraryData): Promise<LibraryData> => {
  const store = new MemoryLibrary();
  if (was) store.data = was;
  else await store.want(SHELF);
  const meter = new Meter(webPlatform.now, false);
  await pull(
    { platform: webPlatform, store, transport: fetchTransport(webPlatform, hub.url, meter, asChromium) },
    never,
  );
  return store.data;
};

const PATHS: Readonly<Record<Pace, string>> = { weekly: `/c/from/1/${SHELF}.pack`, daily: `/c/full/${SHELF}.pack` };

const yearOf = async (hub: Hub, was: LibraryData, pace: Pace): Promise<Year> => {
  const link = await startProxy({ target: hub.port });
  try {
    const store = new MemoryLibrary();
    store.data = await read(link, was);
    const asked = link.log();
    const own = asked.find(({ path }) => path === PATHS[pace]);
    const wanted = pace === 'weekly' ? 1 : 2;
    if (!own || asked.length !== wanted) throw new Error(`The year came by ${asked.map(({ path }) => path).join()}.`);
    const { baseSeq } = await store.shelf(SHELF);
    const pack = await (await fetch(hub.url + own.path)).arrayBuffer();
    return {
      hub,
      was,
      is: await contentsOf(store, SHELF),
      seq: baseSeq,
      heads: link.down() - pack.byteLength,
      useful: own.upBytes + own.downBytes,
    };
  } finally {
    await link.close();
  }
};
