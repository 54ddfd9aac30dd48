import { generate } from 'lean-qr/nano';
import { beforeEach, describe, expect, it } from 'vitest';
import { signWith } from '../../../server/box/keys.ts';
import type { CarryState } from '../../../src/core/api/worker-api.ts';
import { CODE_TYPE, codeLink } from '../../../src/core/carry/code-link.ts';
import { noticesCode } from '../../../src/core/carry/notice.ts';
import { concat, fromBase64Url, toBase64Url, utf8 } from '../../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../../src/core/protocol/canonical.ts';
import type { CarriedIn } from '../../../src/core/protocol/carried.ts';
import { pull } from '../../../src/core/sync/pull.ts';
import { Carry } from '../../../src/engine/carry.ts';
import { MemoryLibrary } from '../../../src/store/memory-library.ts';
import { MemoryMedia } from '../../../src/store/memory-media.ts';
import { MemoryOutbox } from '../../../src/store/memory-outbox.ts';
import {
  FakeTransport,
  never,
  openBox,
  type Release,
  seededKeys,
  seededPlatform,
  testBulletin,
  tinyLibrary,
} from '../../support/fixtures.ts';

/** Urgent notices that go from phone to phone as codes: the real device's part over stores in memory. */

const platform = seededPlatform('notice codes');
const box = await openBox('notice codes');
const calm = await box.publish(tinyLibrary());
const urgent = await box.publish([...tinyLibrary(), testBulletin('well', 'fr', 'Le puits de Tillia est sale.')]);
const after = await box.publish(tinyLibrary());

const phoneWith = async (release: Release | undefined, shelf = 'fr'): Promise<MemoryLibrary> => {
  const store = new MemoryLibrary();
  await store.want(shelf);
  if (!release) return store;
  const { full } = await box.packsFor(undefined, release);
  const files = new Map([...full].map(([name, pack]) => [`/c/full/${name}.pack`, pack]));
  await pull({ platform, store, transport: new FakeTransport(files) }, never);
  return store;
};

const carryOf = (library: MemoryLibrary): Carry => {
  const blobs = new MemoryMedia();
  const look = async () => ({ leaves: 0, kept: false, dropped: false });
  return new Carry({
    platform,
    library,
    answers: new MemoryOutbox(),
    media: Object.assign(blobs, { home: async () => blobs, look, size: async () => 0 }),
    take: () => Promise.reject(new Error('there is no library in a code')),
    refused: async () => {},
    room: async () => Number.POSITIVE_INFINITY,
  });
};
const codeOf = (library: MemoryLibrary) => carryOf(library).noticeCode('fr', 'well');

/** How the phone ends that photographed it. */
const photographed = async (library: MemoryLibrary, code: string): Promise<CarryState<CarriedIn>> => {
  const states: CarryState<CarriedIn>[] = [];
  await carryOf(library).in(new File([code], '', { type: CODE_TYPE }), (state) => states.push(state));
  return states.at(-1) as CarryState<CarriedIn>;
};
const NOTHING = { changed: 0, media: 0, answers: 0, elsewhere: 0, arrived: 0 };
const WELL = { ...NOTHING, notice: { lang: 'fr', id: 'well' } };

