import { describe, expect, it } from 'vitest';
import type { CarryState } from '../../../src/core/api/worker-api.ts';
import { CODE_TYPE } from '../../../src/core/carry/code-link.ts';
import { concat, fromBase64Url, toBase64Url } from '../../../src/core/protocol/bytes.ts';
import type { CarriedIn } from '../../../src/core/protocol/carried.ts';
import { pull } from '../../../src/core/sync/pull.ts';
import { Meter } from '../../../src/core/sync/traffic.ts';
import { Carry } from '../../../src/engine/carry.ts';
import { Syncer } from '../../../src/engine/syncer.ts';
import { MemoryLibrary } from '../../../src/store/memory-library.ts';
import { MemoryMedia } from '../../../src/store/memory-media.ts';
import { MemoryOutbox } from '../../../src/store/memory-outbox.ts';
import { FakeTransport, never, openBox, seededKeys, seededPlatform, tinyLibrary } from '../../support/fixtures.ts';

/** What comes by hand and is refused: the log says what, and why. The real device's part over stores in memory. */

const platform = seededPlatform('refusals');

interface Phone {
  readonly library: MemoryLibrary;
  readonly carry: Carry;
}

const phoneOf = async (seed: string): Promise<Phone> => {
  const box = await openBox(seed);
  const library = new MemoryLibrary();
  await library.want('fr');
  const { full } = await box.packsFor(undefined, await box.publish(tinyLibrary()));
  const transport = new FakeTransport(new Map([...full].map(([name, pack]) => [`/c/full/${name}.pack`, pack])));
  await pull({ platform, store: library, transport }, never);
  const answers = new MemoryOutbox();
  const meter = new Meter(platform.now, false);
  const syncer = new Syncer({ platform, library, answers, transport, meter, locks: null });
  const blobs = new MemoryMedia();
  const look = async () => ({ leaves: 0, kept: false, dropped: false });
  const carry = new Carry({
    platform,
    library,
    answers,
    media: Object.assign(blobs, { home: async () => blobs, look, size: async () => 0 }),
    take: (archive, shelves) => syncer.take(archive, shelves, never),
    refused: (error) => syncer.refused(error),
    room: async () => Number.POSITIVE_INFINITY,
  });
  return { library, carry };
};

const lastOf = async <T>(work: (listener: (state: CarryState<T>) => void) => Promise<void>): Promise<CarryState<T>> => {
  const states: CarryState<T>[] = [];
  await work((state) => states.push(state));
  return states.at(-1) as CarryState<T>;
};
const fileOf = async (phone: Phone, as: 'zip' | 'text' = 'zip'): Promise<Blob> => {
  const wish = { shelves: ['fr'], media: false, as, words: 'Relais' };
  const state = await lastOf<Blob>((listener) => phone.carry.out(wish, listener));
  if (state.phase !== 'done') throw new Error(`no file: ${JSON.stringify(state)}`);
  return state.result;
};

const phone = await phoneOf('refusals');
const zip = await fileOf(phone);
const text = await fileOf(phone, 'text');
const stranger = await fileOf(await phoneOf('a stranger'));
const { hub, publisher } = await seededKeys('refusals');
/** A code of one receipt, of this version of the protocol, by a hub. */
const receiptBy = (by: string, version: number): string =>
  toBase64Url(
    concat([Uint8Array.of(1, version), fromBase64Url(by), new Uint8Array(8), Uint8Array.of(1), new Uint8Array(64)]),
  );

