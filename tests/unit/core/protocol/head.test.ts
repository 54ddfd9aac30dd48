import { describe, expect, it } from 'vitest';
import { signWith } from '../../../../server/box/keys.ts';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import { applyTableChange, changedTable, verifyHead, verifyTable } from '../../../../src/core/protocol/head.ts';
import { PROTOCOL_VERSION } from '../../../../src/core/protocol/version.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import { codeFrom, flipped, openBox, tinyLibrary } from '../../../support/fixtures.ts';

const box = await openBox();
const release = await box.publish(tinyLibrary());
const bytes = canonicalBytes(release.head);
const resigned = (change: Readonly<Record<string, unknown>>) =>
  canonicalBytes(signWith(box.keys.publisher, 'head', { ...release.head.signed, ...change }));

describe('verifyHead', () => {
  it('takes a head by the publisher that the root names', async () => {
    expect(await verifyHead(webPlatform, box.root, bytes)).toEqual(release.head.signed);
    expect(bytes.length).toBeLessThan(350);
  });

  it('refuses every single changed bit', { timeout: 30_000 }, async () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const code = await codeFrom(() => verifyHead(webPlatform, box.root, flipped(bytes, bit)));
      expect(['tampered', 'malformed', 'too-new']).toContain(code);
    }
  });

  it('refuses a head by the hub’s or the root’s key', async () => {
    for (const key of [box.keys.hub, box.keys.root]) {
      const wrong = canonicalBytes(signWith(key, 'head', release.head.signed));
      expect(await codeFrom(() => verifyHead(webPlatform, box.root, wrong))).toBe('tampered');
    }
  });

  it.each([
    ['no sequence', { seq: 0 }],
    ['a negative time', { issued: -1 }],
    ['half a sequence', { seq: 1.5 }],
    ['a sequence that is no number', { seq: '3' }],
    ['a short hash', { table: 'abc' }],
    ['an unknown field', { extra: 1 }],
  ])('refuses %s, whoever signed it', async (_, change) => {
    expect(await codeFrom(() => verifyHead(webPlatform, box.root, resigned(change)))).toBe('malformed');
  });

  it('says that a later version is too new', async () => {
    expect(await codeFrom(() => verifyHead(webPlatform, box.root, resigned({ v: PROTOCOL_VERSION + 1 })))).toBe(
      'too-new',
    );
  });
});

describe('verifyTable', () => {
  it('takes the table that the head names', async () => {
    const table = await verifyTable(webPlatform, release.head.signed, release.table);
    expect(Object.keys(table).sort()).toEqual(['en', 'fr']);
    expect(table.fr?.items).toBe(3);
    const bytesOf = release.shelves.get('fr')?.items.reduce((sum, { body }) => sum + body.length, 0);
    expect(table.fr?.bytes).toBe(bytesOf);
  });

  it('refuses any other', async () => {
    const other = await box.publish(tinyLibrary().slice(1));
    expect(await codeFrom(() => verifyTable(webPlatform, release.head.signed, other.table))).toBe('tampered');
    expect(await codeFrom(() => verifyTable(webPlatform, release.head.signed, release.table.slice(1)))).toBe(
      'tampered',
    );
  });

  it('refuses a signed table that is not one', async () => {
    const table = canonicalBytes({ '../etc': { hash: 'x'.repeat(43), items: 1, bytes: 1 } });
    const sha256 = Buffer.from(await webPlatform.sha256(table)).toString('base64url');
    expect(await codeFrom(() => verifyTable(webPlatform, { ...release.head.signed, table: sha256 }, table))).toBe(
      'malformed',
    );
  });
});

describe('a change of the table', () => {
  const entry = (n: number, fallback?: string[]) => ({
    ...(fallback && { fallback }),
    hash: release.head.signed.table,
    items: n,
    bytes: n,
  });
  const before = { fr: entry(1), en: entry(2, ['fr']), ha: entry(3) };
  const after = { fr: entry(1), en: entry(4, ['fr']), sw: entry(5) };

  it('names what is another, new or gone, and nothing else', () => {
    // As it comes back from the disk: the same fields in another order.
    const stored = JSON.parse(new TextDecoder().decode(canonicalBytes(before))) as typeof before;
    expect(changedTable(stored, after)).toEqual({ en: entry(4, ['fr']), ha: null, sw: entry(5) });
    expect(changedTable(stored, before)).toEqual({});
  });

  it('leads to the bytes of the next table', () => {
    const change = canonicalBytes(changedTable(before, after));
    expect(applyTableChange(canonicalBytes(before), change)).toEqual(canonicalBytes(after));
  });

  it('that is none is refused', async () => {
    for (const value of ['x', { fr: 1 }, { 'not a tag': null }, { fr: { hash: 'x' } }])
      expect(await codeFrom(() => applyTableChange(canonicalBytes(before), canonicalBytes(value)))).toBe('malformed');
  });
});
