import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBodies, encodeDeltas, readBodies, readDeltas } from '../../../../src/core/pack/text.ts';
import { concat, toBase64Url, utf8, varint } from '../../../../src/core/protocol/bytes.ts';
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

describe('bodies', () => {
  it('read back under their hashes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 8 }), async (bodies) => {
        expect(texts(await readBodies(webPlatform, encodeBodies(bodies)))).toEqual(texts(await named(bodies)));
      }),
    );
  });

  it('are cut where they end too early', async () => {
    const payload = encodeBodies([long]);
    for (const length of [1, 2, 50, payload.length - 1]) {
      expect(await codeFrom(() => readBodies(webPlatform, payload.slice(0, length)))).toBe('truncated');
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
  });

  it('do not apply to a device without their base', async () => {
    const payload = await encodeDeltas(webPlatform, [{ base: long, next: longer }]);
    expect(await codeFrom(() => readDeltas(webPlatform, payload, new Map(), 1e6))).toBe('malformed');
    expect(await codeFrom(async () => readDeltas(webPlatform, payload, await named([longer]), 1e6))).toBe('malformed');
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
