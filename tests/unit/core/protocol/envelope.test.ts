import { describe, expect, it } from 'vitest';
import { open } from '../../../../src/core/protocol/age.ts';
import { concat, Reader, u16, u32, utf8 } from '../../../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../../../src/core/protocol/canonical.ts';
import {
  BATCH_MAGIC,
  centreOf,
  type EnvelopeHeader,
  encodeBatch,
  encodeEnvelope,
  type Letter,
  MAX_BATCH_BODY,
  padLetter,
  parseBatch,
  parseLetter,
  readEnvelope,
  sealLetter,
  verifyEnvelope,
} from '../../../../src/core/protocol/envelope.ts';
import { PROTOCOL_VERSION } from '../../../../src/core/protocol/version.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import { codeFrom, openBox, sealedAnswer, seededPlatform, testLetter } from '../../../support/fixtures.ts';

const box = await openBox();
const platform = seededPlatform('envelope');
const envelopes = [
  await sealedAnswer(platform, box.root, 1),
  await sealedAnswer(platform, box.root, 2, testLetter({ words: 'é'.repeat(900) })),
  await sealedAnswer(platform, box.root, 3),
];
const [first] = envelopes as [(typeof envelopes)[0]];
const plainOf = (list: typeof envelopes) => list.map(({ header, body }) => ({ header, body: Uint8Array.from(body) }));

/** A letter whose canonical JSON is exactly so long. */
const letterOf = (length: number): Letter => {
  const answers: Record<string, string> = {};
  let left = length - canonicalBytes(testLetter({})).length;
  for (let i = 0; left > 0; i++) {
    // `"a0":"..."` and a comma from the second on.
    const frame = 6 + String(i).length + (i > 0 ? 1 : 0);
    const text = Math.min(9_000, left - frame);
    answers[`a${i}`] = 'x'.repeat(left - frame - text < 20 && left - frame > text ? text - 20 : text);
    left -= frame + (answers[`a${i}`] as string).length;
  }
  return testLetter(answers);
};

describe('padLetter', () => {
  it.each([
    [200, 1],
    [1024, 1],
    [1025, 4],
    [4096, 4],
    [4097, 16],
    [16_384, 16],
    [16_385, 64],
    [65_536, 64],
  ] as const)('fills %i bytes to %i kB', (length, size) => {
    const letter = letterOf(length);
    expect(canonicalBytes(letter)).toHaveLength(length);
    const padded = padLetter(letter);
    expect([padded.size, padded.bytes.length]).toEqual([size, size * 1024]);
    expect(parseLetter(padded.bytes)).toEqual(letter);
  });

  it('refuses more', async () => {
    expect(await codeFrom(() => padLetter(letterOf(65_537)))).toBe('too-large');
  });
});

describe('parseLetter', () => {
  it.each([
    ['nothing but padding', utf8('   ')],
    ['a line end after it', concat([canonicalBytes(testLetter()), utf8('\n')])],
    ['an unknown field', canonicalBytes({ ...testLetter(), name: 'Amina' })],
    ['an answer that is no text', canonicalBytes({ ...testLetter(), answers: { helped: 1 } })],
    ['an item that is a path', canonicalBytes({ ...testLetter(), item: '../pump' })],
    ['a time before 1970', canonicalBytes({ ...testLetter(), at: -1 })],
    ['an endless answer', canonicalBytes({ ...testLetter(), answers: { words: 'x'.repeat(10_001) } })],
  ])('refuses %s', async (_, bytes) => {
    expect(await codeFrom(() => parseLetter(bytes))).toBe('malformed');
  });

  it('says that a later letter is too new', async () => {
    expect(await codeFrom(() => parseLetter(canonicalBytes({ ...testLetter(), v: PROTOCOL_VERSION + 1 })))).toBe(
      'too-new',
    );
  });
});

