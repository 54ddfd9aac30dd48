import { afterEach, expect, it, vi } from 'vitest';
import { type LoopOptions, SyncLoop } from '../../src/core/sync/loop.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import type { EngineKit } from '../../src/engine/main.ts';
import * as views from '../../src/engine/views.ts';
import { DataWorker } from '../../src/worker/data-worker.ts';
import { Part } from '../../src/worker/part.ts';
import { temporaryAnswers, temporaryLibrary } from './databases.ts';

/** The data worker between a page and the databases. */

let ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

it('asks for nothing before the page has said what it wants, and for that at once', async () => {
  const [one, two] = [temporaryLibrary(), temporaryAnswers()];
  const [library, answers] = [one.db, two.db];
  ends = [one.remove, two.remove];
  /** What each sync was asked to bring. */
  const asked: (readonly string[])[] = [];
  const engine = {
    library,
    answers,
    platform: webPlatform,
    meter: new Meter(webPlatform.now, false),
    open: async () => {
      await Promise.all([library.open(), answers.open()]);
      return 'device';
    },
    sync: async () => {
      asked.push(await library.wanted());
    },
  };
  const createLoop = (options: Omit<LoopOptions, 'platform'>) => new SyncLoop({ ...options, platform: webPlatform });
  const never = <T>() => new Part<T>(() => new Promise(() => {}));
  const kit = { engine, views, createLoop } as unknown as EngineKit;
  const worker = new DataWorker(kit, { media: never(), search: never(), carry: never(), near: never() });
  await worker.open({ installId: null });
  // The live queries have told what they find.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(asked).toEqual([]);
  await worker.want('en');
  worker.attend(true);
  await vi.waitFor(() => expect(asked[0]).toEqual(['en']), 5_000);
  worker.attend(false);
});
