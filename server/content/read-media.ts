import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Figure, PictureFile, PictureType, Recording } from '../../src/core/protocol/item.ts';
import { blobsOf } from '../../src/core/protocol/media.ts';
import { slug } from '../../src/core/protocol/shapes.ts';
import { describeBlob } from './blobs.ts';
import type { FileHashes } from './file-hashes.ts';
import { avifSize, opusSeconds, webpSize } from './media-files.ts';

/** An item's folder of pictures and recordings. */
export const MEDIA_FOLDER = 'media';
/** What `npm run pictures` wrote down about the pictures that it made. */
export const PICTURE_LIST = 'pictures.json';

/** Largest file of a picture: what a first screen may cost. */
export const MAX_PICTURE = 60 * 1024;
/** Largest recording: five minutes at 16 kbit/s. */
export const MAX_RECORDING = 600 * 1024;

const sha256 = v.pipe(v.string(), v.regex(/^[\da-f]{64}$/));

const pictureList = v.record(
  slug,
  v.strictObject({
    /** The drawing or photo that it was made from, and its SHA-256. */
    source: v.string(),
    sha256,
    /** Base64 of a tiny WebP. */
    preview: v.pipe(v.string(), v.base64(), v.maxLength(400)),
    /** SHA-256 of each file, smallest first. */
    files: v.record(v.pipe(v.string(), v.regex(/^[a-z\d-]+-\d+\.(avif|webp)$/)), sha256),
  }),
);

type PictureList = v.InferOutput<typeof pictureList>;

/** A picture without its words, which each text has for itself. */
export type Picture = Pick<Figure, 'preview' | 'files'>;

/** Something that is not as it should be, and what to do. */
export interface Refused {
  readonly what: string;
  readonly remedy: string;
}

const AGAIN = 'Run "npm run pictures".';
const SOURCES = /^(.+)\.(svg|png|jpe?g|webp|avif)$/;

/** The list of pictures has hashes in hexadecimal, so that authors can compare them; all else has base64url. */
const sameHash = (hash: string, hex: string): boolean => Buffer.from(hex, 'hex').toString('base64url') === hash;

/** Where the file of each blob is, by hash. The bytes of a library's pictures would not fit into the memory of a small box. */
export type BlobFiles = Map<string, string>;

/**
 * Reads the pictures and recordings of one item. Only what `npm run pictures` made is taken, so that nothing else travels in a picture: no
 * place where a photo was taken, no script of a drawing. One file at a time is in memory, and none that is too large to travel.
 */
export class MediaReader {
  readonly #folder: string;
  readonly #blobs: BlobFiles;
  readonly #hashes: FileHashes;
  readonly #pictures = new Map<string, Picture | Refused>();
  #list: PictureList | Refused | undefined;

  /** `folder` is the item's; what its texts name is put into `blobs`. */
  constructor(folder: string, blobs: BlobFiles, hashes: FileHashes) {
    this.#folder = join(folder, MEDIA_FOLDER);
    this.#blobs = blobs;
    this.#hashes = hashes;
  }

  /** A picture by its name in the text. */
  picture(name: string): Picture | Refused {
    const known = this.#pictures.get(name) ?? this.#read(name);
    this.#pictures.set(name, known);
    return known;
  }

  /** A recording by the name of its file. */
  recording(file: string): Pick<Recording, 'file' | 'seconds'> | Refused {
    const path = /^[\w-]+\.opus$/.test(file) ? this.#path(file) : undefined;
    if (path === undefined)
      return {
        what: `There is no recording "${file}".`,
        remedy: `Put an Ogg Opus file into ${MEDIA_FOLDER}/, such as fr.opus.`,
      };
    const large = tooLarge(path, file, MAX_RECORDING);
    if (large) return large;
    const data = readFileSync(path);
    const seconds = opusSeconds(data);
    if (seconds === undefined)
      return { what: `"${file}" is not a whole Ogg Opus file.`, remedy: 'Make it anew: opusenc --bitrate 16.' };
    const blob = describeBlob(data, 'audio/ogg');
    this.#blobs.set(blob.hash, path);
    return { file: blob, seconds };
  }

