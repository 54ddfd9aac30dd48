import { RelaisError } from '../errors.ts';
import { concat } from '../protocol/bytes.ts';

/** Bytes through one of the platform's streams. Throws `too-large` past `most` bytes, `malformed` where they do not go through. */
export const through = async (
  stream: CompressionStream | DecompressionStream,
  bytes: Uint8Array,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> => {
  const writer = stream.writable.getWriter();
  void writer.write(bytes as Uint8Array<ArrayBuffer>).catch(() => {});
  void writer.close().catch(() => {});
  const reader = stream.readable.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const next = await reader.read().catch(() => undefined);
    if (!next) throw new RelaisError('malformed', { what: 'compressed' });
    if (next.done) return concat(parts);
    length += next.value.length;
    if (length > most) {
      void reader.cancel().catch(() => {});
      throw new RelaisError('too-large', { what: 'unpacked', most });
    }
    parts.push(next.value);
  }
};
