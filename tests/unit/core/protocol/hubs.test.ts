import { describe, expect, it } from 'vitest';
import { firstRoot, signWith } from '../../../../server/box/keys.ts';
import { toBase64Url } from '../../../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import { type Hubs, hubOf, MAX_HUBS_BYTES, verifyHubs } from '../../../../src/core/protocol/hubs.ts';
import { PROTOCOL_VERSION } from '../../../../src/core/protocol/version.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import { codeFrom, seededBytes, seededKeys } from '../../../support/fixtures.ts';

const [one, two, stranger] = await Promise.all(['one', 'two', 'stranger'].map(seededKeys)).then(
  (all) => all as [(typeof all)[0], (typeof all)[0], (typeof all)[0]],
);
const root = (await firstRoot(one)).signed;
const key = toBase64Url(two.hub.publicKey);
const list: Hubs = { v: PROTOCOL_VERSION, n: 3, hubs: [{ key, name: 'École de Tillia', until: 1_748_736_000 }] };
const signed = (body: unknown, by = one.publisher): Uint8Array => canonicalBytes(signWith(by, 'hubs', body));
const verify = (bytes: Uint8Array): Promise<Hubs> => verifyHubs(webPlatform, root, bytes);

const random = seededBytes('hubs');
const many = (count: number, letters = 12): Hubs['hubs'] =>
  Array.from({ length: count }, (_, i) => ({ key: toBase64Url(random(32)), name: `${i} `.padEnd(letters, 'é') }));

describe('the list of delegated hubs', () => {
  it('is read where the publisher signed it', async () => {
    expect(await verify(signed(list))).toEqual(list);
    expect(await verify(signed({ ...list, hubs: [] }))).toEqual({ ...list, hubs: [] });
  });

  it.each([
    ['the hub', one.hub],
    ['the root key', one.root],
    ['a stranger', stranger.publisher],
  ])('is refused where %s signed it', async (_, by) => {
    expect(await codeFrom(() => verify(signed(list, by)))).toBe('tampered');
  });

  it('is no head, and a head is no list', async () => {
    expect(await codeFrom(() => verify(canonicalBytes(signWith(one.publisher, 'head', list))))).toBe('tampered');
  });

  it('has room for 256 hubs with long names, and for no more', async () => {
    const full = signed({ ...list, hubs: many(256, 80) });
    expect(full.length).toBeLessThan(MAX_HUBS_BYTES);
    expect((await verify(full)).hubs).toHaveLength(256);
    expect(await codeFrom(() => verify(signed({ ...list, hubs: many(257) })))).toBe('malformed');
    expect(await codeFrom(() => verify(new Uint8Array(MAX_HUBS_BYTES + 1)))).toBe('too-large');
  });

  it.each<[string, unknown]>([
    ['number 0', { ...list, n: 0 }],
    ['a field too many', { ...list, more: 1 }],
    ['a field too many at a hub', { ...list, hubs: [{ key, name: 'x', more: 1 }] }],
    ['a key that is too short', { ...list, hubs: [{ key: key.slice(1), name: 'x' }] }],
    [
      'the same key twice',
      {
        ...list,
        hubs: [
          { key, name: 'x' },
          { key, name: 'y' },
        ],
      },
    ],
    ['the same name twice', { ...list, hubs: many(2).map((hub) => ({ ...hub, name: 'x' })) }],
    ['no name', { ...list, hubs: [{ key, name: '' }] }],
    ['a name with blanks around it', { ...list, hubs: [{ key, name: ' x' }] }],
    ['a name of two lines', { ...list, hubs: [{ key, name: 'x\ny' }] }],
    ['a name that turns its direction', { ...list, hubs: [{ key, name: 'x\u202ey' }] }],
    ['a name of 81 letters', { ...list, hubs: [{ key, name: 'x'.repeat(81) }] }],
    ['an end that is no time', { ...list, hubs: [{ key, name: 'x', until: -1 }] }],
  ])('is refused with %s', async (_, body) => {
    expect(await codeFrom(() => verify(signed(body)))).toBe('malformed');
  });

  it('says that a later version is newer than this app', async () => {
    expect(await codeFrom(() => verify(signed({ ...list, v: PROTOCOL_VERSION + 1 })))).toBe('too-new');
  });
});

describe('a delegated hub', () => {
  it('counts until its last second', async () => {
    const second = 1_748_736_000;
    expect(await hubOf(webPlatform, list, two.hub.id, second)).toBe(list.hubs[0]);
    expect(await hubOf(webPlatform, list, two.hub.id, second + 1)).toBeUndefined();
  });

  it('counts without end where none is said', async () => {
    const endless = { ...list, hubs: [{ key, name: 'x' }] };
    expect(await hubOf(webPlatform, endless, two.hub.id, Number.MAX_SAFE_INTEGER)).toEqual({ key, name: 'x' });
  });

  it('is nobody but the one with this key', async () => {
    expect(await hubOf(webPlatform, list, one.hub.id, 0)).toBeUndefined();
  });
});
