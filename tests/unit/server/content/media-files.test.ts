import { describe, expect, it } from 'vitest';
import { avifSize, opusSeconds, webpSize } from '../../../../server/content/media-files.ts';
import { mediaFile } from '../../../support/media.ts';

const webp = mediaFile('akashganga', 'milk-and-money-320.webp');
const avif = mediaFile('akashganga', 'milk-and-money-640.avif');
const opus = mediaFile('akashganga', 'fr.opus');

describe('the first bytes of a picture', () => {
  it('tell its size', () => {
    expect(webpSize(webp)).toEqual({ width: 320, height: 292 });
    expect(avifSize(avif)).toEqual({ width: 640, height: 584 });
  });

  it('tell what it is not', () => {
    expect(webpSize(avif)).toBeUndefined();
    expect(avifSize(webp)).toBeUndefined();
    for (const other of [Buffer.alloc(0), Buffer.from('<svg onload="alert(1)"/>'), opus, Buffer.from('RIFF')]) {
      expect(webpSize(other)).toBeUndefined();
      expect(avifSize(other)).toBeUndefined();
    }
  });

  // Lossy (VP8), lossless (VP8L) and extended (VP8X), as libwebp writes them.
  it.each([
    ['VP8 ', '524946463c000000574542505650382030000000d001009d012a10000c0002003425a00274ba01f80003b000fefef0', 16, 12],
    [
      'VP8L',
      '52494646 1a000000 57454250 5650384c 0d000000 2f0fc002 00 0710 fd8ffe070622a2ff0100'.replaceAll(' ', ''),
      16,
      12,
    ],
    ['VP8X', '524946461a00000057454250565038580a000000100000000f00000b0000', 16, 12],
  ])('of kind %s', (_, hex, width, height) => {
    expect(webpSize(Buffer.from(hex, 'hex'))).toEqual({ width, height });
  });
});

describe('a recording', () => {
  it('tells its length, rounded up', () => {
    expect(opusSeconds(opus)).toBe(28);
  });

  it('is none where it is cut in the middle of a page, or was never one', () => {
    expect(opusSeconds(opus.subarray(0, -1))).toBeUndefined();
    expect(opusSeconds(webp)).toBeUndefined();
    expect(opusSeconds(Buffer.alloc(0))).toBeUndefined();
    const vorbis = Buffer.from(opus);
    vorbis.write('\u0001vorbis', opus.indexOf('OpusHead'), 'latin1');
    expect(opusSeconds(vorbis)).toBeUndefined();
  });
});
