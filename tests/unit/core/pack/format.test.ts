import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { deflate } from '../../../../server/publish/packs.ts';
import {
  encodePack,
  encodeSection,
  findSection,
  isSection,
  MAX_PACK,
  MAX_UNPACKED,
  PACK_MAGIC,
  readPack,
  replaceHead,
  SectionType,
} from '../../../../src/core/pack/format.ts';
import type { Platform } from '../../../../src/core/platform.ts';
import { concat, u32, utf8 } from '../../../../src/core/protocol/bytes.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import { codeFrom, flipped, seededBytes } from '../../../support/fixtures.ts';

const noise = seededBytes('noise')(300);
const sections = [
  { type: SectionType.head, payload: utf8('{"head":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}') },
  { type: SectionType.roots, payload: utf8('a'.repeat(5_000)) },
  { type: SectionType.table, payload: new Uint8Array(0) },
  { type: SectionType.bodies, payload: noise },
];
const pack = await encodePack(webPlatform, deflate, sections);
const plain = (list: readonly { type: number; payload: Uint8Array }[]) =>
  list.map(({ type, payload }) => ({ type, payload: Uint8Array.from(payload) }));
const lengths = await Promise.all(sections.map((one) => encodeSection(webPlatform, deflate, one))).then((all) =>
  all.map(({ length }) => length),
);

describe('a pack', () => {
  it('reads back what was written', async () => {
    const read = await readPack(webPlatform, pack);
    expect(read.whole).toBe(true);
    expect(plain(read.sections)).toEqual(plain(sections));
    expect(findSection(read, SectionType.bodies)).toEqual(noise);
    expect(findSection(read, SectionType.deltas)).toBeUndefined();
  });

  it('stores a head, and whatever does not get smaller, as it is', async () => {
    expect(lengths[0]).toBe(38 + (sections[0]?.payload.length ?? 0));
    expect(lengths[1]).toBeLessThan(200);
    expect(lengths[3]).toBe(38 + 300);
  });

  it('gives every whole section of a cut one, and says that it is cut', async () => {
    const ends = lengths.map((_, i) => 4 + lengths.slice(0, i + 1).reduce((a, b) => a + b, 0));
    for (let length = 4; length <= pack.length; length++) {
      const read = await readPack(webPlatform, pack.slice(0, length));
      const whole = ends.filter((end) => end <= length).length;
      expect(plain(read.sections), `${length} bytes`).toEqual(plain(sections.slice(0, whole)));
      expect(read.whole, `${length} bytes`).toBe(length === 4 || ends.includes(length));
    }
  });

  it('passes over sections that it does not know', async () => {
    const unknown = concat([Uint8Array.of(200, 9), u32(noise.length), await webPlatform.sha256(noise), noise]);
    const later = concat([PACK_MAGIC, unknown, pack.subarray(PACK_MAGIC.length)]);
    const read = await readPack(webPlatform, later);
    expect(read.whole).toBe(true);
    expect(findSection(read, SectionType.roots)).toHaveLength(5_000);
  });

  it.each([
    ['an empty body', new Uint8Array(0)],
    ['three bytes', pack.slice(0, 3)],
    ['a portal’s page', utf8('<!doctype html><title>Sign in</title>')],
    ['other magic', concat([utf8('RLB'), Uint8Array.of(1)])],
  ])('is not %s: that is no link', async (what, bytes) => {
    // A portal is named: whoever looks at the log is told to sign in, and not to wait.
    await expect(readPack(webPlatform, bytes)).rejects.toMatchObject({
      code: 'no-link',
      details: { what: what.startsWith('a portal') ? 'portal' : 'not a pack', bytes: bytes.length },
    });
  });

  it('of a later version is too new', async () => {
    const later = concat([utf8('RLP'), Uint8Array.of(2)]);
    await expect(readPack(webPlatform, later)).rejects.toMatchObject({
      code: 'too-new',
      details: { what: 'pack', v: 2 },
    });
  });

  const oneSection = async (payload: Uint8Array, coding: number, length = payload.length) =>
    concat([PACK_MAGIC, Uint8Array.of(7, coding), u32(length), await webPlatform.sha256(payload), payload]);

  it('is refused where a section is not what its hash says', async () => {
    const wrong = Uint8Array.from(pack);
    wrong[wrong.length - 1] = (wrong.at(-1) as number) ^ 1;
    await expect(readPack(webPlatform, wrong)).rejects.toMatchObject({
      code: 'tampered',
      details: { what: 'section', type: SectionType.bodies },
    });
  });

  it('is refused where a section claims more than a pack may hold', async () => {
    for (const length of [MAX_PACK + 1, 2 ** 31]) {
      await expect(readPack(webPlatform, await oneSection(noise, 0, length))).rejects.toMatchObject({
        code: 'too-large',
        details: { what: 'section', length },
      });
    }
    // As much as it may: that is on its way.
    expect(await readPack(webPlatform, await oneSection(noise, 0, MAX_PACK))).toMatchObject({
      sections: [],
      whole: false,
    });
  });

  it('is refused for a coding that it does not know', async () => {
    await expect(readPack(webPlatform, await oneSection(noise, 2))).rejects.toMatchObject({
      code: 'too-new',
      details: { what: 'coding', coding: 2 },
    });
  });

  it('gives no section that is no zstd', async () => {
    const read = await readPack(webPlatform, await oneSection(noise, 1));
    expect(await codeFrom(() => read.sections[0]?.payload)).toBe('tampered');
  });

  /** A pack of sections that are bombs: a few kilobytes that claim, and unpack to, many megabytes of nothing. */
  const bombs = async (...list: readonly (readonly [type: number, bytes: number])[]): Promise<Uint8Array> => {
    const parts = list.map(async ([type, bytes]) => {
      const bomb = new Uint8Array(zstdCompressSync(new Uint8Array(bytes)));
      expect(bomb.length).toBeLessThan(20_000);
      return concat([Uint8Array.of(type, 1), u32(bomb.length), await webPlatform.sha256(bomb), bomb]);
    });
    return concat([PACK_MAGIC, ...(await Promise.all(parts))]);
  };

  it('unpacks nothing that is not asked for, and each section once', async () => {
    let unpacked = 0;
    const counting: Platform = {
      ...webPlatform,
      inflate(frame, limit) {
        unpacked++;
        return webPlatform.inflate(frame, limit);
      },
    };
    const read = await readPack(counting, pack);
    expect(read.sections).toHaveLength(4);
    expect(findSection(read, SectionType.head)).toEqual(sections[0]?.payload);
    expect(unpacked).toBe(0);
    for (let n = 0; n < 2; n++) expect(findSection(read, SectionType.roots)).toHaveLength(5_000);
    expect(unpacked).toBe(1);
  });

  it('gives no small section that unpacks to more than the cap', async () => {
    const read = await readPack(webPlatform, await bombs([SectionType.bodies, MAX_UNPACKED + 1]));
    expect(await codeFrom(() => read.sections[0]?.payload)).toBe('too-large');
  });

  it('gives no more than the cap for all sections and the frames in them together', async () => {
    const half = MAX_UNPACKED / 2;
    const read = await readPack(
      webPlatform,
      await bombs([SectionType.rows, half], [SectionType.deltas, half - 100], [SectionType.bodies, 101]),
    );
    expect(findSection(read, SectionType.rows)).toHaveLength(half);
    expect(findSection(read, SectionType.deltas)).toHaveLength(half - 100);
    expect(await codeFrom(() => findSection(read, SectionType.bodies))).toBe('too-large');
    const frame = (bytes: number) => new Uint8Array(zstdCompressSync(new Uint8Array(bytes)));
    expect(read.inflate(frame(60), MAX_UNPACKED)).toHaveLength(60);
    expect(await codeFrom(() => read.inflate(frame(60), MAX_UNPACKED))).toBe('too-large');
  });

  it.each(['head', 'roots'] as const)('gives no %s of more than 4 MiB: nobody has signed it yet', async (type) => {
    const most = 4 << 20;
    const read = await readPack(webPlatform, await bombs([SectionType[type], most + 1], [SectionType[type], most]));
    expect(await codeFrom(() => read.sections[0]?.payload)).toBe('too-large');
    expect(read.sections[1]?.payload).toHaveLength(most);
  });
});

