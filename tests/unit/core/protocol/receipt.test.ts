import { describe, expect, it } from 'vitest';
import { parseReply, type Receipt, verifyReceipt } from '../../../../src/core/protocol/receipt.ts';
import { PROTOCOL_VERSION } from '../../../../src/core/protocol/version.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import {
  codeFrom,
  openBox,
  receiptFor,
  sealedAnswer,
  seededKeys,
  seededPlatform,
  signAll,
} from '../../../support/fixtures.ts';

const box = await openBox();
const stranger = await seededKeys('stranger');
const platform = seededPlatform('receipt');
const envelope = await sealedAnswer(platform, box.root, 1);
const other = await sealedAnswer(platform, box.root, 2);
const receipt = receiptFor(box.keys, envelope, 7);
const verify = (value: unknown) => verifyReceipt(webPlatform, box.root, envelope.header, value);
const signed = (change: Partial<Receipt>) => signAll([box.keys.hub], 'receipt', { ...receipt.signed, ...change });

describe('verifyReceipt', () => {
  it('takes the hub’s receipt for exactly this answer', async () => {
    expect(await verify(receipt)).toEqual(receipt);
    expect(await verify(JSON.parse(JSON.stringify(receipt)))).toEqual(receipt);
  });

  it.each([
    ['another answer', receiptFor(box.keys, other)],
    ['another id', signed({ id: other.header.id })],
    ['other bytes', signed({ hash: other.header.hash })],
    ['another hub’s key', receiptFor(stranger, envelope)],
    ['a hub that the root does not name', signed({ by: stranger.hub.id })],
    // 11 letters, as a key id has them, and every object has one of this name.
    [
      'a hub named constructor',
      signAll([{ ...box.keys.hub, id: 'constructor' }], 'receipt', { ...receipt.signed, by: 'constructor' }),
    ],
    ['the publisher’s key', signAll([box.keys.publisher], 'receipt', { ...receipt.signed, by: box.keys.publisher.id })],
    ['a signature of something else', { ...receipt, sigs: signed({ seq: 8 }).sigs }],
    ['a sequence that was not signed', { ...receipt, signed: { ...receipt.signed, seq: 8 } }],
    ['a signature as of a head', signAll([box.keys.hub], 'head', receipt.signed)],
    ['no signature', { ...receipt, sigs: {} }],
    ['the hub’s signature under a stranger’s name', signAll([stranger.hub], 'receipt', receipt.signed)],
  ])('refuses a receipt with %s', async (_, value) => {
    expect(await verify(value)).toBeUndefined();
  });

  it.each([
    ['nothing', undefined],
    ['a word', 'stored'],
    ['sequence 0', signed({ seq: 0 })],
    ['an unknown field', { ...receipt, more: 1 }],
    ['a signature that is too short', { ...receipt, sigs: { [box.keys.hub.id]: 'AA' } }],
  ])('throws for %s', async (_, value) => {
    expect(await codeFrom(() => verify(value))).toBe('malformed');
  });
});

describe('parseReply', () => {
  const { id } = envelope.header;
  it('reads results of every kind', () => {
    const results = [
      { id, status: 'stored', receipt },
      { id, status: 'duplicate', receipt: null },
      { id, status: 'rejected', code: 'hash' },
    ];
    expect(parseReply({ v: PROTOCOL_VERSION, results }).results).toEqual(results);
    expect(parseReply({ v: PROTOCOL_VERSION, results: [] }).results).toEqual([]);
  });

  it.each([
    ['a portal’s JSON', { ok: true }],
    ['an error', { v: PROTOCOL_VERSION, error: 'malformed' }],
    ['an unknown status', { v: PROTOCOL_VERSION, results: [{ id, status: 'ok' }] }],
    ['a refusal without a code', { v: PROTOCOL_VERSION, results: [{ id, status: 'rejected' }] }],
    ['an id that is none', { v: PROTOCOL_VERSION, results: [{ id: '1', status: 'rejected', code: 'x' }] }],
    ['null', null],
  ])('refuses %s', async (_, value) => {
    expect(await codeFrom(() => parseReply(value))).toBe('malformed');
  });
});