  #read(name: string): Picture | Refused {
    const list = this.#pictureList();
    if (isRefused(list)) return list;
    const entry = list[name];
    if (!entry) return this.#unknown(name);
    const source = this.#path(entry.source);
    if (source === undefined || !sameHash(this.#hashes.of(source), entry.sha256))
      return { what: `"${name}" was made from another "${entry.source}".`, remedy: AGAIN };
    const files: PictureFile[] = [];
    for (const [file, hash] of Object.entries(entry.files)) {
      const path = this.#path(file);
      if (path === undefined || !sameHash(this.#hashes.of(path), hash))
        return { what: `"${file}" is missing, or was changed.`, remedy: AGAIN };
      const large = tooLarge(path, file, MAX_PICTURE);
      if (large) return large;
      const data = readFileSync(path);
      const type: PictureType = file.endsWith('.avif') ? 'image/avif' : 'image/webp';
      const size = type === 'image/avif' ? avifSize(data) : webpSize(data);
      if (!size) return { what: `"${file}" is not what its name says.`, remedy: AGAIN };
      const blob = describeBlob(data, type);
      this.#blobs.set(blob.hash, path);
      files.push({ ...blob, ...size });
    }
    if (!files.some(({ type }) => type === 'image/webp'))
      return { what: `"${name}" has no file that every browser shows.`, remedy: AGAIN };
    return { preview: entry.preview, files };
  }

  #unknown(name: string): Refused {
    const [, stem] = SOURCES.exec(name) ?? [];
    const sources = existsSync(this.#folder) ? readdirSync(this.#folder).filter((file) => SOURCES.test(file)) : [];
    if (stem !== undefined && sources.includes(name))
      return { what: `"${name}" is what a picture is made from.`, remedy: `${AGAIN} Then name it "${stem}".` };
    if (sources.some((file) => SOURCES.exec(file)?.[1] === name))
      return { what: `The picture "${name}" has not been made yet.`, remedy: AGAIN };
    return {
      what: `There is no picture "${name}".`,
      remedy: `Put its drawing or photo into ${MEDIA_FOLDER}/, and run "npm run pictures".`,
    };
  }

  #pictureList(): PictureList | Refused {
    this.#list ??= this.#readList();
    return this.#list;
  }

  #readList(): PictureList | Refused {
    const path = this.#path(PICTURE_LIST);
    if (path === undefined) return {};
    try {
      return v.parse(pictureList, JSON.parse(readFileSync(path, 'utf8')));
    } catch {
      return { what: `"${MEDIA_FOLDER}/${PICTURE_LIST}" cannot be read.`, remedy: `Remove it. ${AGAIN}` };
    }
  }

  #path(file: string): string | undefined {
    const path = join(this.#folder, file);
    return existsSync(path) && statSync(path).isFile() ? path : undefined;
  }
}

/** Puts the blobs that items name into `blobs`, for an item whose reading was recalled. */
export const collectBlobs = (
  folder: string,
  items: readonly Parameters<typeof blobsOf>[0][],
  blobs: BlobFiles,
  hashes: FileHashes,
): void => {
  const named = new Set(items.flatMap((item) => blobsOf(item)).map(({ hash }) => hash));
  if (named.size === 0) return;
  for (const file of readdirSync(join(folder, MEDIA_FOLDER), { withFileTypes: true })) {
    // A folder of sketches beside them is the author's own.
    if (!file.isFile()) continue;
    const path = join(folder, MEDIA_FOLDER, file.name);
    const hash = hashes.of(path);
    if (named.has(hash)) blobs.set(hash, path);
  }
};

export const isRefused = (found: object): found is Refused => 'remedy' in found && 'what' in found;

/** Asked before a file is read. */
const tooLarge = (path: string, file: string, max: number): Refused | undefined => {
  const { size } = statSync(path);
  return size <= max
    ? undefined
    : {
        what: `"${file}" has ${Math.ceil(size / 1024)} kB.`,
        remedy: `At most ${max / 1024} kB travel on a slow link: make it simpler, or shorter.`,
      };
};
