import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openMirrorDatabase } from '../../../../server/mirror/mirror-database.ts';
import { MirrorStore } from '../../../../server/mirror/mirror-store.ts';
import { writeMirrorTree } from '../../../../server/mirror/mirror-tree.ts';
import { readSite } from '../../../../server/publish/write-tree.ts';
import { nameOf } from '../../../../src/core/sync/fetch-pack.ts';
import { pull } from '../../../../src/core/sync/pull.ts';
import {
  codeFrom,
  edited,
  FakeTransport,
  never,
  openBox,
  seededPlatform,
  testCase,
  tinyLibrary,
} from '../../../support/fixtures.ts';

const platform = seededPlatform('mirror');

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'relais-mirror-'));
  writeFileSync(
    join(dataDir, 'files.json'),
    JSON.stringify({ script: '/assets/index-1.js', list: '/assets/files-1.js' }),
  );
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

it('goes on serving what it has while the table of a newer head has not come', async () => {
  const box = await openBox('mirror');
  const first = await box.publish(tinyLibrary());
  const transport = new FakeTransport(await box.tree(first));
  const store = new MirrorStore(openMirrorDatabase(':memory:'));
  await store.want('fr');
  const serve = () => writeMirrorTree({ platform, dataDir, appDir: dataDir, store, wanted: ['fr'], hubs: undefined });
  await pull({ platform, store, transport }, never);
  expect(await serve()).toBe(1);

  const second = await box.publish(edited(tinyLibrary(), [testCase('pump', 'fr', 'Another sentence.')]));
  transport.files = await box.tree(second, [first]);
  const delta = nameOf(1, 2, 'fr');
  const whole = transport.files.get('/c/from/1/fr.pack') as Uint8Array;
  // Cut behind the head, which is the first section of each pack.
  const behindHead = 4 + 38 + new DataView(whole.buffer, whole.byteOffset).getUint32(6);
  for (const path of ['/c/from/1/fr.pack', delta]) transport.cut(path, behindHead);
  expect(await codeFrom(() => pull({ platform, store, transport }, never))).toBe('no-link');
  expect(store.state()?.head?.seq).toBe(2);
  expect(await serve()).toBeUndefined();
  expect(readSite(dataDir).seq).toBe(1);

  transport.heal();
  await pull({ platform, store, transport }, never);
  expect(await serve()).toBe(2);
});
