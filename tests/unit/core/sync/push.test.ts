import { beforeEach, describe, expect, it } from 'vitest';
import { RelaisError } from '../../../../src/core/errors.ts';
import { toBase64Url } from '../../../../src/core/protocol/bytes.ts';
import { type Envelope, encodeBatch, parseBatch } from '../../../../src/core/protocol/envelope.ts';
import { PROTOCOL_VERSION } from '../../../../src/core/protocol/version.ts';
import { type Pushed, push } from '../../../../src/core/sync/push.ts';
import { MemoryLibrary } from '../../../../src/store/memory-library.ts';
import { MemoryOutbox } from '../../../../src/store/memory-outbox.ts';
import {
  codeFrom,
  FakeHub,
  FakeTransport,
  never,
  openBox,
  receiptFor,
  sealedAnswer,
  seededKeys,
  seededPlatform,
  testLetter,
} from '../../../support/fixtures.ts';

const box = await openBox();
const stranger = await seededKeys('stranger');
const platform = seededPlatform('push');
const answers: Envelope[] = [];
for (let n = 1; n <= 4; n++) answers.push(await sealedAnswer(platform, box.root, n));
const [a, b, c, d] = answers as [Envelope, Envelope, Envelope, Envelope];

let library: MemoryLibrary;
let outbox: MemoryOutbox;
let hub: FakeHub;
let link: FakeTransport;

const offer = (signal = never): Promise<Pushed> => push({ platform, store: library, outbox, transport: link }, signal);
const send = async (signal = never): Promise<number> => (await offer(signal)).sent;
const waiting = async (): Promise<string[]> =>
  (await outbox.unsent([box.keys.hub.id], 1 << 30)).map(({ header }) => header.id);
const idsIn = (batch: Uint8Array): string[] => parseBatch(batch).map(({ header }) => header.id);

beforeEach(async () => {
  library = new MemoryLibrary();
  await library.saveLibrary({ root: box.root, identity: 'pinned', head: undefined, table: undefined });
  outbox = new MemoryOutbox();
  hub = new FakeHub(box.keys);
  link = new FakeTransport();
  link.onBatch = (batch) => hub.answer(batch);
});

