import type { Browser } from '@playwright/test';
import { brotli } from '../../../scripts/compress.mjs';
import type { Row } from '../report.ts';
import type { Design } from './cost.ts';
import { ownCuts } from './cuts.ts';
import { type OwnCosts, ownCosts } from './device.ts';
import { changeIn } from './growth.ts';
import { type Doc, LANGUAGES, oneText } from './library.ts';
import { jsonCursor, oneStream, pageEach } from './plain-rivals.ts';
import { type Scene, type Versions, withScene } from './scene.ts';

/** The rows whose unit is bytes, and the designs beside ours that need no package. */

const SIZES = [1_000, 10_000, 100_000] as const;

export interface Wire {
  readonly rows: readonly Row[];
  readonly ours: OwnCosts;
  readonly designs: readonly Design[];
}

const round = (value: number): number => Number(value.toFixed(3));

/** The plain pages of these documents, as the hub serves them. */
const pagesOf = async ({ hub }: Scene, docs: readonly Doc[]): Promise<ReadonlyMap<string, Buffer>> => {
  const pages = new Map<string, Buffer>();
  for (const { id } of docs) {
    const reply = await fetch(`${hub.url}/${id}`);
    if (!reply.ok) throw new Error(`/${id}: ${reply.status}`);
    pages.set(id, Buffer.from(await reply.arrayBuffer()));
  }
  return pages;
};

const contentRow = (own: OwnCosts, docs: readonly Doc[]): Row => {
  const text = oneText(docs);
  const stream = brotli(text).length;
  return {
    key: 'content',
    what: 'all bytes of 500 documents, against one brotli 11 stream of their words',
    measured: round(own.content.bytes / stream),
    unit: 'times',
    limit: 1.12,
    requests: own.content.requests,
    requestLimit: 8,
    detail: { ...own.content, stream, words: text.length },
  };
};

const changeRows = (own: OwnCosts): Row[] => {
  const common = { unit: 'B', requestLimit: 1 } as const;
  const whole = (key: string, what: string, limit: number, one: OwnCosts['nothing']): Row => ({
    ...common,
    key,
    what,
    measured: one.bytes,
    limit,
    requests: one.requests,
    detail: one,
  });
  return [
    whole('change-one-shelf', 'up + down, 10 of the language that was opened last', 2_500, own.oneShelf),
    whole('change-other-shelf', 'up + down, 10 of another one of its five languages', 2_500, own.otherShelf),
    {
      ...common,
      key: 'change-all-shelves',
      what: 'up + down for each of five languages of which 2 documents changed',
      measured: Math.ceil(own.allShelves.bytes / LANGUAGES.length),
      limit: 1_100,
      requests: own.allShelves.requests,
      requestLimit: 5,
      detail: own.allShelves,
    },
    {
      key: 'change-round-trips',
      what: 'round trips of that sync',
      measured: own.allShelves.roundTrips,
      unit: 'trips',
      limit: 1,
      detail: {},
    },
    whole('nothing-new', 'up + down, a sync with nothing new', 1_000, own.nothing),
  ];
};

const answersRow = ({ answers }: OwnCosts): Row => ({
  key: 'answers',
  what: 'up + down, ten short answers delivered, without what fills them up',
  measured: answers.unpadded,
  unit: 'B',
  limit: 8_500,
  requests: answers.requests,
  requestLimit: 1,
  detail: answers,
});

const growthRow = async (): Promise<Row> => {
  const costs: Record<string, number> = {};
  for (const size of SIZES) costs[size] = (await changeIn(size)).bytes;
  const bytes = Object.values(costs);
  return {
    key: 'growth',
    what: `bytes of the same change in a library of ${SIZES.join(', ')} items, most against least`,
    measured: round(Math.max(...bytes) / Math.min(...bytes)),
    unit: 'times',
    limit: 1.2,
    detail: costs,
  };
};

const cutRow = ({ uncut, cut }: Awaited<ReturnType<typeof ownCuts>>): Row => ({
  key: 'cuts',
  what: `bytes over a link that is cut every 60 kB, ${cut.complete ? 'complete' : 'INCOMPLETE'}, against one that is not`,
  measured: round(cut.bytes / uncut.bytes),
  unit: 'times',
  limit: 1.2,
  detail: { uncut, cut },
});

/** All of it, of one hub and one device. */
export const measureWire = (versions: Versions, browser: Browser, say: (what: string) => void): Promise<Wire> => {
  say('Publishing 500 documents ...');
  return withScene(versions.first, async (scene) => {
    const before = await pagesOf(scene, versions.first);
    say('Cutting the link ...');
    const cuts = await ownCuts(scene.hub.port);
    say('Syncing a device ...');
    let after = before;
    // The pages of the first change are read before the next one replaces them.
    const watched: Scene = {
      ...scene,
      async publish(docs) {
        await scene.publish(docs);
        if (docs === versions.oneShelf) after = await pagesOf(scene, docs);
      },
    };
    const ours = await ownCosts(watched, browser, versions);
    say('Asking as others do ...');
    const { first, oneShelf } = versions;
    const designs: Design[] = [
      { name: 'Relais', content: ours.content, change: ours.oneShelf, nothing: ours.nothing },
      await oneStream(first, oneShelf),
      await jsonCursor(first, oneShelf),
      await pageEach(first, oneShelf, before, after),
    ];
    say('Growing the library ...');
    const rows = [contentRow(ours, first), ...changeRows(ours), answersRow(ours), await growthRow(), cutRow(cuts)];
    return { rows, ours, designs };
  });
};
