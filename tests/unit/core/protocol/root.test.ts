import { describe, expect, it } from 'vitest';
import { firstRoot, signWith } from '../../../../server/box/keys.ts';
import { toBase64Url, utf8 } from '../../../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import {
  checkSignedRoots,
  followRoots,
  parseRoot,
  type Root,
  rootIdentity,
  type SignedRoot,
  verifySelfSigned,
} from '../../../../src/core/protocol/root.ts';
import { isSignedBy, keyIdOf, requireSigned, signedBytes } from '../../../../src/core/protocol/signed.ts';
import { PROTOCOL_VERSION } from '../../../../src/core/protocol/version.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import { codeFrom, nextRoot, seededKeys, signAll } from '../../../support/fixtures.ts';

const [one, two, three, stranger] = await Promise.all(['one', 'two', 'three', 'stranger'].map(seededKeys)).then(
  (all) => all as [(typeof all)[0], (typeof all)[0], (typeof all)[0], (typeof all)[0]],
);
const root1 = await firstRoot(one);
const root2 = await nextRoot(root1, one, two);
const root3 = await nextRoot(root2, two, three);

const changed = (document: SignedRoot, change: Partial<Root>): SignedRoot => ({
  ...document,
  signed: { ...document.signed, ...change },
});

describe('isSignedBy', () => {
  const keys = root1.signed.root.keys;

  it('takes a signature by a key that it knows', async () => {
    expect(await isSignedBy(webPlatform, 'root', root1, keys, 1)).toBe(true);
    await requireSigned(webPlatform, 'root', root1, keys, 1);
  });

  it('refuses the same signature under another kind', async () => {
    expect(await isSignedBy(webPlatform, 'head', root1, keys, 1)).toBe(false);
    expect(await isSignedBy(webPlatform, 'receipt', root1, keys, 1)).toBe(false);
    expect(await codeFrom(() => requireSigned(webPlatform, 'head', root1, keys, 1))).toBe('tampered');
  });

  it('counts a key once, and only what it knows', async () => {
    const both = signAll([one.root, two.root], 'root', root1.signed);
    const pair = { ...keys, ...root2.signed.root.keys };
    expect(await isSignedBy(webPlatform, 'root', both, keys, 2)).toBe(false);
    expect(await isSignedBy(webPlatform, 'root', both, pair, 2)).toBe(true);
    expect(await isSignedBy(webPlatform, 'root', root1, pair, 2)).toBe(false);
  });

  it('is never satisfied by no signature', async () => {
    expect(await isSignedBy(webPlatform, 'root', { signed: root1.signed, sigs: {} }, keys, 0)).toBe(false);
    expect(await isSignedBy(webPlatform, 'root', root1, {}, 0)).toBe(false);
  });

  it('refuses a signature under another key’s id', async () => {
    const [id] = Object.keys(keys) as [string];
    const sigs = { [id]: toBase64Url(two.root.sign(signedBytes('root', root1.signed))) };
    expect(await isSignedBy(webPlatform, 'root', { signed: root1.signed, sigs }, keys, 1)).toBe(false);
  });
});

describe('parseRoot', () => {
  it('reads back what was written', () => {
    for (const root of [root1, root2, root3]) expect(parseRoot(canonicalBytes(root))).toEqual(root);
  });

  it.each([
    ['not canonical', utf8(JSON.stringify(root1, null, 1))],
    ['a field too many', canonicalBytes({ ...root1, more: 1 })],
    ['a field too many inside', canonicalBytes({ ...root1, signed: { ...root1.signed, more: 1 } })],
    ['no signature field', canonicalBytes({ signed: root1.signed })],
    ['a signature that is too short', canonicalBytes({ ...root1, sigs: { [one.root.id]: 'AAAA' } })],
    ['number 0', canonicalBytes(changed(root1, { n: 0 }))],
    ['a threshold of 0', canonicalBytes(changed(root1, { root: { ...root1.signed.root, threshold: 0 } }))],
    ['half a number', canonicalBytes(changed(root1, { n: 1.5 }))],
    ['null', canonicalBytes(null)],
  ])('refuses %s', async (_, bytes) => {
    expect(await codeFrom(() => parseRoot(bytes))).toBe('malformed');
  });

  it('says that a later version is newer than this app', async () => {
    const later = { ...root1, signed: { ...root1.signed, v: PROTOCOL_VERSION + 1 } };
    expect(await codeFrom(() => parseRoot(canonicalBytes(later)))).toBe('too-new');
  });
});