describe('answers that arrive', () => {
  it('are settled with their receipts, in one batch', async () => {
    for (const answer of [c, a, b]) outbox.add(answer);
    expect(await send()).toBe(3);
    expect(link.requests).toEqual(['/o/batch']);
    expect(hub.batches.map(idsIn)).toEqual([[a, b, c].map(({ header }) => header.id)]);
    expect(outbox.outcome(b.header.id)).toEqual({ receipt: receiptFor(box.keys, b, 2) });
    expect(await waiting()).toEqual([]);
  });

  it('are left with a hub in between, of which only their headers ask then, until it has their receipts', async () => {
    for (const answer of [a, b]) outbox.add(answer);
    const at = new Map<string, 'held' | 'receipt'>();
    const seen: (readonly [string, number])[][] = [];
    link.onBatch = async (batch) => {
      const envelopes = parseBatch(batch);
      seen.push(envelopes.map(({ header, body }) => [header.id, body.length] as const));
      const results = envelopes.map((envelope, i) => {
        const { id } = envelope.header;
        if (at.get(id) === 'receipt')
          return { id, status: 'stored', receipt: receiptFor(box.keys, id === a.header.id ? a : b, i + 1) };
        if (envelope.body.length === 0 && !at.has(id)) return { id, status: 'need' };
        at.set(id, 'held');
        return { id, status: 'held' };
      });
      return { v: PROTOCOL_VERSION, results };
    };
    const [idA, idB] = [a.header.id, b.header.id];
    expect(await offer()).toEqual({ sent: 0, held: 2 });
    expect(await offer()).toEqual({ sent: 0, held: 2 });
    at.set(idA, 'receipt');
    expect(await offer()).toEqual({ sent: 1, held: 1 });
    // Another hub, or one that has lost what it had: it needs all of it.
    at.delete(idB);
    expect(await offer()).toEqual({ sent: 0, held: 1 });
    at.set(idB, 'receipt');
    expect(await offer()).toEqual({ sent: 1, held: 0 });
    expect(await offer()).toEqual({ sent: 0, held: 0 });
    expect(seen).toEqual([
      [
        [idA, a.body.length],
        [idB, b.body.length],
      ],
      [
        [idA, 0],
        [idB, 0],
      ],
      [
        [idA, 0],
        [idB, 0],
      ],
      [[idB, 0]],
      [[idB, b.body.length]],
      [[idB, 0]],
    ]);
  });

  it('whose hub needs what it has been given stay as they are', async () => {
    outbox.add(a);
    link.onBatch = async () => ({ v: PROTOCOL_VERSION, results: [{ id: a.header.id, status: 'need' }] });
    expect(await codeFrom(() => offer())).toBe('no-link');
    expect(link.requests).toHaveLength(1);
    expect(await waiting()).toEqual([a.header.id]);
  });

  it('and have nothing in them are asked after twice, and no more', async () => {
    outbox.add({ ...a, body: new Uint8Array(0) });
    link.onBatch = async (batch) => ({
      v: PROTOCOL_VERSION,
      results: parseBatch(batch).map(({ header: { id } }) => ({ id, status: 'need' })),
    });
    expect(await offer()).toEqual({ sent: 0, held: 0 });
    expect(link.requests).toHaveLength(2);
  });

  it('go in batches of at most fifty, however small: each may be of another device', async () => {
    const many = Array.from({ length: 120 }, (_, n) => ({
      ...a,
      header: { ...a.header, id: `${a.header.id.slice(0, -3)}${100 + n}`, n: n + 1 },
    }));
    for (const one of many) outbox.add(one);
    for (const { header } of many) await outbox.passedOn(header.id, true);
    const sizes: number[] = [];
    link.onBatch = async (batch) => {
      const ids = parseBatch(batch).map(({ header }) => header.id);
      sizes.push(ids.length);
      return { v: PROTOCOL_VERSION, results: ids.map((id) => ({ id, status: 'held' })) };
    };
    expect(await offer()).toEqual({ sent: 0, held: 120 });
    expect(sizes).toEqual([50, 50, 20]);
  });

  it('make no request where there are none, or no library yet', async () => {
    expect(await send()).toBe(0);
    outbox.add(a);
    library = new MemoryLibrary();
    expect(await send()).toBe(0);
    expect(link.requests).toEqual([]);
  });

  it('leave those for another addressee alone', async () => {
    outbox.add({ ...a, header: { ...a.header, to: stranger.hub.id } });
    expect(await send()).toBe(0);
    expect(link.requests).toEqual([]);
  });

  it('go to every key that the root names for its hub', async () => {
    const { hub: role } = box.root;
    const keys = { ...role.keys, [stranger.hub.id]: toBase64Url(stranger.hub.publicKey) };
    const root = { ...box.root, hub: { ...role, keys } };
    await library.saveLibrary({ root, identity: 'pinned', head: undefined, table: undefined });
    outbox.add(a);
    outbox.add({ ...b, header: { ...b.header, to: stranger.hub.id } });
    expect(await send()).toBe(2);
    expect(hub.batches.map(idsIn)).toEqual([[a, b].map(({ header }) => header.id)]);
  });

  it('go to the hub although they were sealed to the key that it had before', async () => {
    const former = [stranger.hub.id];
    await library.saveLibrary({ root: box.root, identity: 'pinned', head: undefined, table: undefined, former });
    const old = { ...a, header: { ...a.header, to: stranger.hub.id } };
    outbox.add(old);
    expect(await send()).toBe(1);
    expect(outbox.outcome(a.header.id)?.receipt?.signed.by).toBe(box.keys.hub.id);
  });

  it('are not settled by a receipt of the key that the hub had before', async () => {
    const former = [stranger.hub.id];
    await library.saveLibrary({ root: box.root, identity: 'pinned', head: undefined, table: undefined, former });
    link.onBatch = (batch) => new FakeHub(stranger).answer(batch);
    const old = { ...a, header: { ...a.header, to: stranger.hub.id } };
    outbox.add(old);
    expect(await codeFrom(() => send())).toBe('no-link');
    expect(outbox.outcome(a.header.id)).toEqual({});
  });

  it('go in batches of at most 64 kB', async () => {
    const big = testLetter({ words: 'x'.repeat(9_000), more: 'x'.repeat(5_000) });
    const many: Envelope[] = [];
    for (let n = 10; n < 17; n++) many.push(await sealedAnswer(platform, box.root, n, big));
    for (const answer of many) outbox.add(answer);
    expect(await send()).toBe(7);
    expect(hub.batches.map((batch) => idsIn(batch).length)).toEqual([3, 3, 1]);
    for (const batch of hub.batches) expect(batch.length).toBeLessThanOrEqual(64 * 1024 + 4);
  });

  it('are settled by a duplicate’s receipt too', async () => {
    hub.answer(encodeBatch([a]));
    outbox.add(a);
    expect(await send()).toBe(1);
    expect(outbox.outcome(a.header.id)?.receipt?.signed.seq).toBe(1);
  });
});

