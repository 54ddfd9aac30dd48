import { beforeEach, expect, it } from 'vitest';
import { type SigningKey, signWith } from '../../../../server/box/keys.ts';
import { openDatabaseFile } from '../../../../server/hub/database.ts';
import { HeldAnswers } from '../../../../server/mirror/held-answers.ts';
import { RelayDesk } from '../../../../server/mirror/relay-desk.ts';
import { toBase64Url } from '../../../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import type { Envelope } from '../../../../src/core/protocol/envelope.ts';
import { PROTOCOL_VERSION } from '../../../../src/core/protocol/version.ts';
import { isVouchedBy } from '../../../../src/core/protocol/vouch.ts';
import type { LibraryState } from '../../../../src/core/sync/ports.ts';
import { openBox, receiptFor, sealedAnswer, seededKeys, seededPlatform } from '../../../support/fixtures.ts';

const platform = seededPlatform('relay');
const box = await openBox('relay');
const one = await sealedAnswer(platform, box.root, 1);
const { id } = one.header;
const header: Envelope = { ...one, body: new Uint8Array(0) };

let held: HeldAnswers;
let library: LibraryState | undefined;
let hubs: Uint8Array | undefined;
let key: SigningKey | undefined;
let nudges: number;
let desk: RelayDesk;
beforeEach(() => {
  held = new HeldAnswers(openDatabaseFile(':memory:'));
  library = { root: box.root, identity: 'pinned', head: undefined, table: undefined };
  nudges = 0;
  hubs = undefined;
  key = undefined;
  const store = {
    state: () => library,
    library: async () => library,
    hubs: () => hubs && { list: hubs, at: 0, seq: 1 },
    saveHubs: () => {},
  };
  desk = new RelayDesk({ held, platform, store, key: () => key, nudge: () => void nudges++ });
});
const take = async (envelope: Envelope) => {
  const result = await desk.take(envelope);
  await desk.afterwards();
  return result;
};

it('holds an answer, asks for the link once for it, and tells what became of it', async () => {
  expect(await take(header)).toEqual({ id, status: 'need' });
  expect(nudges).toBe(0);
  expect(await take(one)).toEqual({ id, status: 'held' });
  expect(await take(one)).toEqual({ id, status: 'held' });
  expect(await take(header)).toEqual({ id, status: 'held' });
  expect(nudges).toBe(1);
  const receipt = receiptFor(box.keys, one, 7);
  await held.settle(id, receipt);
  expect(await take(header)).toEqual({ id, status: 'duplicate', receipt });
  expect(nudges).toBe(1);
});

it('takes nothing that is damaged, of another library, or before it knows any', async () => {
  const body = Uint8Array.from(one.body, (byte, i) => (i === 200 ? byte ^ 1 : byte));
  expect(await take({ ...one, body })).toEqual({ id, status: 'rejected', code: 'hash' });
  const stranger = await openBox('a stranger');
  const foreign = await sealedAnswer(platform, stranger.root, 2);
  const refused = { id: foreign.header.id, status: 'rejected', code: 'unknown-addressee' };
  expect(await take(foreign)).toEqual(refused);
  // Its root has named that hub before.
  library = { ...(library as LibraryState), former: [foreign.header.to] };
  expect(await take(foreign)).toMatchObject({ status: 'held' });
  library = undefined;
  expect(await take(foreign)).toMatchObject({ status: 'held' });
  await expect(async () => desk.root()).rejects.toThrow('no-link');
  expect(held.counts()).toEqual({ waiting: 1, arrived: 0, refused: 0 });
});

it('passes a refusal back, and offers the answer again once it comes whole again', async () => {
  await take(one);
  await held.needsAttention(id, 'hash');
  expect(await take(header)).toEqual({ id, status: 'rejected', code: 'hash' });
  expect(await take(one)).toEqual({ id, status: 'held' });
  expect([held.counts().waiting, nudges]).toEqual([1, 2]);
});

it('asks for another receipt where the key of the one that it has is no key of the newest root', async () => {
  await take(one);
  await held.settle(id, receiptFor(box.keys, one, 7));
  const next = await seededKeys('next hub');
  const root = { ...box.root, hub: { ...box.root.hub, keys: { [next.hub.id]: 'x' } } };
  library = { ...(library as LibraryState), root, former: [box.keys.hub.id] };
  expect(await take(header)).toEqual({ id, status: 'need' });
  expect(await take(one)).toEqual({ id, status: 'held' });
  const [offered] = await held.unsent([box.keys.hub.id], 1 << 20);
  expect(offered?.body).toEqual(one.body);
});

it('takes what it sealed itself once, and anew after a refusal', async () => {
  expect([await desk.takeOwn(one), await desk.takeOwn(one)]).toEqual([true, false]);
  await held.needsAttention(id, 'hash');
  const again = { header: { ...one.header, hash: 'B'.repeat(43) }, body: one.body };
  expect(await desk.takeOwn(again)).toBe(true);
});

it('signs for what it holds while the library lets it speak, by the library’s own time', async () => {
  const { hub } = await seededKeys('relay of a school');
  const listed = { key: toBase64Url(hub.publicKey), name: 'École', until: 1000 };
  const list = (all: readonly unknown[]): Uint8Array =>
    canonicalBytes(signWith(box.keys.publisher, 'hubs', { v: PROTOCOL_VERSION, n: 1, hubs: all }));
  const at = (issued: number): void => {
    const head = { v: PROTOCOL_VERSION, seq: 1, issued, root: 1, minApp: 1, table: 'x' };
    library = { root: box.root, identity: 'pinned', head, table: undefined };
  };
  at(1000);
  hubs = list([listed]);
  expect([await desk.standing(), await desk.vouch([one.header])]).toEqual([undefined, undefined]);
  key = hub;
  expect(await desk.standing()).toEqual(listed);
  const vouch = await desk.vouch([one.header]);
  expect(vouch && (await isVouchedBy(platform, vouch, listed.key, [one.header]))).toBe(true);
  at(1001);
  expect([await desk.standing(), await desk.vouch([one.header])]).toEqual(['unknown', undefined]);
  at(1000);
  hubs = list([]);
  expect(await desk.vouch([one.header])).toBeUndefined();
  hubs = undefined;
  expect(await desk.standing()).toBe('unknown');
});
