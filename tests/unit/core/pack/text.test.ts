import fc from 'fast-check';
import { createDelta } from 'fossil-delta';
import { describe, expect, it, vi } from 'vitest';
import { deflate } from '../../../../server/publish/packs.ts';
import { encodeBodies, encodeDeltas, readBodies, readDeltas } from '../../../../src/core/pack/text.ts';
import { concat, toBase64Url, utf8, varint } from '../../../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import { codeFrom, flipped, seededBytes } from '../../../support/fixtures.ts';

const hashOf = async (bytes: Uint8Array) => toBase64Url(await webPlatform.sha256(bytes));
const named = async (bodies: readonly Uint8Array[]) =>
  new Map(await Promise.all(bodies.map(async (body) => [await hashOf(body), body] as const)));
const texts = (map: ReadonlyMap<string, Uint8Array>) =>
  [...map].map(([hash, body]) => [hash, Buffer.from(body).toString('hex')]).sort();
const long = utf8('La pompe tourne depuis la saison sèche. '.repeat(30));
const longer = utf8(
  `${'La pompe tourne depuis la saison sèche. '.repeat(15)}Le comité se réunit. ${'La pompe tourne depuis la saison sèche. '.repeat(15)}`,
);

const TOO_LONG = { code: 'malformed', details: { what: 'delta too long' } };

const items = fc.array(
  fc.jsonValue({ maxDepth: 4 }).map((value) => canonicalBytes(value)),
  { maxLength: 8 },
);

describe('bodies', () => {
  it('read back, byte for byte, under their hashes', async () => {
    await fc.assert(
      fc.asyncProperty(items, async (bodies) => {
        const read = await readBodies(webPlatform, encodeBodies(deflate, bodies));
        expect(texts(read)).toEqual(texts(await named(bodies)));
      }),
    );
  });

  it('cost less than their JSON', async () => {
    const paragraph = { t: 'p', c: [utf8('La pompe tourne.').join(' '), { t: 'cite', s: 'fao' }] };
    const bodies = Array.from({ length: 6 }, (_, id) =>
      canonicalBytes({ id, body: Array.from({ length: 9 }, () => paragraph) }),
    );
    expect(encodeBodies(deflate, bodies).length).toBeLessThan(deflate(concat(bodies)).length + 40);
  });

  it('never pass for others where they end too early, or a byte is wrong', async () => {
    const bodies = [
      canonicalBytes({ id: 'a', body: [{ c: ['Un'], t: 'p' }] }),
      canonicalBytes({ id: 'b', n: [1, -2.5, null, true] }),
    ];
    const wanted = texts(await named(bodies));
    const payload = encodeBodies(deflate, bodies);
    const tryOne = async (bytes: Uint8Array) => {
      const read = await readBodies(webPlatform, bytes).catch((error: unknown) => {
        expect(error).toMatchObject({ name: 'RelaisError' });
        return undefined;
      });
      return read && texts(read);
    };
    for (let length = 0; length < payload.length; length++)
      expect(await tryOne(payload.slice(0, length))).not.toEqual(wanted);
    for (let bit = 0; bit < payload.length * 8; bit++) {
      const read = await tryOne(flipped(payload, bit));
      // A bit that zstd does not use may be anything; the texts then are the same, and so are their hashes.
      if (read) for (const [hash, hex] of read) expect(await hashOf(Buffer.from(hex ?? '', 'hex'))).toBe(hash);
    }
  });
});

describe('bodies that were made to eat memory', () => {
  it('are read without a list of all their strings', async () => {
    // A column of a million empty strings, and two of them used; a million columns, and one used.
    const structure = deflate(Uint8Array.of(2, 2, 2));
    const read = async (text: Uint8Array) =>
      [...(await readBodies(webPlatform, concat([varint(structure.length), structure, deflate(text)]))).values()].map(
        (body) => Buffer.from(body).toString(),
      );
    const views = vi.spyOn(Uint8Array.prototype, 'subarray');
    try {
      expect(await read(concat([new Uint8Array(1_000_000).fill(0xff), Uint8Array.of(0xfe)]))).toEqual(['""']);
      expect(await codeFrom(() => read(new Uint8Array(1_000_000).fill(0xfe)))).toBe('malformed');
      expect(views.mock.calls.length).toBeLessThan(10_000);
    } finally {
      views.mockRestore();
    }
  });
});

