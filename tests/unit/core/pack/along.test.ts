import { describe, expect, it } from 'vitest';
import { type Along, alongOf, FirstEnd, readAlong } from '../../../../src/core/pack/along.ts';
import { encodePack, PACK_MAGIC, readPack, SectionType } from '../../../../src/core/pack/format.ts';
import { concat, utf8 } from '../../../../src/core/protocol/bytes.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import { seededBytes } from '../../../support/fixtures.ts';

const HEADER = 38;
const same = (data: Uint8Array): Uint8Array => data;
const packOf = (sections: Readonly<Partial<Record<keyof typeof SectionType, Uint8Array>>>): Promise<Uint8Array> =>
  encodePack(
    webPlatform,
    same,
    Object.entries(sections).map(([type, payload]) => ({
      type: SectionType[type as keyof typeof SectionType],
      payload,
    })),
  );
const append = async (first: Uint8Array, others: Readonly<Record<string, Uint8Array>>): Promise<Uint8Array> =>
  concat([first, await alongOf(webPlatform, first, Object.entries(others))]);
const wholly = (shelf: string, pack: Uint8Array): Along => ({ shelf, bytes: Uint8Array.from(pack), whole: true });

const head = utf8('{"head":"one"}');
const tableChange = utf8('{"table":"change"}');
const fr = await packOf({ head, tableChange, rows: utf8('rows of fr'), deltas: utf8('deltas of fr') });
const en = await packOf({ head, tableChange, rows: utf8('rows of en'), deltas: utf8('deltas of en') });
const ar = await packOf({ head, alerts: utf8('{"urgent":"ar"}'), tableChange });
const bn = await packOf({ head, tableChange });
/** A pack of so many small sections, each another. */
const manyOf = (count: number): Promise<Uint8Array> =>
  encodePack(
    webPlatform,
    same,
    Array.from({ length: count }, (_, n) => ({ type: SectionType.bodies, payload: Uint8Array.of(n >> 8, n, 0) })),
  );
/** A section that no other pack has. */
const OWN = (await packOf({ rows: utf8('own') })).subarray(PACK_MAGIC.length);
/** Bytes that may follow the first pack. */
const ROOM = 16 << 10;
const all = await append(fr, { en, bn, ar });