describe('a section that was put away', () => {
  const kept = Promise.all(sections.map((one) => encodeSection(webPlatform, deflate, one)));

  it('is taken as it is, packed or not, empty or not', async () => {
    for (const section of await kept) expect(await isSection(webPlatform, section)).toBe(true);
  });

  it('is none where it was cut, has more behind it, or its length or a byte is wrong: it is made anew', async () => {
    for (const section of await kept) {
      for (let length = 0; length < section.length; length++)
        expect(await isSection(webPlatform, section.subarray(0, length)), `${length} bytes`).toBe(false);
      expect(await isSection(webPlatform, concat([section, Uint8Array.of(0)]))).toBe(false);
      // Type and coding are not in its hash.
      for (let bit = 2 * 8; bit < section.length * 8; bit += 5)
        expect(await isSection(webPlatform, flipped(section, bit)), `bit ${bit}`).toBe(false);
    }
  });
});

describe('replaceHead', () => {
  it('puts in another head of the same length and leaves the rest', async () => {
    const other = utf8(
      Buffer.from(sections[0]?.payload as Uint8Array)
        .toString()
        .replaceAll('a', 'b'),
    );
    const replaced = await replaceHead(webPlatform, pack, other);
    const read = await readPack(webPlatform, replaced as Uint8Array);
    expect(plain(read.sections)).toEqual(plain([{ type: SectionType.head, payload: other }, ...sections.slice(1)]));
    expect(read.whole).toBe(true);
  });

  it('leaves the pack that it was given as it is', async () => {
    const before = Uint8Array.from(pack);
    await replaceHead(webPlatform, pack, new Uint8Array(sections[0]?.payload.length ?? 0));
    expect(pack).toEqual(before);
  });

  it('puts in a head of another length: a box whose first clock said 1970', async () => {
    const other = utf8('{"head":"short"}');
    const read = await readPack(webPlatform, (await replaceHead(webPlatform, pack, other)) as Uint8Array);
    expect(plain(read.sections)).toEqual(plain([{ type: SectionType.head, payload: other }, ...sections.slice(1)]));
    expect(read.whole).toBe(true);
  });

  it.each(['', '{"head":"one"}'])('puts one in the place of a head with nothing behind it: %j', async (before) => {
    const head = (text: string) => encodePack(webPlatform, deflate, [{ type: SectionType.head, payload: utf8(text) }]);
    expect(await replaceHead(webPlatform, await head(before), utf8('{"head":"two"}'))).toEqual(
      await head('{"head":"two"}'),
    );
  });

  it('does nothing where there is no head', async () => {
    expect(await replaceHead(webPlatform, pack.slice(0, 60), utf8('x'))).toBeUndefined();
    const headless = await encodePack(webPlatform, deflate, sections.slice(1));
    expect(await replaceHead(webPlatform, headless, sections[0]?.payload as Uint8Array)).toBeUndefined();
    expect(await replaceHead(webPlatform, PACK_MAGIC, utf8('x'))).toBeUndefined();
  });
});
