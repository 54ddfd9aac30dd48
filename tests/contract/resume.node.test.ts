import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { RelaisError } from '../../src/core/errors.ts';
import { pull } from '../../src/core/sync/pull.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import { MemoryLibrary } from '../../src/store/memory-library.ts';
import { never } from '../support/fixtures.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';

/** The real library over a link that is cut again and again. */

let hub: Hub;
let link: LinkProxy;
let library: MemoryLibrary;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.remove());
beforeEach(async () => {
  link = await startProxy({ target: hub.port, bytesPerSecond: 60_000 });
  library = new MemoryLibrary();
  await library.want('fr');
});
afterEach(() => link.close());

const sync = () =>
  pull(
    {
      platform: webPlatform,
      store: library,
      transport: fetchTransport(webPlatform, link.url, new Meter(webPlatform.now, false)),
    },
    never,
  );
const packBytes = (path: string): Promise<number> =>
  fetch(hub.url + path).then(async (reply) => (await reply.arrayBuffer()).byteLength);

/** One try that is cut once so many bytes have come down. Says whether it came to its end before that. */
const tryUntil = async (bytes: number): Promise<boolean> => {
  const start = link.down();
  let done = false;
  const trying = sync().then(
    () => true,
    (error: RelaisError) => {
      expect(error.code).toBe('no-link');
      return false;
    },
  );
  void trying.finally(() => {
    done = true;
  });
  while (!done && link.down() - start < bytes) await new Promise((resolve) => setTimeout(resolve, 2));
  if (!done) {
    link.cut();
    link.restore();
  }
  return trying;
};

/** What a request and its answer take besides the bytes that are asked for. */
const HEADERS = 700;

it('a pack that is cut every 8 kB arrives, and each cut costs less than a kilobyte', async () => {
  const length = await packBytes('/c/full/fr.pack');
  link.reset();
  let cuts = 0;
  while (!(await tryUntil(8_000))) cuts++;
  expect(cuts).toBeGreaterThan(3);
  expect((await library.shelf('fr')).baseSeq).toBe(1);
  // What was on its way when the link was cut counts too: the proxy has handed it over, and nobody read it.
  const down = link.down() - length;
  expect(down).toBeLessThan(HEADERS + cuts * (1024 + HEADERS));
  const [first, ...others] = link.log().map(({ path }) => path);
  expect(first).toBe('/c/full/fr.pack');
  expect(new Set(others)).toEqual(new Set(['/c/from/0-1/fr.pack', '/c/from/1/fr.pack']));
});

it('a pack that was begun before a publication is gone on with after it', async () => {
  await tryUntil(8_000);
  const path = join(hub.contentDir, 'glossary/fr.md');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^summary: .*$/m, 'summary: "Chercher un mot."'));
  expect((await hub.publish()).output).toContain('Published: number 2');
  const before = await packBytes('/c/from/0-1/fr.pack');
  link.set({ bytesPerSecond: Number.POSITIVE_INFINITY });
  link.reset();
  await sync();
  expect(link.log().map(({ path }) => path)).toEqual(['/c/from/0-1/fr.pack', '/c/from/1/fr.pack']);
  expect(link.down()).toBeLessThan(before);
  expect((await library.shelf('fr')).baseSeq).toBe(2);
});
