import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPack, SectionType } from '../../../src/core/pack/format.ts';
import { open } from '../../../src/core/protocol/age.ts';
import { verifyAlerts } from '../../../src/core/protocol/alerts.ts';
import { Reader, toBase64Url, utf8 } from '../../../src/core/protocol/bytes.ts';
import { parseCanonical } from '../../../src/core/protocol/canonical.ts';
import { parseBatch, parseLetter, readEnvelope, verifyEnvelope } from '../../../src/core/protocol/envelope.ts';
import { verifyHead, verifyTable } from '../../../src/core/protocol/head.ts';
import { hubOf, verifyHubs } from '../../../src/core/protocol/hubs.ts';
import { isNumber, numberOf } from '../../../src/core/protocol/ids.ts';
import type { BlobRef } from '../../../src/core/protocol/item.ts';
import { checkLeaves, isBlobRef, isLeaf, LEAF, leafCount } from '../../../src/core/protocol/media.ts';
import { parseReply, verifyReceipt } from '../../../src/core/protocol/receipt.ts';
import { followRoots, parseRoot, verifySelfSigned } from '../../../src/core/protocol/root.ts';
import { PROTOCOL_VERSION } from '../../../src/core/protocol/version.ts';
import { isVouchedBy, parseVouch } from '../../../src/core/protocol/vouch.ts';
import { pull } from '../../../src/core/sync/pull.ts';
import { webPlatform } from '../../../src/core/web-platform.ts';
import { MemoryLibrary } from '../../../src/store/memory-library.ts';
import { contentsOf, FakeTransport, never, seededKeys } from '../../support/fixtures.ts';
import {
  buildGolden,
  changedFiles,
  type GoldenFiles,
  goldenBlob,
  isPack,
  type Manifest,
  manifestOf,
  prettyJson,
  refusal,
  sameMessage,
  sha256Hex,
} from './golden-files.ts';

/** Bytes that crossed machines once have to stay readable, and the same. See tests/golden/README.md. */

const FOLDER = fileURLToPath(new URL('../../golden/', import.meta.url));
const MANIFEST = 'manifest.json';

const readGolden = (): GoldenFiles => {
  const names = existsSync(FOLDER)
    ? readdirSync(FOLDER).filter((name) => !/^(README\.md|manifest\.json|v\d+)$/.test(name))
    : [];
  return new Map(names.map((name) => [name, new Uint8Array(readFileSync(FOLDER + name))]));
};
const readManifest = (): Manifest | undefined =>
  existsSync(FOLDER + MANIFEST) ? (JSON.parse(readFileSync(FOLDER + MANIFEST, 'utf8')) as Manifest) : undefined;

const built = await buildGolden();

/** `npm run golden`: writes what is new or may change, and refuses the rest. */
const update = async (): Promise<void> => {
  const before = readGolden();
  const why = refusal(await changedFiles(before, built), readManifest(), PROTOCOL_VERSION);
  if (why && process.env.GOLDEN_UNRELEASED !== '1') {
    throw new Error(`${why} Nothing was written. GOLDEN_UNRELEASED=1 overwrites a version that no device speaks yet.`);
  }
  mkdirSync(FOLDER, { recursive: true });
  const files = new Map<string, Uint8Array>();
  for (const [name, bytes] of built) {
    const old = before.get(name);
    // A pack that says the same stays as it is, so that another Node changes nothing.
    const kept = old && (await sameMessage(name, old, bytes)) ? old : bytes;
    files.set(name, kept);
    writeFileSync(FOLDER + name, kept);
  }
  for (const name of before.keys()) if (!built.has(name)) rmSync(FOLDER + name);
  writeFileSync(FOLDER + MANIFEST, prettyJson(manifestOf(files, PROTOCOL_VERSION)));
};

let golden: GoldenFiles;
let manifest: Manifest;

beforeAll(async () => {
  if (process.env.UPDATE_GOLDEN === '1') await update();
  golden = readGolden();
  const found = readManifest();
  if (!found) throw new Error('tests/golden/manifest.json is missing: run "npm run golden".');
  manifest = found;
});

const file = (name: string): Uint8Array => {
  const bytes = golden.get(name);
  if (!bytes) throw new Error(`tests/golden/${name} is missing: run "npm run golden".`);
  return bytes;
};

