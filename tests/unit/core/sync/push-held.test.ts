import { beforeEach, expect, it } from 'vitest';
import { signWith } from '../../../../server/box/keys.ts';
import { toBase64Url } from '../../../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import { type Envelope, parseBatch } from '../../../../src/core/protocol/envelope.ts';
import { HUBS_PATH } from '../../../../src/core/protocol/hubs.ts';
import { PROTOCOL_VERSION } from '../../../../src/core/protocol/version.ts';
import { hashOfHeld } from '../../../../src/core/protocol/vouch.ts';
import { push } from '../../../../src/core/sync/push.ts';
import { MemoryLibrary } from '../../../../src/store/memory-library.ts';
import { MemoryOutbox } from '../../../../src/store/memory-outbox.ts';
import {
  FakeTransport,
  never,
  openBox,
  receiptFor,
  sealedAnswer,
  seededKeys,
  seededPlatform,
} from '../../../support/fixtures.ts';

/** Answers left with a hub in between, which signs for what it holds. */

const box = await openBox();
const { hub: school } = await seededKeys('a school');
const platform = seededPlatform('push to a hub in between');
const answers: Envelope[] = [];
for (let n = 1; n <= 4; n++) answers.push(await sealedAnswer(platform, box.root, n));
const [a, b, c, strange] = answers as [Envelope, Envelope, Envelope, Envelope];

let library: MemoryLibrary;
let outbox: MemoryOutbox;
let link: FakeTransport;
/** What was offered: ids and lengths of bodies, by batch. */
let offered: (readonly [id: string, bytes: number])[][];

/** A library whose publisher lets these hubs speak for it. */
const publish = async (hubs: readonly unknown[]): Promise<void> => {
  const head = { v: PROTOCOL_VERSION, seq: 1, issued: 1000, root: 1, minApp: 1, table: 'x' };
  await library.saveLibrary({ root: box.root, identity: 'pinned', head, table: undefined });
  const list = canonicalBytes(signWith(box.keys.publisher, 'hubs', { v: PROTOCOL_VERSION, n: 1, hubs }));
  link.files.set(HUBS_PATH, list);
};
/** The hub's word for these, in this order. */
const vouchFor = async (held: readonly Envelope[]) => {
  const of = await hashOfHeld(
    platform,
    held.map(({ header }) => header),
  );
  return signWith(school, 'vouch', { v: PROTOCOL_VERSION, by: school.id, of });
};
const held = ({ header: { id } }: Envelope) => ({ id, status: 'held' });
const stored = (answer: Envelope) => ({
  id: answer.header.id,
  status: 'stored',
  receipt: receiptFor(box.keys, answer),
});
const offer = () => push({ platform, store: library, outbox, transport: link }, never);
const replyWith = (results: readonly unknown[], vouch?: unknown): void => {
  link.onBatch = (batch) => {
    offered.push(parseBatch(batch).map(({ header, body }) => [header.id, body.length] as const));
    return { v: PROTOCOL_VERSION, results, ...(vouch !== undefined && { vouch }) };
  };
};

beforeEach(async () => {
  library = new MemoryLibrary();
  outbox = new MemoryOutbox();
  link = new FakeTransport();
  offered = [];
  await publish([{ key: toBase64Url(school.publicKey), name: 'École' }]);
  for (const answer of [a, b, c]) outbox.add(answer);
});

it('are shown with the hub’s name, by its word for what it calls held, in its order; what nobody offered counts for nothing', async () => {
  replyWith([held(c), held(strange), stored(b), held(a)], await vouchFor([c, a]));
  expect(await offer()).toEqual({ sent: 1, held: 2 });
  expect(offered).toHaveLength(1);
  for (const answer of [a, c]) expect(outbox.outcome(answer.header.id)).toEqual({ holder: 'École' });
  expect(outbox.outcome(b.header.id)?.receipt).toBeDefined();
});

it('are held by somebody without a name where nobody signs', async () => {
  replyWith([held(a), held(b), held(c)]);
  expect(await offer()).toEqual({ sent: 0, held: 3 });
  expect(outbox.outcome(a.header.id)).toEqual({});
});

it('stay as they are with a hub that the library has taken its word from, and receipts that it passes on count', async () => {
  await publish([]);
  replyWith([held(a), stored(b), held(c)], await vouchFor([a, c]));
  await expect(offer()).rejects.toMatchObject({ code: 'revoked', details: { hub: school.id } });
  expect(outbox.outcome(b.header.id)?.receipt).toBeDefined();
  // Offered whole, twice: what it says that it holds, nobody has.
  const [first, again] = offered;
  expect(first?.map(([id]) => id)).toEqual([a, b, c].map(({ header }) => header.id));
  expect(again).toEqual([a, c].map(({ header, body }) => [header.id, body.length]));
  expect(offered).toHaveLength(2);
});

it('and refused by it are refused, though its word counts for nothing', async () => {
  await publish([]);
  const refused = { id: a.header.id, status: 'rejected', code: 'hash' };
  replyWith([refused, held(b), held(c)], await vouchFor([b, c]));
  await expect(offer()).rejects.toMatchObject({ code: 'revoked' });
  expect(outbox.outcome(a.header.id)).toEqual({ code: 'hash' });
});

/** Two answers of others under one name: the second may be damage, or malice, and must not take the place of the first. */
const twin: Envelope = { ...b, header: { ...b.header, id: a.header.id } };
/** A centre that has not heard of either: it needs what only its header comes of. */
const needsAll = (): void => {
  link.onBatch = (batch) => {
    const envelopes = parseBatch(batch);
    offered.push(envelopes.map(({ header, body }) => [header.hash, body.length] as const));
    const results = envelopes.map((one) => (one.body.length > 0 ? stored(one) : { id: one.header.id, status: 'need' }));
    return { v: PROTOCOL_VERSION, results };
  };
};

it('do not hold up another one under the same name, once they have arrived', async () => {
  outbox = new MemoryOutbox();
  for (const one of [a, twin]) await outbox.carry(one);
  await outbox.passedOn(a.header.id, true);
  needsAll();
  expect(await offer()).toEqual({ sent: 2, held: 0 });
  expect(offered).toEqual([[[a.header.hash, 0]], [[a.header.hash, a.body.length]], [[b.header.hash, b.body.length]]]);
});

it('are asked for whole, though another one under the same name has just arrived', async () => {
  outbox = new MemoryOutbox();
  await outbox.carry(a);
  await outbox.needsAttention(a.header.id, 'hash');
  await outbox.carry(twin);
  await outbox.passedOn(a.header.id, true);
  await outbox.carry(a);
  needsAll();
  expect(await offer()).toEqual({ sent: 2, held: 0 });
  expect(offered).toEqual([[[a.header.hash, a.body.length]], [[b.header.hash, 0]], [[b.header.hash, b.body.length]]]);
});
