import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CacheFolder } from '../../../../server/publish/cache.ts';
import type { Shelf } from '../../../../server/publish/catalogue.ts';
import { deflate, fullPack } from '../../../../server/publish/packs.ts';
import { encodeSection, MAX_UNPACKED, SectionType } from '../../../../src/core/pack/format.ts';
import { encodeBodies } from '../../../../src/core/pack/text.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import { openBox, tinyLibrary } from '../../../support/fixtures.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'relais-packs-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

/** Packs the same texts with what builds kept, and gives the place where one was kept. */
const packs = async () => {
  const box = await openBox();
  const release = await box.publish(tinyLibrary());
  const shelf = release.shelves.get('fr') as Shelf;
  const pack = (build: string): Promise<Uint8Array> =>
    fullPack(
      {
        ...release,
        history: box.history,
        alerts: new Map(),
        cache: { folder: new CacheFolder(dataDir, 'sections'), build },
      },
      'fr',
      shelf,
    );
  const first = await pack('one');
  const [name = ''] = readdirSync(join(dataDir, 'cache/sections'));
  return { pack, first, kept: join(dataDir, 'cache/sections', name) };
};

it('takes a section over from its own build, and makes it anew after another: that may have written it wrongly', async () => {
  const { pack, first, kept } = await packs();
  const other = await encodeSection(webPlatform, deflate, {
    type: SectionType.bodies,
    payload: encodeBodies(deflate, []),
  });
  writeFileSync(kept, other);
  expect(await pack('one')).not.toEqual(first);
  expect(await pack('two')).toEqual(first);
});

it('makes a kept section anew where it is damaged', async () => {
  const { pack, first, kept } = await packs();
  const bytes = readFileSync(kept);
  bytes.writeUInt8(bytes.readUInt8(60) ^ 1, 60);
  writeFileSync(kept, bytes);
  expect(await pack('one')).toEqual(first);
});

it('refuses a shelf that no device would take, before it compresses it', async () => {
  const box = await openBox();
  const release = await box.publish(tinyLibrary());
  const shelf = release.shelves.get('fr') as Shelf;
  const [item, ...others] = shelf.items;
  if (!item) throw new Error('The library is empty.');
  const large = { ...shelf, items: [{ ...item, body: new Uint8Array(MAX_UNPACKED) }, ...others] };
  await expect(fullPack({ ...release, history: box.history, alerts: new Map() }, 'fr', large)).rejects.toThrow(
    /"fr" have 65 MB.*than 64 MB/,
  );
});
