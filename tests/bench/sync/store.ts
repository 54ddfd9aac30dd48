import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { build, type Rolldown } from 'vite';
import { fromUtf8 } from '../../../src/core/protocol/bytes.ts';
import { toBuckets } from '../../../src/core/protocol/catalogue.ts';
import { webPlatform } from '../../../src/core/web-platform.ts';
import { Device } from '../../support/device.ts';
import { openBox } from '../../support/fixtures.ts';
import type { Row } from '../report.ts';
import { authored, LANG } from './growth.ts';
import { writeDoc } from './library.ts';
import { Prose } from './prose.ts';
import type { Fixture, StoreBench } from './store-page.ts';

/** How long the store takes for 10,000 items, and to be opened, in Chromium with a profile on the disk. */

const ITEMS = 10_000;
const BYTES = 1_500;
const IMPORTS = 3;
const OPENS = 5;
const READ = `topic-${ITEMS / 2}`;

const fixtureOf = async (): Promise<Fixture> => {
  const prose = new Prose(LANG, 9);
  const docs = Array.from({ length: ITEMS }, (_, n) => writeDoc(prose, LANG, `topic-${n}`, BYTES));
  const box = await openBox();
  const { shelves, publication } = await box.publish(docs.map(authored), { languages: [LANG] });
  const items = (shelves.get(LANG)?.items ?? []).map(({ row, body }) => ({ row, body: fromUtf8(body) }));
  const buckets = await toBuckets(
    webPlatform,
    items.map(({ row }) => row),
  );
  return { hash: publication.shelfTable?.[LANG]?.hash ?? '', items, buckets: [...buckets] };
};

/** The page's script, with our store in it. */
const bundle = async (): Promise<string> => {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      target: 'es2020',
      rolldownOptions: {
        input: fileURLToPath(new URL('store-page.ts', import.meta.url)),
        output: { format: 'iife', codeSplitting: false },
      },
    },
  });
  const [output] = [result].flat() as Rolldown.RolldownOutput[];
  const chunk = output?.output.find(({ type }) => type === 'chunk');
  if (chunk?.type !== 'chunk') throw new Error('The page has no script.');
  return chunk.code;
};

const serve = async (files: Readonly<Record<string, string>>): Promise<Server> => {
  const server = createServer(({ url = '' }, reply) => {
    const type = url.endsWith('.js') ? 'text/javascript' : url.endsWith('.json') ? 'application/json' : 'text/html';
    reply.writeHead(200, { 'Content-Type': type }).end(files[url] ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return server;
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

const call = (page: Page, name: keyof StoreBench, argument = ''): Promise<number> =>
  page.evaluate(
    ([name, argument]) => {
      const { bench } = globalThis as unknown as { bench: Record<string, (argument: string) => Promise<number>> };
      return (bench[name as string] as (argument: string) => Promise<number>)(argument as string);
    },
    [name, argument],
  );

interface Times {
  readonly ours: number[];
  readonly theirs: number[];
}

const rowOf = (key: string, what: string, limit: number, { ours, theirs }: Times): Row => ({
  key,
  what,
  measured: Number((median(ours) / median(theirs)).toFixed(2)),
  unit: 'times',
  limit,
  detail: { oursMs: ours.map(Math.round), theirsMs: theirs.map(Math.round) },
});

export const measureStore = async (say: (what: string) => void): Promise<Row[]> => {
  say(`Making ${ITEMS} items ...`);
  const script = await bundle();
  const fixture = JSON.stringify(await fixtureOf());
  const server = await serve({
    '/': '<!doctype html><script src="/bench.js"></script>',
    '/bench.js': script,
    '/fixture.json': fixture,
  });
  const url = `http://localhost:${(server.address() as AddressInfo).port}/`;
  const device = new Device();
  const open = async (): Promise<Page> => {
    const page = await device.start();
    await page.goto(url);
    return page;
  };
  try {
    say('Importing ...');
    const imports: Times = { ours: [], theirs: [] };
    const page = await open();
    for (let run = 0; run < IMPORTS; run++) {
      imports.theirs.push(await call(page, 'importDexie'));
      imports.ours.push(await call(page, 'importOurs'));
    }
    await call(page, 'fillRaw');
    await device.context.close();
    say('Opening ...');
    const opens: Times = { ours: [], theirs: [] };
    // One of them a start: what the browser has read from the disk for one would help the other.
    for (let run = 0; run < OPENS; run++) {
      opens.theirs.push(await call(await open(), 'readRaw', READ));
      await device.context.close();
      opens.ours.push(await call(await open(), 'readOurs', READ));
      await device.context.close();
    }
    return [
      rowOf(
        'import',
        `putting ${ITEMS} items into the store, against Dexie's bulkPut of one record each`,
        0.35,
        imports,
      ),
      rowOf('cold-open', `opening it after a start and reading one of them, against IndexedDB alone`, 2, opens),
    ];
  } finally {
    await device.remove();
    server.close();
  }
};