describe('checkSignedRoots', () => {
  it('reads a list, and refuses an empty or endless one', async () => {
    expect(checkSignedRoots([root1, root2])).toEqual([root1, root2]);
    expect(await codeFrom(() => checkSignedRoots([]))).toBe('malformed');
    expect(await codeFrom(() => checkSignedRoots(Array.from({ length: 257 }, () => root1)))).toBe('malformed');
    expect(await codeFrom(() => checkSignedRoots({ 0: root1 }))).toBe('malformed');
  });

  it('refuses one that comes twice, and a wrong order', () => {
    const twin = changed(root2, { hub: root3.signed.hub });
    const error = expect.objectContaining({ code: 'malformed', details: { what: 'roots' } });
    for (const chain of [
      [root1, root2, twin],
      [root1, twin, root2, root3],
      [root2, root1],
    ])
      expect(() => checkSignedRoots(chain)).toThrow(error);
    // A gap is for whoever follows them to name.
    expect(checkSignedRoots([root1, root3])).toEqual([root1, root3]);
  });
});

describe('verifySelfSigned', () => {
  it('takes each root of the chain', async () => {
    for (const root of [root1, root2, root3]) expect(await verifySelfSigned(webPlatform, root)).toEqual(root.signed);
  });

  it('refuses a change of any role', async () => {
    for (const role of ['root', 'publisher', 'hub'] as const) {
      const wrong = changed(root1, { [role]: { ...root1.signed[role], threshold: 2 } });
      expect(await codeFrom(() => verifySelfSigned(webPlatform, wrong)), role).toBe('tampered');
    }
  });

  it('refuses a key under an id that is not its own', async () => {
    for (const role of ['root', 'publisher', 'hub'] as const) {
      const { keys } = root1.signed[role];
      const body: Root = {
        ...root1.signed,
        [role]: { ...root1.signed[role], keys: { ...keys, [stranger.hub.id]: toBase64Url(two.hub.publicKey) } },
      };
      const signed = signWith(one.root, 'root', body);
      expect(await codeFrom(() => verifySelfSigned(webPlatform, signed)), role).toBe('tampered');
    }
  });

  it('names keys by the beginning of their hash', async () => {
    const sha256 = await webPlatform.sha256(one.hub.publicKey);
    expect(await keyIdOf(webPlatform, one.hub.publicKey)).toBe(toBase64Url(sha256).slice(0, 10) + one.hub.id[10]);
    expect(one.hub.id).toHaveLength(11);
    expect(Object.keys(root1.signed.hub.keys)).toEqual([one.hub.id]);
  });
});

