import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type BrotliOptions,
  brotliCompress,
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  zstdCompress,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib';
import { writeDurably } from '../box/files.ts';
import { assetFolders } from './builds.ts';
import { readIfThere } from './files.ts';

/**
 * Compression dictionaries (RFC 9842): who has a hashed file of the build before gets the file of the same name in this build as what is new in it.
 *
 * Invariants: a delta is sent only to whoever names the very dictionary that it was made with; it was decoded again before, and gave the file;
 * each is made once, and stays on the disk as long as this build. There are at most two for each file and each of two older builds.
 */

export type DictionaryEncoding = 'dcb' | 'dcz';

/** A file as it is to be sent. */
export interface Delta {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly encoding: DictionaryEncoding;
}

const MAGIC: Readonly<Record<DictionaryEncoding, Buffer>> = {
  dcb: Buffer.from('ff444342', 'hex'),
  dcz: Buffer.from('5e2a4d1820000000', 'hex'),
};
const HASH_BYTES = 32;

const brotliAsync = promisify(brotliCompress);
const zstdAsync = promisify(zstdCompress);

// Whoever decodes has to keep a window of 8 MB at most: RFC 9842, section 5.
const zstdOptions = (dictionary: Uint8Array, size: number) => ({
  dictionary,
  pledgedSrcSize: size,
  params: {
    [constants.ZSTD_c_compressionLevel]: 19,
    [constants.ZSTD_c_windowLog]: 21,
    [constants.ZSTD_c_contentSizeFlag]: 1,
  },
});

const brotliOptions = (dictionary: Uint8Array, size: number): BrotliOptions =>
  ({
    dictionary,
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: size },
  }) as BrotliOptions;

const encode = {
  dcb: (data: Uint8Array, dictionary: Uint8Array) => brotliAsync(data, brotliOptions(dictionary, data.length)),
  dcz: (data: Uint8Array, dictionary: Uint8Array) => zstdAsync(data, zstdOptions(dictionary, data.length)),
};
const decode = {
  dcb: (data: Uint8Array, dictionary: Uint8Array) => brotliDecompressSync(data, { dictionary } as BrotliOptions),
  dcz: (data: Uint8Array, dictionary: Uint8Array) => zstdDecompressSync(data, { dictionary }),
};

const sha256 = (data: Uint8Array): Buffer => createHash('sha256').update(data).digest();

/** Whether this Node uses dictionaries at all: an older one takes the option, and does nothing. */
const isAble = (encoding: DictionaryEncoding): boolean => {
  const noise = Buffer.concat([1, 2, 3, 4, 5, 6, 7, 8].map((n) => sha256(Buffer.of(n))));
  const { length } =
    encoding === 'dcb'
      ? brotliCompressSync(noise, brotliOptions(noise, noise.length))
      : zstdCompressSync(noise, zstdOptions(noise, noise.length));
  return length < noise.length / 2;
};

/** A file as a delta. */
export const encodeDelta = async (
  encoding: DictionaryEncoding,
  data: Uint8Array,
  dictionary: Uint8Array,
): Promise<Buffer<ArrayBuffer>> =>
  Buffer.concat([MAGIC[encoding], sha256(dictionary), await encode[encoding](data, dictionary)]);

/** The file of a delta. Throws where it is none, or was made with another dictionary. */
export const decodeDelta = (encoding: DictionaryEncoding, delta: Uint8Array, dictionary: Uint8Array): Buffer => {
  const magic = MAGIC[encoding];
  const start = magic.length + HASH_BYTES;
  if (!magic.equals(delta.subarray(0, magic.length))) throw new Error('no delta');
  if (!sha256(dictionary).equals(delta.subarray(magic.length, start))) throw new Error('another dictionary');
  return decode[encoding](delta.subarray(start), dictionary);
};

/** What comes between the name of a file and its ending, where it is a hash. */
const HASHED = /^(.+)-[\w-]{8}(\.\w+)$/;

/** A file's name without its hash; undefined where it has none. */
const plainName = (name: string): string | undefined => {
  const [, start, ending] = HASHED.exec(name) ?? [];
  return start && ending && `${start}-*${ending}`;
};

/** `Use-As-Dictionary` of a file: for the one of the same name in the next build. Undefined where its name has no hash. */
export const dictionaryUse = (name: string): string | undefined => {
  const plain = plainName(name);
  return plain && `match="/assets/${plain}"`;
};