describe('an urgent notice as a code', () => {
  let code: string;
  beforeEach(async () => {
    code = (await codeOf(await phoneWith(urgent))) ?? '';
  });

  it('is read by a phone that has not had the news, which can show it on', async () => {
    const phone = await phoneWith(calm);
    expect(await photographed(phone, code)).toEqual({ phase: 'done', result: WELL });
    expect((await phone.alerts('fr'))?.items.map(({ id }) => id)).toEqual(['well']);
    expect(await codeOf(phone)).toBe(code);
    const third = await phoneWith(calm);
    expect(await photographed(third, (await codeOf(phone)) ?? '')).toEqual({ phase: 'done', result: WELL });
    // The same picture twice leads to the same place.
    const { data } = phone;
    expect(await photographed(phone, code)).toEqual({ phase: 'done', result: WELL });
    expect(phone.data).toEqual(data);
  });

  it('leads a phone that has it already to it, and changes nothing', async () => {
    const phone = await phoneWith(urgent);
    const { data } = phone;
    expect(await photographed(phone, code)).toEqual({ phase: 'done', result: WELL });
    expect(phone.data).toEqual(data);
  });

  it('that was withdrawn comes back on no phone that knows, and is shown by none', async () => {
    const phone = await phoneWith(after);
    expect(await photographed(phone, code)).toEqual({ phase: 'done', result: NOTHING });
    expect(await phone.alerts('fr')).toBeUndefined();
    expect(await codeOf(phone)).toBeUndefined();
    // It had the notice, and then the shelf without it.
    const later = await phoneWith(urgent);
    const { delta } = await box.packsFor(urgent, after);
    const files = new Map([['/c/from/2/fr.pack', delta.get('fr') as Uint8Array]]);
    await pull({ platform, store: later, transport: new FakeTransport(files) }, never);
    expect((await later.shelf('fr')).baseSeq).toBe(3);
    expect(await codeOf(later)).toBeUndefined();
  });

  it('in a language that is not here is taken, unless this phone has seen later news', async () => {
    const before = await phoneWith(calm, 'en');
    expect(await photographed(before, code)).toEqual({ phase: 'done', result: WELL });
    const later = await phoneWith(after, 'en');
    expect(await photographed(later, code)).toEqual({ phase: 'done', result: NOTHING });
    expect(await later.alerts('fr')).toBeUndefined();
  });

  it('has its place in a code that a cheap camera reads, with a long address', async () => {
    const most = await noticesCode(canonicalBytes(noise(835)));
    expect(most?.length).toBeGreaterThan(1_150);
    const link = codeLink(`https://${'a'.repeat(44)}.example`, most ?? '');
    expect(generate(link).size).toBeLessThanOrEqual(117);
    expect(code.length).toBeLessThan(most?.length ?? 0);
  });

  it('is none where it is too long, and where no library is', async () => {
    expect(await noticesCode(canonicalBytes(noise(880)))).toBeUndefined();
    expect(await codeOf(await phoneWith(calm))).toBeUndefined();
    expect(await codeOf(await phoneWith(undefined))).toBeUndefined();
    expect(await photographed(await phoneWith(undefined), code)).toEqual({ phase: 'failed', code: 'no-link' });
  });

  it('is refused with any bit turned, and cut anywhere', async () => {
    const phone = await phoneWith(calm);
    const { data } = phone;
    const bytes = fromBase64Url(code);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const turned = Uint8Array.from(bytes, (byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      const state = await photographed(phone, toBase64Url(turned));
      // A turned bit of what a browser does not look at leaves the very same notice.
      if (state.phase === 'done' && state.result.notice) expect(await codeOf(phone)).toBe(code);
      else expect(phone.data).toEqual(data);
      phone.data = data;
    }
    for (let length = 0; length < bytes.length; length++) {
      expect((await photographed(phone, toBase64Url(bytes.subarray(0, length)))).phase).toBe('failed');
      expect(phone.data).toEqual(data);
    }
  });

  it('is refused where somebody else signed it, nobody did, or it is none', async () => {
    const stranger = (await seededKeys('a stranger')).publisher;
    const body = { v: 2, shelf: 'fr', seq: 9, items: [testBulletin('fire', 'fr')] };
    const packed = async (value: object): Promise<string> => (await noticesCode(canonicalBytes(value))) ?? '';
    const { sigs } = signWith(stranger, 'alerts', body);
    const own = { [box.keys.publisher.id]: Object.values(sigs)[0] ?? '' };
    const phone = await phoneWith(calm);
    const cases: readonly [string, string][] = [
      [await packed({ signed: body, sigs }), 'foreign-root'],
      [await packed({ signed: body, sigs: own }), 'tampered'],
      [await packed({ signed: body, sigs: {} }), 'tampered'],
      [await packed(signWith(box.keys.publisher, 'head', body)), 'tampered'],
      [await packed(signWith(box.keys.publisher, 'alerts', { ...body, items: 'all' })), 'malformed'],
      [await packed({ a: 1 }), 'malformed'],
      [toBase64Url(concat([Uint8Array.of(2), utf8('no gzip')])), 'malformed'],
      [toBase64Url(concat([Uint8Array.of(2), await gzipped(new Uint8Array(1 << 20))])), 'too-large'],
    ];
    for (const [bad, why] of cases) expect(await photographed(phone, bad)).toEqual({ phase: 'failed', code: why });
    expect(await phone.alerts('fr')).toBeUndefined();
  });
});

/** Letters that pack into about so many bytes. */
const noise = (bytes: number): string => toBase64Url(platform.randomBytes(bytes));

const gzipped = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(
    await new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer(),
  );