/** The file with one bit turned that is in this part of it. */
const turned = async (path: string): Promise<Blob> => {
  const bytes = Buffer.from(await zip.arrayBuffer());
  const at = bytes.indexOf(path) + path.length + 20;
  bytes[at] = (bytes[at] as number) ^ 1;
  return new Blob([bytes]);
};
/** Under names that are none of ours. */
const renamed = Buffer.from(
  Buffer.from(await zip.arrayBuffer())
    .toString('latin1')
    .replaceAll(/(?<![\w/])[cr]\//g, 'x/'),
  'latin1',
);
const damaged = { library: await turned('c/full/fr.pack'), receipts: await turned('r/receipts.json') };

/** What a phone says of a file, and what its log does: the newest line, and how many there are. */
const refuse = async (blob: Blob): Promise<readonly [unknown, unknown, number]> => {
  const { library, carry } = phone;
  const before = library.data;
  const file = new File([blob], 'stick.zip', { type: blob.type });
  const state = await lastOf<CarriedIn>((listener) => carry.in(file, listener));
  const [line] = await library.lastSyncs();
  const lines = library.data.log.length - before.log.length;
  library.data = before;
  const code = state.phase === 'failed' ? state.code : state.phase === 'done' ? state.result.problem : undefined;
  return [code, line && { ...line, details: JSON.parse(line.details ?? '{}') }, lines];
};
const line = (code: string, details: object) => ({
  at: expect.any(Number),
  by: 'carried',
  ok: false,
  sent: 0,
  changed: 0,
  code,
  details: expect.objectContaining(details),
});

describe('a file that is refused has its line in the log', () => {
  it.each<[string, Blob, string, object]>([
    [
      'that lacks its last bytes',
      zip.slice(0, -50),
      'truncated',
      { file: 'stick.zip', what: 'zip', why: 'no directory' },
    ],
    ['that is cut in half', zip.slice(0, zip.size / 2), 'truncated', { what: 'zip', size: Math.floor(zip.size / 2) }],
    ['that is empty', new Blob([]), 'truncated', { what: 'file', size: 0 }],
    ['that is text and cut', text.slice(0, text.size / 2), 'truncated', { what: 'armour' }],
    ['that is something else', new Blob(['<!doctype html>']), 'malformed', { what: 'no armour' }],
    ['that is a ZIP of something else', new Blob([renamed]), 'malformed', { what: 'nothing of ours' }],
    [
      'with a part that is damaged',
      damaged.library,
      'tampered',
      { file: 'stick.zip', part: 'c/full/fr.pack', what: 'checksum' },
    ],
    [
      'with receipts that are damaged',
      damaged.receipts,
      'tampered',
      { file: 'stick.zip', part: 'r/receipts.json', what: 'checksum' },
    ],
    ['of somebody else', stranger, 'foreign-root', { file: 'stick.zip', part: expect.any(String) }],
  ])('%s', async (_, file, code, details) => {
    expect((await refuse(file)).slice(0, 2)).toEqual([code, line(code, details)]);
  });

  it('once for what is wrong with its library', async () => {
    expect((await refuse(damaged.library))[2]).toBe(1);
    expect((await refuse(stranger))[2]).toBe(1);
  });

  it('and none that is taken has', async () => {
    expect(await refuse(zip)).toMatchObject([undefined, { ok: true, by: 'carried' }, 1]);
  });
});

describe('a code that is refused has its line in the log', () => {
  const good = receiptBy(hub.id, 2);
  it.each<[string, string, string, object]>([
    ['that is no code', 'é&', 'malformed', { source: 'code', what: 'code' }],
    ['that is junk', 'AAAABBBB', 'malformed', { what: 'code', kind: 0 }],
    ['of a kind that may be of a newer app, or not', 'CCCCDDDD', 'malformed', { what: 'code', kind: 8 }],
    ['that is cut', good.slice(0, 44), 'truncated', { what: 'code', kind: 1, bytes: 33 }],
    ['of another library', receiptBy(publisher.id, 2), 'foreign-root', { what: 'receipts', by: publisher.id }],
    ['that a hub of this library wrote and a newer app reads', receiptBy(hub.id, 3), 'too-new', { v: 3 }],
  ])('%s', async (_, code, why, details) => {
    expect(await refuse(new Blob([code], { type: CODE_TYPE }))).toEqual([why, line(why, details), 1]);
  });
});