describe('followRoots', () => {
  it('follows three roots, from any of them', async () => {
    const chain = [root1, root2, root3];
    for (const trusted of chain) expect(await followRoots(webPlatform, trusted.signed, chain)).toEqual(root3.signed);
    expect(await followRoots(webPlatform, root1.signed, [root2])).toEqual(root2.signed);
  });

  it('never goes back', async () => {
    expect(await followRoots(webPlatform, root3.signed, [root1, root2])).toEqual(root3.signed);
    expect(await followRoots(webPlatform, root2.signed, [])).toEqual(root2.signed);
  });

  it('refuses a chain with a gap', async () => {
    expect(await codeFrom(() => followRoots(webPlatform, root1.signed, [root3]))).toBe('foreign-root');
    expect(await codeFrom(() => followRoots(webPlatform, root1.signed, [root1, root3]))).toBe('foreign-root');
  });

  it('refuses a number left out, whoever signed it', async () => {
    const leap = signAll([one.root, two.root], 'root', { ...root2.signed, n: 3 });
    expect(await codeFrom(() => followRoots(webPlatform, root1.signed, [leap]))).toBe('foreign-root');
  });

  it('refuses a root that the one before did not sign', async () => {
    const unsigned = signAll([two.root], 'root', root2.signed);
    expect(await codeFrom(() => followRoots(webPlatform, root1.signed, [unsigned]))).toBe('foreign-root');
  });

  it('refuses a root that its own keys did not sign', async () => {
    const halfSigned = signAll([one.root], 'root', root2.signed);
    expect(await codeFrom(() => followRoots(webPlatform, root1.signed, [halfSigned]))).toBe('tampered');
  });

  it('refuses a stranger’s chain', async () => {
    const other1 = await firstRoot(stranger);
    const other2 = await nextRoot(other1, stranger, three);
    expect(await codeFrom(() => followRoots(webPlatform, root1.signed, [other1, other2]))).toBe('foreign-root');
  });

  it('asks for as many signatures as the root before says', async () => {
    const pair = { keys: { ...root1.signed.root.keys, ...root2.signed.root.keys }, threshold: 2 };
    const strict = signAll([one.root, two.root], 'root', { ...root1.signed, root: pair });
    const next = { ...root3.signed, n: 2 };
    const byOne = signAll([one.root, three.root], 'root', next);
    const byBoth = signAll([one.root, two.root, three.root], 'root', next);
    expect(await codeFrom(() => followRoots(webPlatform, strict.signed, [byOne]))).toBe('foreign-root');
    expect(await followRoots(webPlatform, strict.signed, [byBoth])).toEqual(next);
  });

  it('asks for as many signatures as the next root says of itself', async () => {
    const pair = { keys: { ...root1.signed.root.keys, ...root2.signed.root.keys }, threshold: 2 };
    const next = { ...root1.signed, n: 2, root: pair };
    const byOne = signAll([one.root], 'root', next);
    const byOneAndStranger = signAll([one.root, stranger.root], 'root', next);
    const byBoth = signAll([one.root, two.root], 'root', next);
    for (const short of [byOne, byOneAndStranger])
      expect(await codeFrom(() => followRoots(webPlatform, root1.signed, [short]))).toBe('tampered');
    expect(await followRoots(webPlatform, root1.signed, [byBoth])).toEqual(next);
  });

  it('counts for each root only its own keys', async () => {
    const three1 = { keys: { ...root1.signed.root.keys, ...root2.signed.root.keys }, threshold: 2 };
    const before = { ...root1.signed, root: three1 };
    const after = { keys: { ...root3.signed.root.keys, ...root2.signed.root.keys }, threshold: 2 };
    const next = { ...root1.signed, n: 2, root: after };
    // Two of the next one's keys, of which one is the one before's: that one asks for two of its own.
    expect(
      await codeFrom(() => followRoots(webPlatform, before, [signAll([two.root, three.root], 'root', next)])),
    ).toBe('foreign-root');
    expect(await codeFrom(() => followRoots(webPlatform, before, [signAll([one.root, two.root], 'root', next)]))).toBe(
      'tampered',
    );
    const all = signAll([one.root, two.root, three.root], 'root', next);
    expect(await followRoots(webPlatform, before, [all])).toEqual(next);
  });
});

describe('rootIdentity', () => {
  it('is the first root’s keys in order, whatever order they are written in', () => {
    expect(rootIdentity(root1.signed)).toBe(one.root.id);
    const keys = { ...root2.signed.root.keys, ...root1.signed.root.keys };
    const turned = { ...root1.signed.root.keys, ...root2.signed.root.keys };
    const identity = (of: Record<string, string>) =>
      rootIdentity({ ...root1.signed, root: { keys: of, threshold: 1 } });
    expect(identity(keys)).toBe(identity(turned));
    expect(identity(keys)).toBe([one.root.id, two.root.id].sort().join('+'));
  });
});