describe('deltas', () => {
  it('bring each body to the next, new ones too', async () => {
    const edit = fc.record({
      base: fc.option(fc.string({ unit: 'grapheme', maxLength: 300 }), { nil: undefined }),
      next: fc.string({ unit: 'grapheme', maxLength: 300 }),
      shared: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 5 }), async (edits) => {
        const changes = edits.map(({ base, next, shared }) => ({
          base: base === undefined ? undefined : utf8(base + (shared ? 'x'.repeat(200) : '')),
          next: utf8(next + (shared ? 'x'.repeat(200) : '')),
        }));
        const payload = await encodeDeltas(webPlatform, changes);
        const have = await named(changes.flatMap(({ base }) => base ?? []));
        const expected = await named(changes.map(({ next }) => next));
        expect(texts(await readDeltas(webPlatform, payload, have, 1e6))).toEqual(texts(expected));
      }),
      { numRuns: 60 },
    );
  });

  it('are small for a small edit', async () => {
    const payload = await encodeDeltas(webPlatform, [{ base: long, next: longer }]);
    expect(payload.length).toBeLessThan(100);
  });

  it('carry the whole body where that is no longer', async () => {
    const next = seededBytes('next')(50);
    const payload = await encodeDeltas(webPlatform, [{ base: seededBytes('base')(50), next }]);
    expect(payload).toEqual(concat([new Uint8Array(8), varint(50), next]));
    // Just as long: what needs no base is the better one.
    const base = seededBytes('base')(200);
    const alike = Array.from({ length: 200 }, (_, n) => concat([next, base.subarray(0, n)]));
    const even = alike.filter((one) => createDelta(base, one).length === one.length);
    expect(even).not.toEqual([]);
    for (const one of even) {
      const whole = concat([new Uint8Array(8), varint(one.length), one]);
      expect(await encodeDeltas(webPlatform, [{ base, next: one }])).toEqual(whole);
    }
  });

  it('do not apply to a device without their base', async () => {
    const payload = await encodeDeltas(webPlatform, [{ base: long, next: longer }]);
    for (const have of [new Map(), await named([longer])]) {
      await expect(readDeltas(webPlatform, payload, have, 1e6)).rejects.toMatchObject({
        code: 'malformed',
        details: { what: 'delta without base' },
      });
    }
  });

  it('that make more than the longest body of the catalogue are refused, before they are applied', async () => {
    const huge = utf8('La pompe tourne. '.repeat(6_000));
    const payload = await encodeDeltas(webPlatform, [{ base: long, next: huge }]);
    expect(payload.length).toBeLessThan(50_000);
    const have = await named([long]);
    expect((await readDeltas(webPlatform, payload, have, huge.length)).has(await hashOf(huge))).toBe(true);
    for (const longest of [huge.length - 1, 10_000, 0]) {
      await expect(readDeltas(webPlatform, payload, have, longest)).rejects.toMatchObject(TOO_LONG);
    }
  });

  it('of a few bytes that claim a gigabyte are refused for what they claim', async () => {
    const base = (await webPlatform.sha256(long)).subarray(0, 8);
    // Size 64^5 - 1, and nothing that would make so much.
    const delta = utf8('~~~~~\n0@0,0;');
    const payload = concat([base, varint(delta.length), delta]);
    await expect(readDeltas(webPlatform, payload, await named([long]), 10_000)).rejects.toMatchObject(TOO_LONG);
  });

  it.each(['', 'A', 'A\nno delta', '5\n0@9,0;'])('that are none are refused, with what was wrong: %j', async (text) => {
    const base = (await webPlatform.sha256(long)).subarray(0, 8);
    const payload = concat([base, varint(text.length), utf8(text)]);
    await expect(readDeltas(webPlatform, payload, await named([long]), 1e6)).rejects.toMatchObject({
      code: 'malformed',
      details: { what: 'delta', why: expect.stringMatching(/./) },
    });
  });

  it('never pass for another body, whatever bit or byte is missing', async () => {
    const payload = await encodeDeltas(webPlatform, [{ base: long, next: longer }]);
    const have = await named([long]);
    const wanted = await hashOf(longer);
    const tryOne = async (bytes: Uint8Array, what: string) => {
      const read = await readDeltas(webPlatform, bytes, have, 1e6).catch((error: unknown) => {
        expect(error, what).toMatchObject({ name: 'RelaisError' });
        return new Map<string, Uint8Array>();
      });
      const body = read.get(wanted);
      if (body) expect(Buffer.from(body).equals(longer), what).toBe(true);
    };
    for (let bit = 0; bit < payload.length * 8; bit++) await tryOne(flipped(payload, bit), `bit ${bit}`);
    for (let length = 0; length < payload.length; length++) await tryOne(payload.slice(0, length), `${length} bytes`);
  });
});
