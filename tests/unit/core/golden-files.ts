import { createHash } from 'node:crypto';
import { describeBlob, leavesOf } from '../../../server/content/blobs.ts';
import { alertsOf } from '../../../server/publish/alerts.ts';
import type { Shelf } from '../../../server/publish/catalogue.ts';
import { fromColumns } from '../../../src/core/pack/columns.ts';
import { readPack } from '../../../src/core/pack/format.ts';
import { concat, toBase64Url } from '../../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../../src/core/protocol/canonical.ts';
import { encodeBatch, encodeEnvelope, padLetter } from '../../../src/core/protocol/envelope.ts';
import type { Hubs } from '../../../src/core/protocol/hubs.ts';
import { idFromHash, numberOf } from '../../../src/core/protocol/ids.ts';
import { PROTOCOL_VERSION } from '../../../src/core/protocol/version.ts';
import { hashOfHeld } from '../../../src/core/protocol/vouch.ts';
import { webPlatform } from '../../../src/core/web-platform.ts';
import {
  edited,
  newId,
  openBox,
  receiptFor,
  sealedAnswer,
  seededBytes,
  seededKeys,
  seededPlatform,
  signAll,
  testBulletin,
  testCase,
  testLetter,
  tinyLibrary,
} from '../../support/fixtures.ts';

/** One message of each kind, built from fixed seeds: the same bytes on every machine. */

export type GoldenFiles = ReadonlyMap<string, Uint8Array>;

export interface Manifest {
  /** The `PROTOCOL_VERSION` that the files were made at. */
  readonly version: number;
  /** SHA-256 of each file, hex. */
  readonly files: Readonly<Record<string, string>>;
}

export const isPack = (name: string): boolean => name.endsWith('.pack.bin');

export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** JSON as Biome leaves it. */
export const prettyJson = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);

/** A blob of three leaves: 0 to 250, over and over. */
export const goldenBlob = Uint8Array.from({ length: 40_000 }, (_, i) => i % 251);

export const buildGolden = async (): Promise<GoldenFiles> => {
  const box = await openBox('golden');
  const platform = seededPlatform('golden');
  const before = await box.publish(tinyLibrary());
  const first = box.roots[0];
  await box.rotate(await seededKeys('golden 2'));
  const changes = [testCase('pump', 'fr', 'eau'), testCase('radio', 'fr')];
  const after = await box.publish(edited(tinyLibrary(), changes, ['fr/phone']));
  const { full, delta } = await box.packsFor(before, after);
  const warned = await box.publish(edited(tinyLibrary(), [testBulletin('well', 'fr', 'Barrez le puits.')]));
  const alerts = alertsOf(box.keys.publisher, 2, 'fr', warned.shelves.get('fr') as Shelf, 0);
  const letter = testLetter({ helped: 'yes', words: 'Le puits est à sec.' });
  const one = await sealedAnswer(platform, box.root, 1, letter);
  const two = await sealedAnswer(platform, box.root, 2, testLetter({ helped: 'no' }));
  const receipt = receiptFor(box.keys, one, 7);
  const results = [
    { id: one.header.id, status: 'stored', receipt },
    { id: two.header.id, status: 'rejected', code: 'unknown-addressee' },
  ];
  const ids = Array.from({ length: 6 }, () => newId(platform));
  ids.push(idFromHash(seededBytes('golden content')(32)), '01972a7c-5800-7000-8000-000000000001');
  const { hub: school } = await seededKeys('golden hub');
  const key = toBase64Url(school.publicKey);
  const name = 'École de Tillia';
  const hubs: Hubs = { v: PROTOCOL_VERSION, n: 2, hubs: [{ key, name, until: 1_780_271_999 }] };
  const of = await hashOfHeld(platform, [one.header, two.header]);
  const vouch = signAll([school], 'vouch', { v: PROTOCOL_VERSION, by: school.id, of });
  return new Map<string, Uint8Array>([
    ['root-1.bin', canonicalBytes(first)],
    ['root-2.bin', canonicalBytes(after.roots[1])],
    ['head.bin', canonicalBytes(after.head)],
    ['table.bin', after.table],
    ['alerts.bin', canonicalBytes(alerts)],
    ['full.pack.bin', full.get('fr') as Uint8Array],
    ['delta.pack.bin', delta.get('fr') as Uint8Array],
    ['hubs.bin', canonicalBytes(signAll([box.keys.publisher], 'hubs', hubs))],
    ['vouch.bin', canonicalBytes(vouch)],
    ['letter.bin', padLetter(letter).bytes],
    ['envelope.bin', encodeEnvelope(one)],
    ['batch.bin', encodeBatch([one, two])],
    ['receipt.bin', canonicalBytes(receipt)],
    ['reply.bin', canonicalBytes({ v: PROTOCOL_VERSION, results })],
    ['blob.bin', canonicalBytes(describeBlob(goldenBlob, 'audio/ogg'))],
    ['leaves.bin', leavesOf(goldenBlob)],
    ['shapes.bin', canonicalBytes(knownObjects())],
    ['numbers.json', prettyJson(Object.fromEntries(ids.map((id) => [id, numberOf(id)])))],
  ]);
};

/** An object of each set of keys that a pack need not tell, as a reader makes it of the set's number; its values are null. */
const knownObjects = (): readonly unknown[] => {
  const objects: unknown[] = [];
  const values = new Uint8Array(100).fill(6);
  for (let op = 8; op < 128; op++) {
    try {
      objects.push(...fromColumns({ structure: concat([Uint8Array.of(1, op), values]), text: new Uint8Array(0) }));
    } catch {
      // Behind the last one.
      break;
    }
  }
  return objects;
};

/** Whether two files are the same message: byte for byte, but for packs, whose compression may differ from Node to Node. */
export const sameMessage = async (name: string, a: Uint8Array, b: Uint8Array): Promise<boolean> => {
  if (!isPack(name)) return Buffer.from(a).equals(b);
  const sections = async (bytes: Uint8Array): Promise<string> => {
    const pack = await readPack(webPlatform, bytes);
    const list = pack.sections.map(({ type, payload }) => [type, Buffer.from(payload).toString('base64')]);
    return JSON.stringify([pack.whole, list]);
  };
  return (await sections(a)) === (await sections(b));
};

/** Names of files that are another message than before. New files are not among them. */
export const changedFiles = async (before: GoldenFiles, after: GoldenFiles): Promise<readonly string[]> => {
  const changed: string[] = [];
  for (const [name, bytes] of before) {
    const next = after.get(name);
    if (!next || !(await sameMessage(name, bytes, next))) changed.push(name);
  }
  return changed;
};

/** Why changed files may not stand, or undefined where they may. */
export const refusal = (changed: readonly string[], manifest: Manifest | undefined, version: number) => {
  if (changed.length === 0 || !manifest || manifest.version !== version) return undefined;
  return [
    `These messages have other bytes than in tests/golden/: ${changed.join(', ')}.`,
    `Devices and hubs in the field speak version ${version}. If the change is meant, give PROTOCOL_VERSION in`,
    'src/core/protocol/version.ts a new number, then run "npm run golden".',
  ].join(' ');
};

export const manifestOf = (files: GoldenFiles, version: number): Manifest => ({
  version,
  files: Object.fromEntries([...files].sort().map(([name, bytes]) => [name, sha256Hex(bytes)])),
});
