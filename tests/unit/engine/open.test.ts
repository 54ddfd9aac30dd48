import { expect, it } from 'vitest';
import { Meter } from '../../../src/core/sync/traffic.ts';
import { webPlatform } from '../../../src/core/web-platform.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { MemoryLibrary } from '../../../src/store/memory-library.ts';
import { MemoryOutbox } from '../../../src/store/memory-outbox.ts';
import { FakeTransport } from '../../support/fixtures.ts';

/** A device whose disk is full when its database is upgraded, until so many things have gone. */
const openOn = (enough: number) => {
  const gone: string[] = [];
  const library = new MemoryLibrary();
  library.open = async () => {
    if (gone.length < enough) throw new DOMException('no room', 'QuotaExceededError');
  };
  const free = async (what: string): Promise<boolean> => !gone.includes(what) && gone.push(what) > 0;
  const engine = new Engine({
    platform: webPlatform,
    library,
    answers: new MemoryOutbox(),
    transport: new FakeTransport(),
    meter: new Meter(webPlatform.now, false),
    locks: null,
    sacrifices: (['search', 'recordings', 'kept'] as const).map((what) => ({ what, free: () => free(what) })),
    forgetMedia: async () => {},
  });
  return { engine, gone };
};

it('an upgrade that finds no room gets it from what can come again, and not from what is kept', async () => {
  const { engine, gone } = openOn(2);
  expect(await engine.open(1_000)).toHaveLength(22);
  expect(gone).toEqual(['search', 'recordings']);
  const full = openOn(3);
  await expect(full.engine.open(1_000)).rejects.toThrow('no room');
  expect(full.gone).toEqual(['search', 'recordings']);
});