/** The hash of an `Available-Dictionary`, as hex; undefined where the header is none. */
const parseAvailable = (header: string | undefined): string | undefined => {
  const [, base64] = /^:([A-Za-z0-9+/]{43}=):$/.exec(header ?? '') ?? [];
  return base64 && Buffer.from(base64, 'base64').toString('hex');
};

interface OldFile {
  readonly name: string;
  readonly path: string;
}

/** Deltas from the files of older builds to those of this one, in the data folder under `cache/deltas/`. */
export class DeltaShelf {
  readonly #assets: string;
  readonly #older: readonly string[];
  readonly #folder: string;
  readonly #current: ReadonlySet<string>;
  readonly #encodings: readonly DictionaryEncoding[];
  /** By name of the new file: the old ones by their hash. */
  readonly #dictionaries = new Map<string, ReadonlyMap<string, OldFile>>();
  readonly #made = new Map<string, Promise<Buffer<ArrayBuffer> | undefined>>();
  /** One after the other: a small box has other work to do. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(appDir: string, dataDir: string) {
    const [assets = '', ...older] = assetFolders(appDir, dataDir);
    this.#assets = assets;
    this.#older = older;
    this.#folder = join(dataDir, 'cache/deltas');
    this.#current = new Set(namesIn(assets).filter((name) => plainName(name) !== undefined));
    this.#encodings = (['dcb', 'dcz'] as const).filter(isAble);
    this.#prune();
  }

  /** How a file of `/assets/` is sent to a browser with these headers; undefined where there is no delta, or none that saves anything. */
  async find(
    name: string,
    headers: { readonly available: string | undefined; readonly accepts: (encoding: string) => boolean },
  ): Promise<Delta | undefined> {
    const hash = parseAvailable(headers.available);
    if (hash === undefined || !this.#current.has(name)) return undefined;
    const encoding = this.#encodings.find(headers.accepts);
    const old = encoding && this.#oldFiles(name).get(hash);
    if (!encoding || !old) return undefined;
    const key = `${old.name}..${name}.${encoding}`;
    const made = this.#made.get(key) ?? this.#inTurn(() => this.#make(key, name, old, encoding));
    this.#made.set(key, made);
    const bytes = await made;
    return bytes && { bytes, encoding };
  }

  #oldFiles(name: string): ReadonlyMap<string, OldFile> {
    const known = this.#dictionaries.get(name);
    if (known) return known;
    const files = new Map<string, OldFile>();
    for (const folder of this.#older)
      for (const old of namesIn(folder)) {
        const path = join(folder, old);
        const bytes = old !== name && plainName(old) === plainName(name) ? readIfThere(path) : undefined;
        if (bytes) files.set(sha256(bytes).toString('hex'), { name: old, path });
      }
    this.#dictionaries.set(name, files);
    return files;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  /** From the disk, or made and put there. Undefined where it is hardly smaller than the file by itself. */
  async #make(
    key: string,
    name: string,
    old: OldFile,
    encoding: DictionaryEncoding,
  ): Promise<Buffer<ArrayBuffer> | undefined> {
    const [file, dictionary] = [readIfThere(join(this.#assets, name)), readIfThere(old.path)];
    if (!file || !dictionary) return undefined;
    const path = join(this.#folder, key);
    const gives = (delta: Buffer<ArrayBuffer>): boolean => {
      try {
        return decodeDelta(encoding, delta, dictionary).equals(file);
      } catch {
        return false;
      }
    };
    let delta = readIfThere(path);
    if (!delta || !gives(delta)) {
      delta = await encodeDelta(encoding, file, dictionary);
      if (!gives(delta)) return undefined;
      try {
        writeDurably(path, delta);
      } catch {
        // The disk is full: it serves as long as the hub runs.
      }
    }
    const alone = readIfThere(join(this.#assets, `${name}.br`)) ?? file;
    return delta.length < alone.length ? delta : undefined;
  }

  /** Removes what leads to the files of another build, or from files that are not kept any more. */
  #prune(): void {
    const old = new Set(this.#older.flatMap(namesIn));
    for (const key of namesIn(this.#folder)) {
      const [from = '', to = ''] = key.replace(/\.dc[bz]$/, '').split('..');
      if (!old.has(from) || !this.#current.has(to)) rmSync(join(this.#folder, key), { force: true });
    }
  }
}

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};
