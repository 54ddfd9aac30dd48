import { generate } from 'lean-qr/nano';
import { describe, expect, it } from 'vitest';
import { codeIn, codeLink } from '../../../../src/core/carry/code-link.ts';
import { bytesOfCode, fromCode, RECEIPTS_A_CODE, toCodes } from '../../../../src/core/carry/short.ts';
import { takeCode } from '../../../../src/core/carry/take.ts';
import { concat, fromBase64Url, toBase64Url } from '../../../../src/core/protocol/bytes.ts';
import type { SignedReceipt } from '../../../../src/core/protocol/receipt.ts';
import { MemoryOutbox } from '../../../../src/store/memory-outbox.ts';
import { codeFrom, openBox, receiptFor, sealedAnswer, seededKeys, seededPlatform } from '../../../support/fixtures.ts';

const platform = seededPlatform('codes');
const box = await openBox('codes');
const stranger = await seededKeys('a stranger');
const library = { root: box.root, identity: 'pinned', head: undefined, table: undefined };
const answers = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((n) => sealedAnswer(platform, box.root, n)));
const receipts = answers.map((answer, i) => receiptFor(box.keys, answer, 2 ** (4 * i)));
const [code = '', rest = ''] = toCodes(receipts);

const read = (text: string) => fromCode(bytesOfCode(text));
const take = (outbox: MemoryOutbox, text: string): Promise<number> =>
  takeCode(platform, library, outbox, bytesOfCode(text));
const outboxWith = (...some: typeof answers): MemoryOutbox => {
  const outbox = new MemoryOutbox();
  for (const answer of some) outbox.add(answer);
  return outbox;
};

describe('receipts as codes', () => {
  it('settle the answers that they are of, and no others', async () => {
    const [one, , three] = answers as [(typeof answers)[0], (typeof answers)[0], (typeof answers)[0]];
    const outbox = outboxWith(one, three);
    expect(await take(outbox, code)).toBe(2);
    expect(outbox.outcome(one.header.id)).toEqual({ receipt: receipts[0] });
    expect(outbox.outcome(three.header.id)).toEqual({ receipt: receipts[2] });
    expect(await take(outbox, code)).toBe(0);
    const others = outboxWith(...answers.slice(5));
    expect([await take(others, code), await take(others, rest)]).toEqual([0, 2]);
  });

  it('settle answers that were only carried here', async () => {
    const outbox = new MemoryOutbox();
    for (const answer of answers.slice(0, 2)) await outbox.carry(answer);
    expect(await take(outbox, code)).toBe(2);
    expect(await outbox.receipts(9, true)).toHaveLength(2);
  });

  it('have five in one, which a small screen shows large enough, and a long address leaves it so', () => {
    expect(toCodes(receipts)).toHaveLength(2);
    expect(read(code).receipts).toHaveLength(RECEIPTS_A_CODE);
    const largest = toCodes(receipts.slice(0, 5).map(big))[0] ?? '';
    const link = codeLink(`https://${'a'.repeat(44)}.example`, largest);
    expect(generate(link).size).toBeLessThanOrEqual(85);
    expect(codeIn(new URL(link).hash)).toBe(largest);
  });

  it('are apart for each hub', async () => {
    const other = await seededKeys('another hub of the library');
    const mixed = [receipts[0], receiptFor(other, answers[1] as (typeof answers)[0], 9), receipts[2]];
    expect(toCodes(mixed as SignedReceipt[]).map((one) => read(one).receipts.length)).toEqual([2, 1]);
  });

  it('change nothing by a stranger’s key, or with any letter changed', async () => {
    const outbox = outboxWith(...answers.slice(0, 1));
    const forged = toCodes([receiptFor(stranger, answers[0] as (typeof answers)[0], 1)])[0] ?? '';
    expect(await codeFrom(() => take(outbox, forged))).toBe('foreign-root');
    const own = toCodes(receipts.slice(0, 1))[0] ?? '';
    const bytes = fromBase64Url(own);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 1 : byte));
      expect(await take(outbox, toBase64Url(changed)).catch(() => 0)).toBe(0);
    }
    expect(outbox.outcome((answers[0] as (typeof answers)[0]).header.id)).toEqual({});
    expect(await take(outbox, own)).toBe(1);
  });

  it('are refused aloud where one is false, and the true ones beside it are taken', async () => {
    const [one, two] = answers as [(typeof answers)[0], (typeof answers)[0]];
    const falseOne = { ...receiptFor(box.keys, one, 1), sigs: (receipts[1] as SignedReceipt).sigs };
    const [mixed = ''] = toCodes([falseOne, receiptFor(box.keys, two, 2)]);
    const outbox = outboxWith(one, two);
    expect(await codeFrom(() => take(outbox, mixed))).toBe('tampered');
    expect(outbox.outcome(one.header.id)).toEqual({});
    expect(outbox.outcome(two.header.id)).toMatchObject({ receipt: { signed: { seq: 2 } } });
    // Of answers that are not here nobody can tell.
    expect(await take(outboxWith(...answers.slice(5)), mixed)).toBe(0);
  });

  it.each([
    ['no letters of ours', 'é&', 'malformed'],
    ['another spelling of the same bytes', `${toBase64Url(Uint8Array.of(1, 2, 3, 4)).slice(0, -1)}9`, 'malformed'],
    ['bytes that end too early', code.slice(0, 44), 'truncated'],
    ['nothing', '', 'truncated'],
    ['no receipt in it', toBase64Url(Uint8Array.of(1, 2, ...new Array(8).fill(0))), 'malformed'],
    [
      'more than there are in one',
      toBase64Url(concat([fromBase64Url(code), fromBase64Url(rest).subarray(10)])),
      'malformed',
    ],
    ['a kind that this app does not know', toBase64Url(Uint8Array.of(3, 2, 0)), 'malformed'],
    ['more letters than a code can have', 'A'.repeat(4_001), 'too-large'],
  ])('are refused with %s', async (_, text, expected) => {
    expect(await codeFrom(async () => read(text))).toBe(expected);
  });
});

/** With the largest number that a hub gives. */
const big = (receipt: SignedReceipt): SignedReceipt => ({ ...receipt, signed: { ...receipt.signed, seq: 2 ** 34 } });