describe('a reply that is lost', () => {
  it('is asked for again with the same bytes, and the hub holds each answer once', async () => {
    for (const answer of [a, b]) outbox.add(answer);
    link.onBatch = (batch) => {
      hub.answer(batch);
      throw new RelaisError('no-link');
    };
    expect(await codeFrom(() => send())).toBe('no-link');
    expect(await waiting()).toHaveLength(2);
    link.onBatch = (batch) => hub.answer(batch);
    expect(await send()).toBe(2);
    expect(hub.batches).toHaveLength(2);
    expect(hub.batches[1]).toEqual(hub.batches[0]);
    expect(hub.held.size).toBe(2);
  });
});

describe('a reply that is none', () => {
  it.each([
    ['no link', () => Promise.reject(new RelaisError('no-link')), 'no-link'],
    ['a busy hub', () => Promise.reject(new RelaisError('busy')), 'busy'],
    ['a hub without these answers', () => ({ v: PROTOCOL_VERSION, results: [] }), 'no-link'],
    ['a page that happens to be JSON', () => ({ v: PROTOCOL_VERSION, ok: true }), 'no-link'],
    ['a later hub', () => ({ v: PROTOCOL_VERSION + 1, results: [] }), 'too-new'],
  ] as const)('%s: changes nothing, and ends the run', async (_, reply, code) => {
    for (const answer of [a, b]) outbox.add(answer);
    link.onBatch = reply;
    expect(await codeFrom(() => send())).toBe(code);
    expect(link.requests).toHaveLength(1);
    expect(await waiting()).toEqual([a.header.id, b.header.id]);
  });

  it('that names other answers changes nothing, and says what it cost', async () => {
    for (const answer of [a, c]) outbox.add(answer);
    link.onBatch = () => hub.answer(encodeBatch([b]));
    // Not tried again every few seconds: it is no link that costs nothing.
    const details = { what: 'no receipt', bytes: a.body.length + c.body.length };
    await expect(send()).rejects.toMatchObject({ code: 'no-link', details });
    expect(await waiting()).toEqual([a.header.id, c.header.id]);
  });
});

describe('a receipt that is none', () => {
  const reply = (answer: Envelope, receipt: unknown) => ({
    v: PROTOCOL_VERSION,
    results: [{ id: answer.header.id, status: 'stored', receipt }],
  });

  it.each([
    ['by a stranger’s hub', receiptFor(stranger, a)],
    ['for another answer', receiptFor(box.keys, b)],
    ['for other bytes', receiptFor(box.keys, { ...a, header: { ...a.header, hash: b.header.hash } })],
    ['without a signature', { ...receiptFor(box.keys, a), sigs: {} }],
    ['of another shape', { ok: true }],
    ['that is missing', undefined],
  ])('%s: changes nothing', async (_, receipt) => {
    outbox.add(a);
    link.onBatch = () => reply(a, receipt);
    expect(await codeFrom(() => send())).toBe('no-link');
    expect(outbox.outcome(a.header.id)).toEqual({});
    expect(await waiting()).toEqual([a.header.id]);
    expect(link.requests).toHaveLength(1);
  });

  it('does not hold up the receipts beside it', async () => {
    for (const answer of [a, b]) outbox.add(answer);
    link.onBatch = (batch) => {
      const { v, results } = hub.answer(batch) as { v: number; results: { id: string; receipt: unknown }[] };
      return { v, results: results.map((one) => (one.id === a.header.id ? { ...one, receipt: {} } : one)) };
    };
    expect(await codeFrom(() => send())).toBe('no-link');
    expect(await waiting()).toEqual([a.header.id]);
    expect(outbox.outcome(b.header.id)?.receipt).toBeDefined();
  });
});