describe('the golden files', () => {
  it('were made at this version', () => {
    expect(manifest.version, 'run "npm run golden" after a new PROTOCOL_VERSION').toBe(PROTOCOL_VERSION);
  });

  it('are those of the manifest', () => {
    const found = manifestOf(golden, manifest.version);
    const changed = [...new Set([...Object.keys(found.files), ...Object.keys(manifest.files)])].filter(
      (name) => found.files[name] !== manifest.files[name],
    );
    const why = changed.length > 0 ? (refusal(changed, manifest, PROTOCOL_VERSION) ?? changed.join()) : '';
    expect(why).toBe('');
  });

  it.each([...built.keys()])('%s is what is built today', async (name) => {
    const same = await sameMessage(name, file(name), built.get(name) as Uint8Array);
    expect(same ? '' : (refusal([name], manifest, PROTOCOL_VERSION) ?? name)).toBe('');
  });
});

/** Where what each version wrote is kept: a device may hold an answer, a receipt or a root of any of them. */
const VERSIONS = ['.', 'v1'];

describe.each(VERSIONS)('today’s code reads, of tests/golden/%s', (folder) => {
  const file = (name: string) => new Uint8Array(readFileSync(`${FOLDER}${folder}/${name}`));
  const rootOf = (name: string) => parseRoot(file(name));

  it('roots, and the second as the first one’s heir', async () => {
    const [one, two] = [rootOf('root-1.bin'), rootOf('root-2.bin')];
    await verifySelfSigned(webPlatform, one);
    expect(await followRoots(webPlatform, one.signed, [one, two])).toEqual(two.signed);
    expect(two.signed.n).toBe(2);
  });

  it('head and table', async () => {
    const head = await verifyHead(webPlatform, rootOf('root-2.bin').signed, file('head.bin'));
    expect(head).toMatchObject({ seq: 2, root: 2 });
    const table = await verifyTable(webPlatform, head, file('table.bin'));
    // A centre, a form and the like may join the shelf later: the two languages stay.
    expect(Object.keys(table)).toEqual(['en', 'fr']);
  });

  it('an envelope, a batch, and the letter inside', async () => {
    const reader = new Reader(file('envelope.bin'));
    const envelope = readEnvelope(reader);
    expect(reader.left).toBe(0);
    expect(await verifyEnvelope(webPlatform, envelope)).toBe(true);
    expect(parseBatch(file('batch.bin')).map(({ header }) => header.n)).toEqual([1, 2]);
    const keys = await seededKeys('golden 2');
    for (const secret of [keys.seal, keys.recovery]) {
      expect(await open(webPlatform, secret, envelope.body)).toEqual(file('letter.bin'));
    }
    expect(parseLetter(file('letter.bin')).answers).toEqual({ helped: 'yes', words: 'Le puits est à sec.' });
  });

  it('a receipt and a reply', async () => {
    const [envelope] = parseBatch(file('batch.bin'));
    const header = envelope?.header ?? { id: '', hash: '' };
    const root = rootOf('root-2.bin').signed;
    expect(await verifyReceipt(webPlatform, root, header, parseCanonical(file('receipt.bin')))).toMatchObject({
      signed: { seq: 7 },
    });
    const { results } = parseReply(parseCanonical(file('reply.bin')));
    expect(results.map(({ status }) => status)).toEqual(['stored', 'rejected']);
  });
});

