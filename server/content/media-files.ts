/** What the first bytes of a picture or a recording say of it: nothing is taken for what its name claims. */

const ascii = (data: Uint8Array, from: number, to: number): string =>
  Buffer.from(data.subarray(from, to)).toString('latin1');

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Size of a WebP in pixels; undefined where it is none. */
export const webpSize = (data: Uint8Array): Size | undefined => {
  if (data.length < 30 || ascii(data, 0, 4) !== 'RIFF' || ascii(data, 8, 12) !== 'WEBP') return undefined;
  const view = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  switch (ascii(data, 12, 16)) {
    case 'VP8X':
      return { width: view.readUIntLE(24, 3) + 1, height: view.readUIntLE(27, 3) + 1 };
    case 'VP8L': {
      const bits = view.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
    }
    case 'VP8 ':
      return { width: view.readUInt16LE(26) & 0x3fff, height: view.readUInt16LE(28) & 0x3fff };
    default:
      return undefined;
  }
};

/** Size of an AVIF in pixels, as its largest `ispe` property has it; undefined where it is none. */
export const avifSize = (data: Uint8Array): Size | undefined => {
  if (data.length < 32 || ascii(data, 4, 8) !== 'ftyp' || !/avi[fs]/.test(ascii(data, 8, 32))) return undefined;
  const view = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  let size: Size | undefined;
  for (let at = view.indexOf('ispe'); at >= 0 && at + 16 <= view.length; at = view.indexOf('ispe', at + 4)) {
    const [width, height] = [view.readUInt32BE(at + 8), view.readUInt32BE(at + 12)];
    if (size === undefined || width > size.width) size = { width, height };
  }
  return size;
};

/** Samples a second that Opus counts in, whatever was recorded. */
const OPUS_RATE = 48_000;

/**
 * Length of an Ogg Opus recording in whole seconds, rounded up; undefined where it is none, or is cut in the middle of a page.
 * Pages: RFC 3533 section 6; header and granule position: RFC 7845 sections 4 and 5.1.
 */
export const opusSeconds = (data: Uint8Array): number | undefined => {
  const view = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  let preSkip: number | undefined;
  let last = 0n;
  let at = 0;
  while (at < view.length) {
    if (at + 27 > view.length || ascii(view, at, at + 4) !== 'OggS') return undefined;
    const segments = view.readUInt8(at + 26);
    const body = at + 27 + segments;
    const end = body + view.subarray(at + 27, body).reduce((sum, length) => sum + length, 0);
    if (end > view.length) return undefined;
    if (preSkip === undefined) {
      if (end - body < 19 || ascii(view, body, body + 8) !== 'OpusHead') return undefined;
      preSkip = view.readUInt16LE(body + 10);
    }
    const granule = view.readBigInt64LE(at + 6);
    if (granule > last) last = granule;
    at = end;
  }
  if (preSkip === undefined) return undefined;
  const samples = Number(last) - preSkip;
  return samples > 0 ? Math.ceil(samples / OPUS_RATE) : undefined;
};
