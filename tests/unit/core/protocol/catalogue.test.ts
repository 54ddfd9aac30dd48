import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64Url, utf8 } from '../../../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import {
  applyBuckets,
  applyRows,
  bucketOf,
  changedRows,
  diffBuckets,
  encodeBuckets,
  encodeRows,
  fromBuckets,
  parseBuckets,
  parseRows,
  type Row,
  shelfHash,
  toBuckets,
} from '../../../../src/core/protocol/catalogue.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import { codeFrom, seededBytes } from '../../../support/fixtures.ts';

const hashOf = (seed: string): string => toBase64Url(seededBytes(seed)(32));
const row = (id: string, rev = 1, change: Partial<Row> = {}): Row => ({
  id,
  kind: 'case',
  lang: 'fr',
  rev,
  sha256: hashOf(`${id} ${rev}`),
  bytes: 100,
  priority: 1,
  ...change,
});

const rows: fc.Arbitrary<Row[]> = fc.uniqueArray(
  fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 3 }))
    .map(([n, rev]) => row(`item-${n}`, rev, rev === 3 ? { kind: 'sheet', priority: 2 } : {})),
  { selector: ({ id }) => id, maxLength: 30 },
);

describe('the catalogue', () => {
  it('delta brings any base to the signed hash of what is next', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, async (before, after) => {
        const [base, next] = [await toBuckets(webPlatform, before), await toBuckets(webPlatform, after)];
        const wire = encodeBuckets(diffBuckets(base, next));
        const applied = applyBuckets(base, parseBuckets(wire, 'fr'));
        expect(await shelfHash(webPlatform, applied)).toBe(await shelfHash(webPlatform, next));
        expect(
          fromBuckets(applied)
            .map(({ id }) => id)
            .sort(),
        ).toEqual(after.map(({ id }) => id).sort());
      }),
      { numRuns: 60 },
    );
  });

  it('delta is empty for the same catalogue and names each changed bucket once', async () => {
    const base = await toBuckets(webPlatform, [row('pump'), row('phone')]);
    expect(diffBuckets(base, base).size).toBe(0);
    const next = await toBuckets(webPlatform, [row('pump', 2), row('phone')]);
    expect([...diffBuckets(base, next).keys()]).toEqual([await bucketOf(webPlatform, 'pump')]);
    const gone = diffBuckets(base, await toBuckets(webPlatform, [row('phone')]));
    expect([...gone]).toEqual([[await bucketOf(webPlatform, 'pump'), []]]);
    expect(applyBuckets(base, gone).has(await bucketOf(webPlatform, 'pump'))).toBe(false);
  });

  it('rows lead from any base to the signed hash of what is next, unless one vanished', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, async (before, more) => {
        const ids = new Set(more.map(({ id }) => id));
        const after = [...before.filter(({ id }) => !ids.has(id)), ...more];
        const changed = changedRows(before, after) ?? [];
        // As it comes back from the disk.
        const stored = JSON.parse(JSON.stringify(before)) as Row[];
        expect(changedRows(stored, after)).toEqual(changed);
        const base = await toBuckets(webPlatform, before);
        const next = await applyRows(webPlatform, base, parseRows(encodeRows(changed), 'fr'));
        expect(await shelfHash(webPlatform, next)).toBe(
          await shelfHash(webPlatform, await toBuckets(webPlatform, after)),
        );
        const untouched = [...next].filter(([bucket, list]) => base.get(bucket) === list);
        expect(untouched.length).toBeGreaterThanOrEqual(base.size - changed.length);
      }),
      { numRuns: 60 },
    );
    expect(changedRows([row('pump'), row('phone')], [row('phone')])).toBeUndefined();
  });

  it('rows of another shelf, or none at all, are refused', async () => {
    for (const value of [[row('pump', 1, { lang: 'en' })], { 7: [row('pump')] }, [{ id: 'pump' }], 'rows'])
      expect(await codeFrom(() => parseRows(canonicalBytes(value), 'fr'))).toBe('malformed');
  });

  it('does not change what it is applied to', async () => {
    const base = await toBuckets(webPlatform, [row('pump')]);
    const before = await shelfHash(webPlatform, base);
    applyBuckets(base, await toBuckets(webPlatform, [row('pump', 2)]));
    expect(await shelfHash(webPlatform, base)).toBe(before);
  });
});

describe('shelfHash', () => {
  it('does not depend on the order of rows, but on every field of them', async () => {
    const hash = async (list: readonly Row[]) => shelfHash(webPlatform, await toBuckets(webPlatform, list));
    const list = [row('pump'), row('phone'), row('radio')];
    const plain = await hash(list);
    expect(await hash([...list].reverse())).toBe(plain);
    const changes: Partial<Row>[] = [
      { rev: 2 },
      { bytes: 101 },
      { priority: 2 },
      { kind: 'sheet' },
      { lang: 'en' },
      { sha256: hashOf('other') },
      { blobs: [hashOf('blob')] },
      { expires: 5 },
      { tombstone: true },
    ];
    const hashes = await Promise.all(changes.map((change) => hash([row('pump', 1, change), ...list.slice(1)])));
    expect(new Set([plain, ...hashes]).size).toBe(changes.length + 1);
  });

  it('counts an empty bucket as an absent one', async () => {
    expect(await shelfHash(webPlatform, new Map([[7, []]]))).toBe(await shelfHash(webPlatform, new Map()));
  });

  it('tells the buckets apart', async () => {
    const list = [row('pump')];
    expect(await shelfHash(webPlatform, new Map([[7, list]]))).not.toBe(
      await shelfHash(webPlatform, new Map([[8, list]])),
    );
  });
});

describe('parseBuckets', () => {
  const plain = row('pump');
  it('reads back what was written', async () => {
    const buckets = await toBuckets(webPlatform, [plain, row('phone', 2), { ...plain, id: 'gone', tombstone: true }]);
    expect(new Map([...parseBuckets(encodeBuckets(buckets), 'fr')].sort())).toEqual(new Map([...buckets].sort()));
  });

  it.each([
    ['a row of another shelf', { 7: [{ ...plain, lang: 'en' }] }],
    ['bucket 256', { 256: [plain] }],
    ['bucket 07', { '07': [plain] }],
    ['a bucket with a name', { pump: [plain] }],
    ['an id that is a path', { 7: [{ ...plain, id: '../pump' }] }],
    ['an unknown field', { 7: [{ ...plain, html: '<b>' }] }],
    ['an unknown kind', { 7: [{ ...plain, kind: 'page' }] }],
    ['revision 0', { 7: [{ ...plain, rev: 0 }] }],
    ['a tombstone that is false', { 7: [{ ...plain, tombstone: false }] }],
    ['a hash of another length', { 7: [{ ...plain, sha256: 'abc' }] }],
    ['a list', [plain]],
  ])('refuses %s', async (_, value) => {
    expect(await codeFrom(() => parseBuckets(canonicalBytes(value), 'fr'))).toBe('malformed');
  });

  it('refuses another spelling', async () => {
    expect(await codeFrom(() => parseBuckets(utf8('{"7": []}'), 'fr'))).toBe('malformed');
  });
});
