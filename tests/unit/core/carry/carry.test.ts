import { downloadZip } from 'client-zip';
import { beforeEach, describe, expect, it } from 'vitest';
import { answerFiles, type CarriedFile, libraryFiles, receiptsFile } from '../../../../src/core/carry/files.ts';
import { answersIn, takeReceipts } from '../../../../src/core/carry/take.ts';
import { type Archive, archiveTransport } from '../../../../src/core/carry/transport.ts';
import { openZip } from '../../../../src/core/carry/zip.ts';
import { toBase64Url } from '../../../../src/core/protocol/bytes.ts';
import type { Envelope } from '../../../../src/core/protocol/envelope.ts';
import type { LibraryState } from '../../../../src/core/sync/ports.ts';
import { pull } from '../../../../src/core/sync/pull.ts';
import { MemoryLibrary } from '../../../../src/store/memory-library.ts';
import { MemoryOutbox } from '../../../../src/store/memory-outbox.ts';
import {
  codeFrom,
  contentsOf,
  contentsOfRelease,
  edited,
  FakeTransport,
  flipped,
  never,
  openBox,
  receiptFor,
  sealedAnswer,
  seededPlatform,
  testCase,
  tinyLibrary,
} from '../../../support/fixtures.ts';
import { listOf } from '../../../support/list-of.ts';

const platform = seededPlatform('carry');
const box = await openBox('carry');
const first = await box.publish(tinyLibrary());
const next = await box.publish(
  edited(tinyLibrary(), [testCase('pump', 'fr', 'eau'), testCase('radio', 'fr')], ['fr/phone']),
);

/** A phone that got everything over a link. */
const phoneWith = async (release: typeof first, shelves: readonly string[] = ['fr']): Promise<MemoryLibrary> => {
  const store = new MemoryLibrary();
  const { full } = await box.packsFor(undefined, release);
  const link = new FakeTransport(new Map([...full].map(([name, pack]) => [`/c/full/${name}.pack`, pack])));
  for (const shelf of shelves.toReversed()) await store.want(shelf);
  await pull({ platform, store, transport: link }, never);
  return store;
};

const bytesOf = async (files: AsyncIterable<CarriedFile> | Iterable<CarriedFile>): Promise<Uint8Array> => {
  const list: { name: string; input: Uint8Array<ArrayBuffer> }[] = [];
  for await (const { path, bytes } of files) list.push({ name: path, input: Uint8Array.from(bytes) });
  return new Uint8Array(await downloadZip(list).arrayBuffer());
};
const archiveOf = async (files: AsyncIterable<CarriedFile> | Iterable<CarriedFile>): Promise<Archive> => {
  const bytes = await bytesOf(files);
  return openZip({ size: bytes.length, read: async (from, to) => bytes.slice(from, to) });
};
const carry = async (library: MemoryLibrary, shelves: readonly string[] = ['fr']): Promise<Archive> =>
  archiveOf(libraryFiles({ platform, library, blobs: undefined }, shelves));
const take = (store: MemoryLibrary, archive: Archive) =>
  pull({ platform, store, transport: archiveTransport(archive) }, never);

describe('a library', () => {
  it('goes from phone to phone as it came over the link, and on from there', async () => {
    const fresh = new MemoryLibrary();
    await fresh.want('fr');
    await take(fresh, await carry(await phoneWith(next)));
    expect(await contentsOf(fresh, 'fr')).toEqual(await contentsOfRelease(next, 'fr'));
    const [from, to] = [await (await phoneWith(next)).library(), await fresh.library()];
    expect(to).toEqual(from);
    const third = new MemoryLibrary();
    await third.want('fr');
    await take(third, await carry(fresh));
    expect(await contentsOf(third, 'fr')).toEqual(await contentsOfRelease(next, 'fr'));
  });

  it('brings a phone up to date that has an earlier one, and changes nothing the second time', async () => {
    const old = await phoneWith(first);
    const archive = await carry(await phoneWith(next));
    expect((await take(old, archive)).changed.fr?.toSorted()).toEqual(['pump', 'radio']);
    expect(await contentsOf(old, 'fr')).toEqual(await contentsOfRelease(next, 'fr'));
    const before = old.data;
    expect((await take(old, archive)).changed).toEqual({});
    expect(old.data).toEqual(before);
  });

  it('of a phone that knows no more of the roots brings another up to date all the same', async () => {
    const from = await phoneWith(next);
    const state = (await from.library()) as LibraryState;
    from.data = { ...from.data, state: { ...state, signed: { head: state.signed?.head as Uint8Array, roots: [] } } };
    const old = await phoneWith(first);
    expect((await take(old, await carry(from))).changed.fr?.toSorted()).toEqual(['pump', 'radio']);
    expect(await contentsOf(old, 'fr')).toEqual(await contentsOfRelease(next, 'fr'));
  });

  it('that is older than what is here is refused, and so is another one', async () => {
    const phone = await phoneWith(next);
    const before = phone.data;
    expect(await codeFrom(async () => take(phone, await carry(await phoneWith(first))))).toBe('rollback');
    expect(phone.data).toEqual(before);
    const stranger = await openBox('a stranger');
    const foreign = await stranger.publish(tinyLibrary());
    const { full } = await stranger.packsFor(undefined, foreign);
    const pack = full.get('fr') as Uint8Array;
    const archive: Archive = new Map([
      ['c/full/fr.pack', { size: pack.length, read: async (from, to) => pack.slice(from, to) }],
    ]);
    expect(await codeFrom(() => take(phone, archive))).toMatch(/foreign-root|tampered/);
    expect(phone.data).toEqual(before);
  });

  it('that was damaged on its way stores nothing of what was', async () => {
    const files = await listOf(libraryFiles({ platform, library: await phoneWith(next), blobs: undefined }, ['fr']));
    const file = files.find(({ path }) => path === 'c/full/fr.pack');
    if (!file) throw new Error('nothing was written');
    for (let bit = 0; bit < file.bytes.length * 8; bit += 97) {
      const fresh = new MemoryLibrary();
      await fresh.want('fr');
      const bytes = flipped(file.bytes, bit);
      const archive: Archive = new Map([
        [file.path, { size: bytes.length, read: async (from, to) => bytes.slice(from, to) }],
      ]);
      await take(fresh, archive).catch(() => {});
      const stored = await contentsOf(fresh, 'fr');
      if (stored.bodies.length > 0) expect(stored).toEqual(await contentsOfRelease(next, 'fr'));
    }
  });

  it('is not carried where it is not whole', async () => {
    const phone = await phoneWith(next);
    expect(await codeFrom(() => carry(new MemoryLibrary()))).toBe('not-found');
    phone.data = { ...phone.data, shelves: new Map() };
    expect(await codeFrom(() => carry(phone))).toBe('not-found');
  });
});