describe('a refusal', () => {
  const refuses = (bad: Envelope, code: 'malformed' | 'too-large') => (batch: Uint8Array) => {
    if (idsIn(batch).includes(bad.header.id)) throw new RelaisError(code);
    return hub.answer(batch);
  };

  it.each(['malformed', 'too-large'] as const)('of a whole batch (%s) finds the one bad answer', async (code) => {
    for (const answer of answers) outbox.add(answer);
    link.onBatch = refuses(b, code);
    expect(await send()).toBe(3);
    expect(outbox.outcome(b.header.id)).toEqual({ code });
    for (const { header } of [a, c, d]) expect(outbox.outcome(header.id)?.receipt).toBeDefined();
    expect(link.requests).toHaveLength(5);
    expect(await waiting()).toEqual([]);
  });

  it('of one answer marks it for a person, and keeps it', async () => {
    for (const answer of [a, b]) outbox.add(answer);
    link.onBatch = (batch) => {
      const { v, results } = hub.answer(batch);
      const refused = { id: a.header.id, status: 'rejected', code: 'hash' };
      return { v, results: [refused, ...results.filter((one) => (one as { id: string }).id !== a.header.id)] };
    };
    expect(await send()).toBe(1);
    expect(outbox.outcome(a.header.id)).toEqual({ code: 'hash' });
    expect(await waiting()).toEqual([]);
    expect(await send()).toBe(0);
    expect(link.requests).toHaveLength(1);
  });

  it('of the only answer ends well', async () => {
    outbox.add(a);
    link.onBatch = () => ({
      v: PROTOCOL_VERSION,
      results: [{ id: a.header.id, status: 'rejected', code: 'hash' }],
    });
    expect(await send()).toBe(0);
    expect(outbox.outcome(a.header.id)).toEqual({ code: 'hash' });
    expect(link.requests).toHaveLength(1);
  });

  /** A hub that is not the addressee of these. */
  const notFor = (strays: readonly Envelope[]) => (batch: Uint8Array) => {
    const { v, results } = hub.answer(batch);
    const ids = strays.map(({ header }) => header.id);
    return {
      v,
      results: (results as { id: string }[]).map((one) =>
        ids.includes(one.id) ? { id: one.id, status: 'rejected', code: 'unknown-addressee' } : one,
      ),
    };
  };

  it('by a hub that is not the addressee leaves the answer waiting, and ends well', async () => {
    outbox.add(a);
    link.onBatch = notFor([a]);
    expect(await send()).toBe(0);
    expect(outbox.outcome(a.header.id)).toEqual({});
    expect(await waiting()).toEqual([a.header.id]);
    expect(link.requests).toHaveLength(1);
  });

  it('by a hub that is not the addressee does not hold up the others', async () => {
    for (const answer of [a, b, c]) outbox.add(answer);
    link.onBatch = notFor([a, c]);
    expect(await send()).toBe(1);
    expect(outbox.outcome(b.header.id)?.receipt).toBeDefined();
    expect(await waiting()).toEqual([a.header.id, c.header.id]);
    expect(link.requests).toHaveLength(1);
  });

  it('does not count where the link breaks while the bad one is looked for', async () => {
    for (const answer of [a, b]) outbox.add(answer);
    let calls = 0;
    link.onBatch = () => {
      calls++;
      throw new RelaisError(calls === 1 ? 'malformed' : 'no-link');
    };
    expect(await codeFrom(() => send())).toBe('no-link');
    expect(await waiting()).toEqual([a.header.id, b.header.id]);
  });
});

it('stops between two batches where it is aborted', async () => {
  const controller = new AbortController();
  for (const answer of [a, b]) outbox.add(answer);
  link.onBatch = (batch) => {
    controller.abort(new RelaisError('no-link'));
    return hub.answer(encodeBatch(parseBatch(batch).slice(0, 1)));
  };
  expect(await codeFrom(() => send(controller.signal))).toBe('no-link');
  expect(link.requests).toHaveLength(1);
  expect(await waiting()).toEqual([b.header.id]);
});

it('ends as what it is where it is aborted, though nothing is left to offer', async () => {
  const controller = new AbortController();
  outbox.add(a);
  link.onBatch = (batch) => {
    controller.abort(new RelaisError('paused'));
    return hub.answer(batch);
  };
  expect(await codeFrom(() => send(controller.signal))).toBe('paused');
  expect(await waiting()).toEqual([]);
});