describe('packs of other shelves behind the first', () => {
  it('come back as the very bytes that the tree has, without what has nothing of its own', () => {
    expect(readAlong(all)).toEqual({ first: fr, others: [wholly('en', en), wholly('ar', ar)] });
    expect(readAlong(fr)).toEqual({ first: fr, others: [] });
  });

  it('say once what they share', async () => {
    const shared = head.length + tableChange.length + 2 * HEADER;
    const recipe = 1 + 4 + 'en'.length;
    const alone = await append(fr, { en });
    expect(alone.length).toBe(fr.length + HEADER + recipe + (en.length - PACK_MAGIC.length - shared));
    expect([...alone.subarray(fr.length + HEADER, fr.length + HEADER + recipe)]).toEqual([
      4,
      0,
      1,
      255,
      255,
      ...utf8('en'),
    ]);
    expect(alone[fr.length]).toBe(11);
  });

  it('give of a cut one what came of each, to be gone on with', () => {
    const [otherEn, otherAr] = [fr.length, fr.length + (all.length - fr.length) / 2];
    expect(otherAr).toBeGreaterThan(otherEn);
    for (let length = PACK_MAGIC.length; length < all.length; length++) {
      const { first, others } = readAlong(all.subarray(0, length));
      expect(first, `${length}`).toEqual(fr.subarray(0, length));
      for (const { shelf, bytes, whole } of others) {
        const pack = { en, ar }[shelf];
        expect(bytes, `${length}`).toEqual(pack?.slice(0, bytes.length));
        expect(whole, `${length}`).toBe(bytes.length === pack?.length);
      }
    }
    expect(readAlong(all.subarray(0, all.length - 1)).others.map(({ whole }) => whole)).toEqual([true, false]);
  });

  it('are found where they begin, in parts of any size', () => {
    for (const size of [1, 7, 38, 100, all.length]) {
      const end = new FirstEnd();
      const found: (number | undefined)[] = [];
      for (let at = 0; at < all.length; at += size) found.push(end.take(at, all.subarray(at, at + size)));
      expect(found.at(-1), `${size}`).toBe(fr.length);
      const before = Math.floor(fr.length / size);
      expect(
        found.slice(0, before).every((one) => one === undefined),
        `${size}`,
      ).toBe(true);
    }
    expect(new FirstEnd().take(0, fr)).toBeUndefined();
  });

  it('end where there is no more room', async () => {
    const large = await packOf({ head, deltas: seededBytes('large')(9_000) });
    const larger = await packOf({ head, deltas: seededBytes('larger')(9_000) });
    const read = readAlong(await append(fr, { en, large, larger, ar }));
    expect(read.others.map(({ shelf }) => shelf)).toEqual(['en', 'large']);
  });

  it('fill the room to its last byte', async () => {
    const more = 1 + 2 + 'xx'.length + 2 * HEADER;
    const exact = await packOf({ head, deltas: seededBytes('exact')(ROOM - more) });
    expect((await alongOf(webPlatform, bn, [['xx', exact]])).length).toBe(ROOM);
    const over = await packOf({ head, deltas: seededBytes('over')(ROOM - more + 1) });
    expect(await alongOf(webPlatform, bn, [['xx', over]])).toHaveLength(0);
  });

  it('come from packs of many sections, as far as a byte counts them', async () => {
    // A large shelf has its bodies in many sections.
    const many = await manyOf(300);
    for (const [count, whole] of [
      [254, true],
      [255, true],
      [256, false],
    ] as const) {
      const pack = concat([many.subarray(0, PACK_MAGIC.length + (count - 1) * (HEADER + 3)), OWN]);
      const read = readAlong(await append(many, { en: pack, ar: concat([PACK_MAGIC, OWN]) }));
      expect(read.first).toEqual(many);
      // What is too much for a recipe is asked for by itself, and does not stand in the way of the next.
      const ar = wholly('ar', concat([PACK_MAGIC, OWN]));
      expect(read.others, `${count}`).toEqual(whole ? [wholly('en', pack), ar] : [ar]);
    }
  });

  it('share no section of the first that a recipe cannot name', async () => {
    const many = await manyOf(300);
    const at = (n: number): Uint8Array =>
      many.subarray(PACK_MAGIC.length + n * (HEADER + 3), PACK_MAGIC.length + (n + 1) * (HEADER + 3));
    for (const n of [254, 255, 256, 299]) {
      const pack = concat([PACK_MAGIC, at(0), at(n), OWN]);
      expect(readAlong(await append(many, { en: pack })).others, `${n}`).toEqual([wholly('en', pack)]);
    }
  });

  it('are none where a recipe has no end', async () => {
    const withRecipe = async (length: number): Promise<Uint8Array> => {
      const section = { type: SectionType.along, payload: new Uint8Array(length) };
      return concat([bn, (await encodePack(webPlatform, same, [section])).subarray(PACK_MAGIC.length)]);
    };
    expect(readAlong(await withRecipe(512)).others).toHaveLength(1);
    for (const length of [513, 300_000]) expect(readAlong(await withRecipe(length))).toEqual({ first: bn, others: [] });
  });

  it('may stand behind a first one that has nothing', async () => {
    const behind = concat([PACK_MAGIC, all.subarray(fr.length)]);
    expect(readAlong(behind).first).toEqual(Uint8Array.from(PACK_MAGIC));
    expect(new FirstEnd().take(0, behind)).toBe(PACK_MAGIC.length);
  });

  it('with nonsense in their recipe are a beginning that lacks its rest', async () => {
    const nonsense = await encodePack(webPlatform, same, [
      { type: SectionType.along, payload: Uint8Array.of(3, 0, 77, 255, ...utf8('en')) },
      { type: SectionType.along, payload: new Uint8Array(0) },
      { type: SectionType.rows, payload: utf8('nobody’s') },
    ]);
    const read = readAlong(concat([bn, nonsense.subarray(PACK_MAGIC.length)]));
    expect(read.first).toEqual(bn);
    expect(read.others.map(({ shelf, whole }) => [shelf, whole])).toEqual([
      ['en', false],
      ['', true],
    ]);
    expect((await readPack(webPlatform, (read.others[0] as Along).bytes)).whole).toBe(true);
  });
});