describe('answers', () => {
  let answers: readonly Envelope[];
  beforeEach(async () => {
    answers = await Promise.all([1, 2, 3].map((n) => sealedAnswer(platform, box.root, n)));
  });

  it('go as they were sealed; what is damaged is left out', async () => {
    const archive = await archiveOf(answerFiles(answers));
    expect(await listOf(answersIn(platform, archive))).toEqual(answers);
    const [one] = answers as [Envelope];
    const body = Uint8Array.from(one.body, (byte, i) => (i === 100 ? byte ^ 1 : byte));
    const damaged = await archiveOf([
      ...(await listOf(answerFiles([{ ...one, body }]))),
      { path: 'o/7.batch', bytes: Uint8Array.of(1, 2, 3) },
    ]);
    expect(await listOf(answersIn(platform, damaged))).toEqual([]);
  });

  it('that are none are passed over, and it is told: empty, of another size, not sealed', async () => {
    const [one, two] = answers as [Envelope, Envelope];
    const hashOf = async (body: Uint8Array) => toBase64Url(await platform.sha256(body));
    const madeUp = async (body: Uint8Array): Promise<Envelope> => ({
      header: { ...one.header, hash: await hashOf(body) },
      body,
    });
    const junk = [
      await madeUp(new Uint8Array(0)),
      await madeUp(new Uint8Array(one.body.length)),
      await madeUp(one.body.slice(0, 900)),
    ];
    let damaged = 0;
    const archive = await archiveOf(answerFiles([...junk, two]));
    expect(await listOf(answersIn(platform, archive, () => damaged++))).toEqual([two]);
    expect(damaged).toBe(3);
  });

  it('go in files that can be read again, however small they are', async () => {
    const [one] = answers as [Envelope];
    const many = Array.from({ length: 500 }, () => ({ ...one, body: Uint8Array.of(1, 2, 3, 4) }));
    for (const { bytes } of await listOf(answerFiles(many))) expect(bytes.length).toBeLessThan(64 * 1024 + 100);
  });

  it('that a hub refused get their receipts, too; a list that is none is told', async () => {
    const outbox = new MemoryOutbox();
    const [one] = answers as [Envelope];
    outbox.add(one);
    await outbox.needsAttention(one.header.id, 'hash');
    const library = (await (await phoneWith(first)).library()) as LibraryState;
    const archive = await archiveOf([receiptsFile([receiptFor(box.keys, one, 1)])]);
    expect(await takeReceipts(platform, library, outbox, archive)).toBe(1);
    expect(outbox.outcome(one.header.id)?.receipt).toBeDefined();
    const broken = await archiveOf([{ path: 'r/receipts.json', bytes: Uint8Array.of(123) }]);
    expect(await codeFrom(() => takeReceipts(platform, library, outbox, broken))).toBe('malformed');
  });

  it('get their receipts by the way that they went, and no others', async () => {
    const outbox = new MemoryOutbox();
    for (const answer of answers) outbox.add(answer);
    const [a, b] = answers as [Envelope, Envelope];
    const stranger = await openBox('a stranger');
    const receipts = [
      receiptFor(box.keys, a, 1),
      receiptFor(stranger.keys, b, 2),
      { ...receiptFor(box.keys, b, 2), sigs: {} },
    ];
    const archive = await archiveOf([receiptsFile(receipts)]);
    const library = await (await phoneWith(first)).library();
    const settle = () => takeReceipts(platform, library as LibraryState, outbox, archive);
    expect([await settle(), await settle()]).toEqual([1, 0]);
    expect(outbox.outcome(a.header.id)?.receipt).toEqual(receipts[0]);
    expect(outbox.outcome(b.header.id)?.receipt).toBeUndefined();
  });
});
