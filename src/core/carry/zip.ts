import { type ErrorCode, RelaisError } from '../errors.ts';
import { isCarried } from './paths.ts';
import { through } from './streams.ts';
import type { Archive, ArchiveFile } from './transport.ts';

/**
 * Reads a ZIP by its directory: each file where it stands, when it is asked for, so that a stick of megabytes needs no memory. Written by hand,
 * since it is installed with the app: the smallest kept library that reads by offset has 20 kB, this has one. Stored files and deflated
 * ones (somebody unpacked and packed again); no encryption, no more than 4 GB. What is in the files is checked by whoever reads them.
 */
export interface Source {
  readonly size: number;
  /** Bytes `from` to `to` (not included). */
  read(from: number, to: number): Promise<Uint8Array>;
}

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const MAX_COMMENT = 0xffff;
/** 100,000 files with names of 100 letters. */
const MAX_DIRECTORY = 16 << 20;
/** What a deflated file may unpack to. */
const MAX_INFLATED = 64 << 20;
const STORED = 0;
const DEFLATED = 8;

const malformed = (why: string): RelaisError => new RelaisError('malformed', { what: 'zip', why });

/** Whether a file begins as a ZIP does. */
export const isZip = (beginning: Uint8Array): boolean => {
  const view = new DataView(beginning.buffer, beginning.byteOffset, beginning.byteLength);
  return beginning.length >= 4 && [LOCAL, END].includes(view.getUint32(0, true));
};

/** The files of what begins as a ZIP does that are ours, by path; a folder around all of them is passed over. Throws `truncated`, `malformed` or `too-large`. */
export const openZip = async (source: Source): Promise<Archive> => {
  const { offset, length } = await directoryOf(source);
  const bytes = await source.read(offset, offset + length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const archive = new Map<string, ArchiveFile>();
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; ) {
    if (view.getUint32(at, true) !== ENTRY) throw malformed('entry');
    const nameEnd = at + ENTRY_BYTES + view.getUint16(at + 28, true);
    const name = nameOf(bytes.subarray(at + ENTRY_BYTES, nameEnd));
    const file = {
      isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    // No program makes a file longer than this by packing it.
    const mostPacked = file.method === STORED ? file.size : file.size * 1.01 + 1024;
    if (name !== undefined && file.packed > mostPacked) throw malformed('packed');
    const isOurs = name !== undefined && !file.isEncrypted && (file.method === STORED || file.method === DEFLATED);
    if (isOurs) archive.set(name, new Entry(source, name, file));
    at = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return archive;
};

/** A known path, with the folder taken off that somebody packed it in. */
const nameOf = (bytes: Uint8Array): string | undefined => {
  // Names of strangers may be in any writing: none of those is ours.
  const name = new TextDecoder().decode(bytes);
  return [name, name.slice(name.indexOf('/') + 1)].find(isCarried);
};

/** Where the directory stands: the end of the file says it, before a comment that may be there. */
const directoryOf = async (source: Source): Promise<{ readonly offset: number; readonly length: number }> => {
  const start = Math.max(0, source.size - END_BYTES - MAX_COMMENT);
  const bytes = await source.read(start, source.size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = bytes.length - END_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) !== END) continue;
    const length = view.getUint32(at + 12, true);
    const offset = view.getUint32(at + 16, true);
    if (offset === 0xffffffff || length > MAX_DIRECTORY) throw new RelaisError('too-large', { what: 'zip' });
    if (offset + length <= start + at) return { offset, length };
  }
  throw new RelaisError('truncated', { what: 'zip', why: 'no directory', size: source.size });
};

interface Placed {
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

class Entry implements ArchiveFile {
  readonly #source: Source;
  readonly #path: string;
  readonly #file: Placed;
  /** Where its bytes begin. */
  #start: number | undefined;

  constructor(source: Source, path: string, file: Placed) {
    this.#source = source;
    this.#path = path;
    this.#file = file;
  }

  get size(): number {
    return this.#file.size;
  }

  async read(from: number, to: number): Promise<Uint8Array> {
    const { method, packed, size } = this.#file;
    const start = await this.#begin();
    const end = Math.min(to, size);
    const bytes =
      method === STORED
        ? await this.#source.read(start + from, start + end)
        : (await inflate(await this.#source.read(start, start + packed), size)).subarray(from, end);
    if (bytes.length !== Math.max(0, end - from)) throw this.#wrong('truncated', 'cut');
    // Answers are not signed: what a worn stick has turned in them would make another one of each.
    if (from === 0 && end === size && crc32(bytes) !== this.#file.crc) throw this.#wrong('tampered', 'checksum');
    return bytes;
  }

  #wrong(code: ErrorCode, what: string): RelaisError {
    return new RelaisError(code, { what, part: this.#path });
  }

  async #begin(): Promise<number> {
    if (this.#start !== undefined) return this.#start;
    const { offset } = this.#file;
    const bytes = await this.#source.read(offset, offset + LOCAL_BYTES);
    if (bytes.length < LOCAL_BYTES) throw this.#wrong('truncated', 'cut');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint32(0, true) !== LOCAL) throw this.#wrong('malformed', 'no file');
    this.#start = offset + LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
    return this.#start;
  }
}

/** Unpacks to exactly so many bytes, and hardly one more is ever in memory. */
const inflate = async (packed: Uint8Array, size: number): Promise<Uint8Array> => {
  if (size > MAX_INFLATED) throw new RelaisError('too-large', { what: 'zip', size });
  const bytes = await through(new DecompressionStream('deflate-raw'), packed, size);
  if (bytes.length < size) throw malformed('shorter than it says');
  return bytes;
};

/** CRC-32 as ZIP has it, by half bytes: its table is made at once. */
const CRC_STEPS = Uint32Array.from({ length: 16 }, (_, n) => {
  let crc = n;
  for (let bit = 0; bit < 4; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

const crc32 = (bytes: Uint8Array): number => {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    crc = (crc >>> 4) ^ (CRC_STEPS[crc & 15] as number);
    crc = (crc >>> 4) ^ (CRC_STEPS[crc & 15] as number);
  }
  return (crc ^ 0xffffffff) >>> 0;
};
