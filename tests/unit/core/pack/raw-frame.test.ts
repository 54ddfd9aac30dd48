import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { rawFrame } from '../../../../src/core/pack/raw-frame.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import { seededBytes } from '../../../support/fixtures.ts';

const BLOCK = 128 * 1024;
const bytes = seededBytes('raw frame')(3 * BLOCK);

describe('a frame of data as it is', () => {
  it.each([
    ['nothing', 0, 1],
    ['a byte', 1, 1],
    ['more than a length in one byte tells', 70_000, 1],
    ['all but a byte of a block', BLOCK - 1, 1],
    ['a block', BLOCK, 1],
    ['a block and a byte', BLOCK + 1, 2],
    ['three blocks', 3 * BLOCK, 3],
  ])('of %s (%i bytes) is read by everyone who knows zstd, and costs little more', (_, length, blocks) => {
    const data = bytes.subarray(0, length);
    const frame = rawFrame(data);
    expect(Buffer.from(data).equals(zstdDecompressSync(frame))).toBe(true);
    expect(Buffer.from(data).equals(webPlatform.inflate(frame, length))).toBe(true);
    // Magic, header, length; and three bytes for each block.
    expect(frame.length).toBe(4 + 1 + 4 + 3 * blocks + length);
  });

  it('says how long it is, so that what is too long is refused before it is unpacked', () => {
    const frame = rawFrame(bytes.subarray(0, 1_000));
    expect([...frame.subarray(5, 9)]).toEqual([0xe8, 0x03, 0, 0]);
    expect(() => webPlatform.inflate(frame, 999)).toThrow(expect.objectContaining({ code: 'too-large' }));
  });
});
