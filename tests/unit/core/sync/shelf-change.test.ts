import { createDelta } from 'fossil-delta';
import { beforeEach, describe, expect, it } from 'vitest';
import { deflate } from '../../../../server/publish/packs.ts';
import { encodePack, readPack, type Section, SectionType } from '../../../../src/core/pack/format.ts';
import { encodeBodies, encodeDeltas } from '../../../../src/core/pack/text.ts';
import { concat, toBase64Url, varint } from '../../../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import {
  type Buckets,
  bucketOf,
  diffBuckets,
  encodeBuckets,
  encodeRows,
  type Row,
  shelfHash,
  toBuckets,
} from '../../../../src/core/protocol/catalogue.ts';
import type { ShelfCommit } from '../../../../src/core/sync/ports.ts';
import { shelfChange } from '../../../../src/core/sync/shelf-change.ts';
import { MemoryLibrary } from '../../../../src/store/memory-library.ts';
import { FakeTransport, seededPlatform } from '../../../support/fixtures.ts';

const platform = seededPlatform('shelf-change');

interface Text {
  readonly row: Row;
  readonly body: Uint8Array;
}
const textOf = async (id: string, words = id, rev = 1): Promise<Text> => {
  const body = canonicalBytes({ id, words });
  const sha256 = toBase64Url(await platform.sha256(body));
  return { row: { id, kind: 'case', lang: 'fr', rev, sha256, bytes: body.length, priority: 1 }, body };
};
const bucketsOf = (rows: readonly Row[]): Promise<Buckets> => toBuckets(platform, rows);

const pump = await textOf('pump');
const phone = await textOf('phone');
const newPump = await textOf('pump', 'pump and well', 2);
const was = [pump.row, phone.row];
const becomes = [newPump.row, phone.row];

let store: MemoryLibrary;

/** What a pack of these sections changes, where these rows are the signed ones. */
const change = async (
  signed: readonly Row[],
  sections: readonly Section[],
): Promise<Omit<ShelfCommit, 'baseSeq'> | undefined> => {
  const pack = await readPack(platform, await encodePack(platform, deflate, sections));
  const hash = await shelfHash(platform, await bucketsOf(signed));
  return shelfChange({ platform, store, transport: new FakeTransport() }, 'fr', hash, pack);
};
const rows = (changed: readonly Row[]): Section => ({ type: SectionType.rows, payload: encodeRows(changed) });
const catalogue = (buckets: Buckets): Section => ({ type: SectionType.catalogue, payload: encodeBuckets(buckets) });
const bodies = (texts: readonly Uint8Array[]): Section => ({
  type: SectionType.bodies,
  payload: encodeBodies(deflate, texts),
});
const deltas = (payload: Uint8Array): Section => ({ type: SectionType.deltas, payload });
const toNewPump = async (): Promise<Section> =>
  deltas(await encodeDeltas(platform, [{ base: pump.body, next: newPump.body }]));

beforeEach(async () => {
  store = new MemoryLibrary();
  const buckets = await bucketsOf(was);
  const hash = await shelfHash(platform, buckets);
  await store.commitShelf({ shelf: 'fr', baseSeq: 1, hash, buckets, put: [pump, phone], remove: [] });
});

describe('what a pack changes of a shelf', () => {
  it('is nothing where it is the signed one already, whatever the pack brings', async () => {
    const { hash } = await store.shelf('fr');
    const nothing = { shelf: 'fr', hash, buckets: new Map(), put: [], remove: [] };
    expect(await change(was, [rows([newPump.row]), await toNewPump()])).toEqual(nothing);
  });

  it('is the bucket of what changed, and no other', async () => {
    const buckets = await bucketsOf(becomes);
    const at = await bucketOf(platform, 'pump');
    expect(at).not.toBe(await bucketOf(platform, 'phone'));
    expect(await change(becomes, [rows([newPump.row]), await toNewPump()])).toEqual({
      shelf: 'fr',
      hash: await shelfHash(platform, buckets),
      buckets: new Map([[at, buckets.get(at)]]),
      put: [newPump],
      remove: [],
    });
  });

  it('is read from whole buckets too: a delta names some of them, and leaves the others', async () => {
    const without = [newPump.row];
    const named = diffBuckets(await bucketsOf(was), await bucketsOf(without));
    const at = await bucketOf(platform, 'phone');
    const found = await change(without, [catalogue(named), await toNewPump()]);
    expect(found).toMatchObject({ put: [newPump], remove: ['phone'] });
    expect(found?.buckets.get(at)).toEqual([]);
    const some = diffBuckets(await bucketsOf(was), await bucketsOf(becomes));
    expect(await change(becomes, [catalogue(some), await toNewPump()])).toMatchObject({ put: [newPump], remove: [] });
  });

  it('takes down what says that it is taken down, though it still names a text', async () => {
    const gone: Row = { ...pump.row, rev: 2, tombstone: true };
    expect(await change([gone, phone.row], [rows([gone])])).toMatchObject({ put: [], remove: ['pump'] });
  });

  it('has no text of a row that names none', async () => {
    const { sha256: _, ...bare } = (await textOf('plan')).row;
    const found = await change([...becomes, bare], [rows([newPump.row, bare]), await toNewPump()]);
    expect(found).toMatchObject({ put: [newPump], remove: [] });
  });

  it('may unpack to as much as the signed catalogue says, and more than a window', async () => {
    const large = await textOf('large', 'x'.repeat(9 << 20));
    const whole = [catalogue(await bucketsOf([large.row])), bodies([large.body])];
    const found = await change([large.row], whole);
    expect(found?.put.map(({ row, body }) => [row.id, body.length])).toEqual([['large', large.body.length]]);
    expect(new Set(found?.remove)).toEqual(new Set(['pump', 'phone']));
  });

  it('is refused where a delta would become longer than any signed text', async () => {
    const long = Uint8Array.from(createDelta(pump.body, canonicalBytes({ id: 'pump', words: 'x'.repeat(5_000) })));
    const base = (await platform.sha256(pump.body)).subarray(0, 8);
    const sections = [rows([newPump.row]), deltas(concat([base, varint(long.length), long]))];
    await expect(change(becomes, sections)).rejects.toMatchObject({
      code: 'malformed',
      details: { what: 'delta too long' },
    });
  });
});
