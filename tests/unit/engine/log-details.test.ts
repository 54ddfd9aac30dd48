import { expect, it } from 'vitest';
import { RelaisError } from '../../../src/core/errors.ts';
import type { Transport } from '../../../src/core/sync/ports.ts';
import { Meter } from '../../../src/core/sync/traffic.ts';
import { Syncer } from '../../../src/engine/syncer.ts';
import { MemoryLibrary } from '../../../src/store/memory-library.ts';
import { MemoryOutbox } from '../../../src/store/memory-outbox.ts';
import { never, seededPlatform } from '../../support/fixtures.ts';

/** What the log keeps of a failure beside its code: JSON, however it came and whatever was thrown. */

const platform = seededPlatform('log details');

/** Another file of the app has the class once more. */
class OtherRelaisError extends Error {
  override readonly name = 'RelaisError';
  readonly code = 'tampered';
  readonly details = { what: 'c/full/fr.pack', why: 'checksum' };
}

it.each([
  ['a code', new RelaisError('tampered', { what: 'head', seq: 3 }), { what: 'head', seq: 3 }],
  ['a code of another file of the app', new OtherRelaisError('tampered'), { what: 'c/full/fr.pack', why: 'checksum' }],
  ['something else', new TypeError('x is no function'), { why: 'TypeError: x is no function' }],
])('of %s, over a link and by hand', async (_, thrown, details) => {
  const library = new MemoryLibrary();
  await library.want('fr');
  const transport: Transport = { get: () => Promise.reject(thrown), postBatch: () => Promise.reject(thrown) };
  const meter = new Meter(platform.now, false);
  const ports = { platform, library, answers: new MemoryOutbox(), transport, meter, locks: null };
  const syncer = new Syncer(ports);
  await expect(syncer.run('page', never)).rejects.toBe(thrown);
  const [ofLink] = await library.lastSyncs();
  await expect(syncer.take(transport, ['fr'], never)).rejects.toBe(thrown);
  await syncer.refused(thrown);
  const [ofHand] = await library.lastSyncs();
  expect([ofLink, ofHand].map((line) => JSON.parse(line?.details ?? ''))).toEqual([details, details]);
});
