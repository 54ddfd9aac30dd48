import { isPage, portalError, RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { concat, equal, Reader, u32, utf8 } from '../protocol/bytes.ts';

/**
 * A pack: magic, then sections in order of priority, each useful alone.
 *
 * ```
 * "RLP" version:u8   then per section:   type:u8  coding:u8  length:u32  sha256:32  payload:length
 * ```
 * Length and SHA-256 are of the payload as it travels (compressed where `coding` is 1), so that a damaged section is refused before
 * anything inflates or parses it. The same bytes travel over a link, from a hub and on a stick.
 */
export const PACK_MAGIC = Uint8Array.from([...utf8('RLP'), 1]);

/**
 * In order of priority; a delta has `tableChange` in the place of `table`, and `rows` in that of `catalogue`. 4 is kept for receipts. A large
 * shelf has several sections of `bodies`. Behind `along` another shelf's pack begins: see `along.ts`.
 */
export const SectionType = {
  head: 1,
  roots: 2,
  alerts: 3,
  table: 5,
  tableChange: 10,
  catalogue: 6,
  rows: 9,
  bodies: 7,
  deltas: 8,
  along: 11,
} as const;

/** How a payload is written: as it is, or as one zstd frame. */
const Coding = { stored: 0, zstd: 1 } as const;

/**
 * Caps: a pack on the wire, and all of its frames together unpacked. Our 44 French texts have 238 kB, in a pack of 58 kB: 10,000 such texts
 * would have 54 MB, in 13 MB. A shelf that is larger is more than a phone of 1 GB could read.
 */
export const MAX_PACK = 32 << 20;
export const MAX_UNPACKED = 64 << 20;
/** What is parsed before any signature is checked, unpacked: 256 roots of 16 kB at most. */
const MAX_UNSIGNED = 4 << 20;

const KNOWN: ReadonlySet<number> = new Set(Object.values(SectionType));

export const HEADER = 1 + 1 + 4 + 32;

export interface Section {
  readonly type: number;
  /** Unpacked. Of a pack that was read: when first asked for, which throws `tampered` or `too-large` where it cannot be. */
  readonly payload: Uint8Array;
}

/** `Platform.inflate`, or one that has less to give. */
export type Inflate = (frame: Uint8Array, limit: number) => Uint8Array;

/** An `inflate` that gives `most` bytes and no more, over all its calls. Throws `too-large` behind that. */
export const inflateWithin = (most: number, inflate: Inflate): Inflate => {
  let left = most;
  return (frame, limit) => {
    const data = inflate(frame, Math.min(limit, left));
    left -= data.length;
    return data;
  };
};

/** Compresses to one zstd frame. Only the publisher needs it. */
export type Deflate = (data: Uint8Array) => Uint8Array;

/** One section as bytes, compressed where that makes it smaller. */
export const encodeSection = async (platform: Platform, deflate: Deflate, section: Section): Promise<Uint8Array> => {
  // A head is never compressed: its length stays the same when a hub signs it anew, and so does every offset behind it.
  const packed = section.type === SectionType.head ? section.payload : deflate(section.payload);
  const smaller = packed.length < section.payload.length;
  const payload = smaller ? packed : section.payload;
  const coding = smaller ? Coding.zstd : Coding.stored;
  return concat([Uint8Array.of(section.type, coding), u32(payload.length), await platform.sha256(payload), payload]);
};

export const encodePack = async (
  platform: Platform,
  deflate: Deflate,
  sections: readonly Section[],
): Promise<Uint8Array> =>
  joinPack(await Promise.all(sections.map((section) => encodeSection(platform, deflate, section))));

/** A pack of sections that are encoded already. */
export const joinPack = (sections: readonly Uint8Array[]): Uint8Array => concat([PACK_MAGIC, ...sections]);

/** Whether bytes are one encoded section, undamaged. */
export const isSection = async (platform: Platform, bytes: Uint8Array): Promise<boolean> =>
  equal(await platform.sha256(bytes.subarray(HEADER)), bytes.subarray(HEADER - 32, HEADER)) &&
  equal(u32(bytes.length - HEADER), bytes.subarray(2, 6));

/** What could be read of a pack: every whole section, and whether the bytes ended between two of them. */
export interface PackContent {
  readonly sections: readonly Section[];
  readonly whole: boolean;
  /** For frames inside of sections: what is left of what the pack may take. */
  readonly inflate: Inflate;
}

/**
 * Reads a pack, or as much of one as arrived. Nothing is unpacked yet: whoever asks for a section has checked the ones before. Sections of an
 * unknown type are passed over.
 * Throws `no-link` where the bytes are not a pack at all (a captive portal's page), `too-new` for a later format,
 * `tampered` where a section is not what its hash says, `too-large` past the caps.
 */
export const readPack = async (platform: Platform, bytes: Uint8Array): Promise<PackContent> => {
  const magic = bytes.subarray(0, 4);
  if (!equal(magic.subarray(0, 3), PACK_MAGIC.subarray(0, 3)) || magic.length < 4) {
    if (isPage(bytes)) throw portalError({ bytes: bytes.length });
    throw new RelaisError('no-link', { what: 'not a pack', bytes: bytes.length });
  }
  if (magic[3] !== PACK_MAGIC[3]) throw new RelaisError('too-new', { what: 'pack', v: magic[3] as number });
  const reader = new Reader(bytes.subarray(4));
  const sections: Section[] = [];
  const inflate = inflateWithin(MAX_UNPACKED, platform.inflate);
  while (reader.left >= HEADER) {
    const type = reader.byte();
    const coding = reader.byte();
    const length = reader.u32();
    const sha256 = reader.take(32);
    if (length > MAX_PACK) throw new RelaisError('too-large', { what: 'section', length });
    if (reader.left < length) return { sections, whole: false, inflate };
    const payload = reader.take(length);
    if (!equal(await platform.sha256(payload), sha256)) throw new RelaisError('tampered', { what: 'section', type });
    if (!KNOWN.has(type)) continue;
    if (coding !== Coding.stored && coding !== Coding.zstd)
      throw new RelaisError('too-new', { what: 'coding', coding });
    let unpacked: Uint8Array | undefined = coding === Coding.stored ? payload : undefined;
    const limit = type === SectionType.head || type === SectionType.roots ? MAX_UNSIGNED : MAX_UNPACKED;
    sections.push({
      type,
      get payload() {
        unpacked ??= inflate(payload, limit);
        return unpacked;
      },
    });
  }
  return { sections, whole: reader.left === 0, inflate };
};

/** All sections of a type. */
export const findSections = (content: PackContent, type: number): readonly Uint8Array[] =>
  content.sections.filter((section) => section.type === type).map(({ payload }) => payload);

/** The first section of a type, if the pack has one. */
export const findSection = (content: Pick<PackContent, 'sections'>, type: number): Uint8Array | undefined =>
  content.sections.find((section) => section.type === type)?.payload;

/** The pack with another head, or undefined where it does not begin with one. */
export const replaceHead = async (
  platform: Platform,
  pack: Uint8Array,
  head: Uint8Array,
): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  const reader = new Reader(pack.subarray(PACK_MAGIC.length));
  if (reader.left < HEADER || reader.byte() !== SectionType.head || reader.byte() !== Coding.stored) return undefined;
  const length = reader.u32();
  if (reader.left < 32 + length) return undefined;
  const rest = pack.subarray(PACK_MAGIC.length + HEADER + length);
  const header = concat([
    Uint8Array.of(SectionType.head, Coding.stored),
    u32(head.length),
    await platform.sha256(head),
  ]);
  return concat([PACK_MAGIC, header, head, rest]);
};
