import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Authored } from '../../../server/content/read-content.ts';
import { treeRoutes } from '../../../server/hub/tree-routes.ts';
import { deltaPack } from '../../../server/publish/packs.ts';
import { TreeWriter } from '../../../server/publish/tree.ts';
import { canonicalBytes } from '../../../src/core/protocol/canonical.ts';
import { toBuckets } from '../../../src/core/protocol/catalogue.ts';
import type { CaseItem } from '../../../src/core/protocol/item.ts';
import { rootIdentity } from '../../../src/core/protocol/root.ts';
import { pull } from '../../../src/core/sync/pull.ts';
import { Meter } from '../../../src/core/sync/traffic.ts';
import { webPlatform } from '../../../src/core/web-platform.ts';
import { fetchTransport } from '../../../src/engine/transport.ts';
import { MemoryLibrary } from '../../../src/store/memory-library.ts';
import { openBox, type Release, type TestBox, testCase } from '../../support/fixtures.ts';
import { type Cost, costOfWork, withLink } from './cost.ts';
import { type Doc, textOf, writeDoc } from './library.ts';
import { Prose } from './prose.ts';

/**
 * What the same change costs in a library of any size. The publisher's own functions make the pack, without the pages of 100,000 items; the hub's
 * own routes serve it; the device's own engine takes it, with all items in its store.
 */

/** Of a title and a few sentences: what a change costs does not depend on how long the others are. */
const BYTES = 600;
const CHANGED = 10;
export const LANG = 'fr';

/** The item that our publisher would make of a document. */
export const authored = (doc: Doc): Authored<CaseItem> => ({
  ...(testCase(doc.topic, LANG) as Authored<CaseItem>),
  title: doc.title,
  summary: doc.summary,
  body: textOf(doc)
    .split('\n\n')
    .map((text) => ({ t: 'p' as const, c: [text] })),
});

/** A device that has all of a release. Its texts are put in as a sync would, without the pack that brings them. */
const deviceAt = async (box: TestBox, { head, table, shelves, publication }: Release): Promise<MemoryLibrary> => {
  const device = new MemoryLibrary();
  await device.want(LANG);
  const items = shelves.get(LANG)?.items ?? [];
  await device.commitShelf({
    shelf: LANG,
    baseSeq: head.signed.seq,
    hash: publication.shelfTable?.[LANG]?.hash ?? '',
    buckets: await toBuckets(
      webPlatform,
      items.map(({ row }) => row),
    ),
    put: items.map(({ row, body }) => ({ row, body })),
    remove: [],
  });
  await device.saveLibrary({ root: box.root, identity: rootIdentity(box.root), head: head.signed, table });
  return device;
};

/** What brings a change of ten texts to a device that has `count`. */
export const changeIn = async (count: number): Promise<Cost> => {
  const folder = mkdtempSync(join(tmpdir(), 'relais-growth-'));
  try {
    const prose = new Prose(LANG, 7);
    const docs = Array.from({ length: count }, (_, n) => writeDoc(prose, LANG, `topic-${n}`, BYTES));
    const box = await openBox();
    const items = docs.map(authored);
    const options = { languages: [LANG] };
    const before = await box.publish(items, options);
    const device = await deviceAt(box, before);
    // The same ten in every library, with the same new sentences: the first ones are the same for the same seed.
    const words = new Prose(LANG, 8);
    const edited = docs.map((doc, n) => (n < CHANGED ? withSentence(doc, words.sentence(100)) : doc));
    const after = await box.publish(
      edited.map((doc, n) => (n < CHANGED ? authored(doc) : (items[n] as Authored))),
      options,
    );
    const shelf = after.shelves.get(LANG);
    if (!shelf) throw new Error('It has no shelf.');
    const input = { ...after, history: box.history, alerts: new Map() };
    const tree = new TreeWriter(folder);
    await tree.put(`c/from/1/${LANG}.pack`, await deltaPack(input, LANG, shelf, before.publication));
    tree.finish();
    return await overHub(folder, canonicalBytes(after.head), device);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const withSentence = (doc: Doc, sentence: string): Doc => {
  const [[first = '', , ...others] = [], ...paragraphs] = doc.body;
  return { ...doc, body: [[first, sentence, ...others], ...paragraphs] };
};

const overHub = async (folder: string, head: Uint8Array<ArrayBuffer>, device: MemoryLibrary): Promise<Cost> => {
  const app = new Hono();
  treeRoutes(app, folder, { platform: webPlatform, current: () => head });
  const server = serve({ fetch: app.fetch, port: 0, hostname: 'localhost' });
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    return await withLink((server.address() as AddressInfo).port, (link, url) =>
      costOfWork(link, async () => {
        const transport = fetchTransport(webPlatform, url, new Meter(webPlatform.now, false));
        const ports = { platform: webPlatform, store: device, transport };
        const { changed } = await pull(ports, new AbortController().signal);
        if (changed[LANG]?.length !== CHANGED) throw new Error(`It took ${JSON.stringify(changed)}.`);
      }),
    );
  } finally {
    server.close();
  }
};