describe('today’s code reads', () => {
  it('alerts', async () => {
    const root = parseRoot(file('root-2.bin')).signed;
    const head = await verifyHead(webPlatform, root, file('head.bin'));
    const { items } = await verifyAlerts(webPlatform, root, head, 'fr', file('alerts.bin'));
    expect(items).toMatchObject([{ id: 'well', kind: 'bulletin', urgency: 1 }]);
  });

  it('a whole pack, into an empty store', async () => {
    const types = (await readPack(webPlatform, file('full.pack.bin'))).sections.map(({ type }) => type);
    expect(types).toEqual([
      SectionType.head,
      SectionType.roots,
      SectionType.table,
      SectionType.catalogue,
      SectionType.bodies,
    ]);
    const store = new MemoryLibrary();
    await store.want('fr');
    const transport = new FakeTransport(new Map([['/c/full/fr.pack', file('full.pack.bin')]]));
    const { changed } = await pull({ platform: webPlatform, store, transport }, never);
    expect([...(changed.fr ?? [])].sort()).toEqual(['pump', 'radio', 'short']);
    const stored = await contentsOf(store, 'fr');
    expect(stored.rows).toContainEqual(['phone', 2, '-']);
    expect(stored.bodies.map(([, body]) => body).join()).toContain('"c":["eau"]');
  });

  it('a list of delegated hubs', async () => {
    const root = parseRoot(file('root-2.bin')).signed;
    const list = await verifyHubs(webPlatform, root, file('hubs.bin'));
    expect(list).toMatchObject({ n: 2, hubs: [{ name: 'École de Tillia' }] });
    const { hub } = await seededKeys('golden hub');
    expect(await hubOf(webPlatform, list, hub.id, 1_780_271_999)).toBe(list.hubs[0]);
  });

  it('what a delegated hub signs of two answers that it holds', async () => {
    const held = parseBatch(file('batch.bin')).map(({ header }) => header);
    const vouch = parseVouch(parseCanonical(file('vouch.bin')));
    const key = toBase64Url((await seededKeys('golden hub')).hub.publicKey);
    expect(await isVouchedBy(webPlatform, vouch, key, held)).toBe(true);
    expect(await isVouchedBy(webPlatform, vouch, key, held.toReversed())).toBe(false);
  });

  it('a delta pack’s sections', async () => {
    const pack = await readPack(webPlatform, file('delta.pack.bin'));
    expect(pack.whole).toBe(true);
    expect(pack.sections.map(({ type }) => type)).toEqual([
      SectionType.head,
      SectionType.roots,
      SectionType.tableChange,
      SectionType.rows,
      SectionType.deltas,
    ]);
  });

  it('a blob and its leaves', async () => {
    const blob = parseCanonical(file('blob.bin')) as BlobRef;
    const list = await checkLeaves(webPlatform, blob, file('leaves.bin'));
    expect(isBlobRef(blob)).toBe(true);
    for (let n = 0; n < leafCount(blob.bytes); n++)
      expect(await isLeaf(webPlatform, list, n, goldenBlob.slice(n * LEAF, (n + 1) * LEAF))).toBe(true);
  });

  it('numbers from ids', () => {
    const numbers = JSON.parse(Buffer.from(file('numbers.json')).toString()) as Record<string, string>;
    expect(Object.keys(numbers)).toHaveLength(8);
    for (const [id, number] of Object.entries(numbers)) {
      expect(numberOf(id)).toBe(number);
      expect(isNumber(number)).toBe(true);
    }
  });
});

describe('the guard', () => {
  const other = (name: string, bytes: Uint8Array): GoldenFiles => new Map([...built, [name, bytes]]);

  it('finds another byte, a file that is gone, and none that is new', async () => {
    expect(await changedFiles(built, await buildGolden())).toEqual([]);
    expect(await changedFiles(built, other('head.bin', utf8('{}')))).toEqual(['head.bin']);
    expect(await changedFiles(built, new Map([...built].slice(1)))).toEqual(['root-1.bin']);
    expect(await changedFiles(new Map([...built].slice(1)), built)).toEqual([]);
  });

  it('looks into packs, whatever their compression', async () => {
    const [a, b] = [built.get('full.pack.bin'), built.get('delta.pack.bin')] as [Uint8Array, Uint8Array];
    expect(isPack('full.pack.bin')).toBe(true);
    expect(await sameMessage('full.pack.bin', a, a)).toBe(true);
    expect(await sameMessage('full.pack.bin', a, b)).toBe(false);
    expect(await sameMessage('full.pack.bin', a, a.slice(0, -1))).toBe(false);
  });

  it('asks for a new version only where the version is the old one', () => {
    const made = manifestOf(built, 1);
    expect(refusal([], made, 1)).toBeUndefined();
    expect(refusal(['head.bin'], made, 2)).toBeUndefined();
    expect(refusal(['head.bin'], undefined, 1)).toBeUndefined();
    expect(refusal(['head.bin'], made, 1)).toContain('src/core/protocol/version.ts');
    expect(made.files['head.bin']).toBe(sha256Hex(built.get('head.bin') as Uint8Array));
  });
});
