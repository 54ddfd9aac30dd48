import { concat } from '../protocol/bytes.ts';

/** Largest block of a zstd frame (RFC 8878). */
const MAX_BLOCK = 128 * 1024;
/** Magic; then a header that says: one segment, its length in four bytes. */
const BEGINNING = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xa0);

/** A number in so many bytes, the lowest first. */
const lowFirst = (value: number, bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => (value >>> (8 * i)) & 0xff);

/** A zstd frame that holds data as it is: for devices, which have nothing that compresses, and sticks, which have room. */
export const rawFrame = (data: Uint8Array): Uint8Array => {
  const parts: Uint8Array[] = [BEGINNING, lowFirst(data.length, 4)];
  let at = 0;
  do {
    const block = data.subarray(at, at + MAX_BLOCK);
    at += MAX_BLOCK;
    // Whether it is the last one, its kind (0: as it is), its length.
    parts.push(lowFirst((block.length << 3) | (at >= data.length ? 1 : 0), 3), block);
  } while (at < data.length);
  return concat(parts);
};
