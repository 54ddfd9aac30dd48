import type { Platform } from '../platform.ts';
import { concat, equal, Reader, utf8 } from '../protocol/bytes.ts';
import { encodeSection, HEADER, PACK_MAGIC, SectionType } from './format.ts';

/**
 * Packs of other shelves behind the one that was asked for, so that several languages take one request and one head.
 *
 * ```
 * first pack   then per other shelf:   along-section   the sections of its pack that the first one does not have
 * along-section's payload = length:u8  recipe:length  shelf:utf8
 * recipe: a byte for each section of the pack: the number of the first pack's section that is the same, or 255 for the next that follows
 * ```
 * A pack that is put together so has the very bytes of the tree's file of its name: one that was cut is gone on with by `Range`.
 */

/** The next section that follows. */
const NEXT = 255;

/** Bytes that a recipe and a name take at most: nobody has signed them. */
const MOST_SAID = 512;

/** Where a section says how long its payload is. */
const LENGTH_AT = 2;
const LENGTH_END = 6;

/** Bytes that may follow the first pack: they are together in memory, and lost where the device dies before they are all here. */
const MOST = 16 << 10;

/** The sections of a pack, as they travel; the last one may be cut. */
const sectionsOf = (pack: Uint8Array): readonly Uint8Array[] => {
  const sections: Uint8Array[] = [];
  for (let at = PACK_MAGIC.length; at < pack.length; ) {
    const section = pack.subarray(at, at + lengthOf(pack.subarray(at)));
    sections.push(section);
    at += section.length;
  }
  return sections;
};

/** Bytes of the section that begins here; endless where not even that came. */
const lengthOf = (section: Uint8Array): number =>
  section.length < HEADER ? Number.POSITIVE_INFINITY : HEADER + new Reader(section.subarray(LENGTH_AT)).u32();

const isWhole = (section: Uint8Array): boolean => section.length === lengthOf(section);

/** What goes behind `first`: of each pack that has more than it, and as many as there is room for. */
export const alongOf = async (
  platform: Platform,
  first: Uint8Array,
  others: Iterable<readonly [shelf: string, pack: Uint8Array]>,
): Promise<Uint8Array<ArrayBuffer>> => {
  const known = sectionsOf(first).slice(0, NEXT);
  const out: Uint8Array[] = [];
  let left = MOST;
  for (const [shelf, pack] of others) {
    const sections = sectionsOf(pack);
    const recipe = sections.map((section) => known.findIndex((other) => equal(other, section)) & NEXT);
    const own = sections.filter((_, n) => recipe[n] === NEXT);
    if (own.length === 0 || recipe.length > NEXT) continue;
    const payload = concat([Uint8Array.of(recipe.length, ...recipe), utf8(shelf)]);
    const section = { type: SectionType.along, payload };
    const part = concat([await encodeSection(platform, (data) => data, section), ...own]);
    left -= part.length;
    if (left < 0) break;
    out.push(part);
  }
  return concat(out);
};

/** The pack of another shelf, or its beginning. */
export interface Along {
  readonly shelf: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly whole: boolean;
}

/** The packs behind the first one, as far as they came. Nothing here is verified; what makes no sense is a beginning that lacks its rest. */
export const readAlong = (bytes: Uint8Array): { readonly first: Uint8Array; readonly others: readonly Along[] } => {
  const sections = sectionsOf(bytes);
  const begin = sections.findIndex(([type]) => type === SectionType.along);
  if (begin < 0) return { first: bytes, others: [] };
  const known = sections.slice(0, begin);
  const rest = sections.slice(begin).values();
  const others: Along[] = [];
  for (const section of rest) {
    if (section[0] !== SectionType.along || section.length > HEADER + MOST_SAID || !isWhole(section)) break;
    const [length = 0, ...payload] = section.subarray(HEADER);
    const pieces: Uint8Array[] = [];
    for (const step of payload.slice(0, length)) {
      const piece = step === NEXT ? rest.next().value : known[step];
      if (piece) pieces.push(piece);
      if (!piece || !isWhole(piece)) break;
    }
    const shelf = String.fromCharCode(...payload.slice(length));
    const whole = pieces.length === length && pieces.every(isWhole);
    others.push({ shelf, bytes: concat([PACK_MAGIC, ...pieces]), whole });
  }
  return { first: concat([PACK_MAGIC, ...known]), others };
};

/** Tells where the first pack ends, from bytes as they come, one part after the other from the beginning. */
export class FirstEnd {
  /** Where the next section begins. */
  #next = PACK_MAGIC.length;
  /** Its type, coding and length, as far as they came. */
  #header: number[] = [];

  /** Undefined as long as it has not been seen. */
  take(at: number, part: Uint8Array): number | undefined {
    for (;;) {
      if (this.#header[0] === SectionType.along) return this.#next;
      const byte = part[this.#next + this.#header.length - at];
      if (byte === undefined) return undefined;
      this.#header.push(byte);
      if (this.#header.length < LENGTH_END) continue;
      this.#next += HEADER + new Reader(Uint8Array.from(this.#header).subarray(LENGTH_AT)).u32();
      this.#header = [];
    }
  }
}
