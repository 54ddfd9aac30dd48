import { codeOf, RelaisError } from '../errors.ts';
import { concat, fromBase64Url, Reader, toBase64Url, varint } from '../protocol/bytes.ts';
import type { SignedReceipt } from '../protocol/receipt.ts';

/**
 * Receipts as codes to be photographed (QR). The phone that an answer is of knows its id and hash: the beginning of the id, the hub's number
 * and its signature are enough, 74 bytes for most. `docs/protocol.md`, section 17.
 */

const RECEIPTS = 1;
/** What fits, with an address of 60 letters, into a code of version 17: 85 squares a side, which a small screen still shows large enough. */
export const RECEIPTS_A_CODE = 5;
/** So many receipts are shown: three codes, one after the other. */
export const MOST_IN_CODES = 3 * RECEIPTS_A_CODE;
/** Of the longest code that there is, in base64url. */
const MOST_LETTERS = 4_000;

const BEGINNING = 8;
const SIGNATURE = 64;

/** Receipts of one code: of whichever answer's id begins so. */
export interface ShortReceipts {
  /** `v` of what was signed. */
  readonly v: number;
  /** Key id of the hub. */
  readonly by: string;
  readonly receipts: readonly {
    /** The first 18 letters of a UUID. */
    readonly beginning: string;
    readonly seq: number;
    /** base64url. */
    readonly signature: string;
  }[];
}

/** As codes, those of one hub together, in their order. One without its hub's signature is left out. */
export const toCodes = (receipts: readonly SignedReceipt[]): readonly string[] => {
  const groups = new Map<string, SignedReceipt[]>();
  for (const receipt of receipts) {
    const { v, by } = receipt.signed;
    if (receipt.sigs[by] === undefined) continue;
    const key = `${v} ${by}`;
    groups.set(key, [...(groups.get(key) ?? []), receipt]);
  }
  return [...groups.values()].flatMap((group) => {
    const codes: string[] = [];
    for (let at = 0; at < group.length; at += RECEIPTS_A_CODE)
      codes.push(toCode(group.slice(at, at + RECEIPTS_A_CODE)));
    return codes;
  });
};

const toCode = (receipts: readonly SignedReceipt[]): string => {
  const { v, by } = (receipts[0] as SignedReceipt).signed;
  return toBase64Url(
    concat([
      Uint8Array.of(RECEIPTS, v),
      fromBase64Url(by),
      ...receipts.flatMap(({ signed: { id, seq }, sigs }) => [
        beginningOf(id),
        varint(seq),
        fromBase64Url(sigs[by] as string),
      ]),
    ]),
  );
};

const beginningOf = (id: string): Uint8Array => {
  const digits = id.replaceAll('-', '').slice(0, BEGINNING * 2);
  return Uint8Array.from({ length: BEGINNING }, (_, i) => Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16));
};

/** The bytes of a code, of whatever kind. Throws `malformed` or `too-large`. */
export const bytesOfCode = (code: string): Uint8Array => {
  if (code.length > MOST_LETTERS) throw new RelaisError('too-large', { what: 'code', letters: code.length });
  try {
    return fromBase64Url(code);
  } catch {
    throw new RelaisError('malformed', { what: 'code', letters: code.length });
  }
};

/**
 * Reads receipts. Nothing in them is believed before a signature was checked. Throws `truncated`, or `malformed`: also for another kind of code, since
 * nothing tells one of a newer app from one that was not read well.
 */
export const fromCode = (code: Uint8Array): ShortReceipts => {
  try {
    return readCode(new Reader(code));
  } catch (error) {
    throw new RelaisError(codeOf(error, 'malformed'), { what: 'code', kind: code[0] ?? 0, bytes: code.length });
  }
};

const readCode = (reader: Reader): ShortReceipts => {
  const kind = reader.byte();
  if (kind !== RECEIPTS) throw new RelaisError('malformed');
  const v = reader.byte();
  const by = toBase64Url(reader.take(8));
  const receipts: ShortReceipts['receipts'][number][] = [];
  while (reader.left > 0)
    receipts.push({
      beginning: beginningText(reader.take(BEGINNING)),
      seq: reader.varint(),
      signature: toBase64Url(reader.take(SIGNATURE)),
    });
  if (receipts.length === 0 || receipts.length > RECEIPTS_A_CODE) throw new RelaisError('malformed');
  return { v, by, receipts };
};

const beginningText = (bytes: Uint8Array): string => {
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12)}`;
};
