import { beforeEach, describe, expect, it } from 'vitest';
import { signWith } from '../../../../server/box/keys.ts';
import { RelaisError } from '../../../../src/core/errors.ts';
import { toBase64Url } from '../../../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import { PROTOCOL_VERSION } from '../../../../src/core/protocol/version.ts';
import { hashOfHeld } from '../../../../src/core/protocol/vouch.ts';
import { type HolderPorts, holderOf } from '../../../../src/core/sync/holder.ts';
import { MemoryLibrary } from '../../../../src/store/memory-library.ts';
import { codeFrom, never, openBox, seededKeys, seededPlatform } from '../../../support/fixtures.ts';

const box = await openBox('holder');
const { hub } = await seededKeys('a school');
const { hub: other } = await seededKeys('a market');
const held = [
  { id: '00000000-0000-8000-8000-000000000001', hash: 'a'.repeat(43) },
  { id: '00000000-0000-8000-8000-000000000002', hash: 'b'.repeat(43) },
];
const platform = { ...seededPlatform('holder'), now: () => now };

let now: number;
let library: MemoryLibrary;
let requests: string[];
let isDown: boolean;
let list: Uint8Array | undefined;
const publish = async (seq: number, hubs: readonly unknown[] | undefined, issued = 1000): Promise<void> => {
  const head = { v: PROTOCOL_VERSION, seq, issued, root: 1, minApp: 1, table: 'x' };
  await library.saveLibrary({ root: box.root, identity: 'pinned', head, table: undefined });
  list = hubs && canonicalBytes(signWith(box.keys.publisher, 'hubs', { v: PROTOCOL_VERSION, n: seq, hubs }));
};
const transport: HolderPorts['transport'] = {
  async get(path) {
    requests.push(path);
    if (isDown) throw new RelaisError('no-link');
    return list ? { found: true, bytes: list, whole: true } : { found: false };
  },
};
const entry = { key: toBase64Url(hub.publicKey), name: 'École' };
const vouchBy = async (key = hub, of: readonly { id: string; hash: string }[] = held) =>
  signWith(key, 'vouch', { v: PROTOCOL_VERSION, by: key.id, of: await hashOfHeld(platform, of) });
const ask = async (vouch: unknown = undefined, of = held): Promise<string | undefined> =>
  holderOf({ platform, store: library, transport }, vouch ?? (await vouchBy()), of, never);

beforeEach(async () => {
  now = 5_000_000;
  library = new MemoryLibrary();
  requests = [];
  isDown = false;
  await publish(1, [entry]);
});

describe('who holds answers', () => {
  it('is the hub that signed for exactly these, and the list is asked for once a publication and once a day', async () => {
    expect(await ask()).toBe('École');
    expect(await ask()).toBe('École');
    expect(requests).toEqual(['/c/hubs.json']);
    await publish(2, [{ ...entry, name: 'École de Tillia' }]);
    expect(await ask()).toBe('École de Tillia');
    now += 90_000_000;
    expect(await ask()).toBe('École de Tillia');
    expect(requests).toHaveLength(3);
  });

  it('is nobody by name where nobody signed, or nothing is held, and nothing is asked for that', async () => {
    expect(await holderOf({ platform, store: library, transport }, undefined, held, never)).toBeUndefined();
    expect(await ask(undefined, [])).toBeUndefined();
    expect(requests).toEqual([]);
  });

  it('is not known while the list cannot be had', async () => {
    isDown = true;
    expect(await ask()).toBeUndefined();
  });

  it('is not known before there is a publication, or a library', async () => {
    library = new MemoryLibrary();
    expect(await ask()).toBeUndefined();
    await library.saveLibrary({ root: box.root, identity: 'pinned', head: undefined, table: undefined });
    expect(await ask()).toBeUndefined();
    expect(requests).toEqual([]);
  });

  it.each([
    ['never named', () => publish(2, [{ key: toBase64Url(other.publicKey), name: 'Marché' }])],
    ['in a library that names none', () => publish(2, undefined)],
    ['whose time is over by the library’s clock', () => publish(2, [{ ...entry, until: 999 }])],
  ])('is refused as one %s', async (_, change) => {
    await change();
    await expect(ask()).rejects.toMatchObject({ code: 'revoked', details: { hub: hub.id } });
  });

  it('stays revoked where somebody brings an older list', async () => {
    const before = list;
    await publish(2, []);
    expect(await codeFrom(() => ask())).toBe('revoked');
    list = before;
    now += 90_000_000;
    expect(await codeFrom(() => ask())).toBe('revoked');
  });

  it.each([
    ['a signature for other answers', async () => vouchBy(hub, held.slice(1))],
    [
      'another’s signature in its name',
      async () => {
        const { signed } = await vouchBy();
        return { signed, sigs: { [hub.id]: (await vouchBy(other)).sigs[other.id] } };
      },
    ],
  ])('is refused with %s', async (_, make) => {
    const vouch = await make();
    await expect(ask(vouch)).rejects.toMatchObject({ code: 'tampered', details: { what: 'vouch', hub: hub.id } });
  });

  it('is refused where what is signed is nothing that a hub signs', async () => {
    expect(await codeFrom(() => ask({ signed: {}, sigs: {} }))).toBe('malformed');
  });
});