describe('sealLetter', () => {
  it('opens with the centre’s key, and with the recovery key', async () => {
    for (const secret of [box.keys.seal, box.keys.recovery]) {
      expect(parseLetter(await open(webPlatform, secret, first.body))).toEqual(testLetter());
    }
  });

  it('says nothing of the letter but its size', async () => {
    const words = testLetter({ words: 'puits', helped: 'no' });
    const sealed = await sealLetter(platform, centreOf(box.root), words);
    expect(sealed.body).toHaveLength(first.body.length);
    const seen = Buffer.concat([encodeEnvelope({ header: first.header, body: sealed.body })]).toString('latin1');
    for (const word of ['puits', 'pump', 'short', 'helped', 'fr"']) expect(seen).not.toContain(word);
  });

  it('names the hash of what it sealed', async () => {
    for (const envelope of envelopes) {
      expect(await verifyEnvelope(webPlatform, envelope)).toBe(true);
      const body = Uint8Array.from(envelope.body);
      body[body.length - 1] = (body.at(-1) as number) ^ 1;
      expect(await verifyEnvelope(webPlatform, { ...envelope, body })).toBe(false);
    }
  });
});

describe('a batch', () => {
  const batch = encodeBatch(envelopes);

  it('reads back what was written, and the same bytes each time', () => {
    expect(plainOf(parseBatch(batch))).toEqual(plainOf(envelopes));
    expect(encodeBatch(parseBatch(batch))).toEqual(batch);
    expect(parseBatch(encodeBatch([]))).toEqual([]);
  });

  it('has room for the largest answer', async () => {
    const largest = await sealedAnswer(platform, box.root, 4, letterOf(65_536));
    const one = encodeBatch([largest]);
    expect(one.length).toBeLessThanOrEqual(MAX_BATCH_BODY);
    expect(parseBatch(one)).toHaveLength(1);
  });

  it('is refused wherever it is cut, but between two answers', async () => {
    const ends = [4, ...envelopes.map((_, i) => encodeBatch(envelopes.slice(0, i + 1)).length)];
    for (let length = 0; length < batch.length; length++) {
      if (ends.includes(length)) {
        expect(parseBatch(batch.slice(0, length))).toHaveLength(ends.indexOf(length));
        continue;
      }
      const code = await codeFrom(() => parseBatch(batch.slice(0, length)));
      expect(code, `${length} bytes`).toBe(length < 4 ? 'malformed' : 'truncated');
    }
  });

  const withHeader = (header: unknown, body = first.body) => {
    const json = canonicalBytes(header);
    return concat([BATCH_MAGIC, u16(json.length), json, u32(body.length), body]);
  };

  it.each([
    ['a version', { v: 0 }],
    ['capitals in the id', { id: first.header.id.toUpperCase() }],
    ['an id that is none', { id: 'x' }],
    ['a size between buckets', { size: 2 }],
    ['a short hash', { hash: 'abc' }],
    ['an addressee that is a path', { to: '../../../..' }],
    ['sequence 0', { n: 0 }],
    ['a long device id', { dev: 'x'.repeat(23) }],
    ['an unknown field', { name: 'Amina' }],
  ])('is refused for %s in its header', async (_, change) => {
    const wrong = { ...first.header, ...change };
    expect(await codeFrom(() => parseBatch(withHeader(wrong)))).toBe('malformed');
  });

  it('is refused for a header that lacks a field', async () => {
    for (const name of Object.keys(first.header) as (keyof EnvelopeHeader)[]) {
      const { [name]: _, ...wrong } = first.header;
      expect(await codeFrom(() => parseBatch(withHeader(wrong))), name).toBe('malformed');
    }
  });

  it('is refused for other magic, and is too new for another version', async () => {
    expect(await codeFrom(() => parseBatch(utf8('RLP\u0001')))).toBe('malformed');
    expect(await codeFrom(() => parseBatch(utf8('<htm')))).toBe('malformed');
    expect(await codeFrom(() => parseBatch(utf8('RLB\u0002')))).toBe('too-new');
    expect(await codeFrom(() => parseBatch(withHeader({ ...first.header, v: PROTOCOL_VERSION + 1 })))).toBe('too-new');
  });

  it('takes a body of 80 kB and no more', async () => {
    expect(parseBatch(withHeader(first.header, new Uint8Array(80 * 1024)))[0]?.body).toHaveLength(80 * 1024);
    const more = withHeader(first.header, new Uint8Array(80 * 1024 + 1));
    expect(await codeFrom(() => parseBatch(more))).toBe('too-large');
    const json = canonicalBytes(first.header);
    const claim = concat([u16(json.length), json, u32(2 ** 32 - 1)]);
    expect(await codeFrom(() => readEnvelope(new Reader(claim)))).toBe('too-large');
  });
});
