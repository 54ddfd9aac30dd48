import { RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { equal, fromBase64Url, toBase64Url } from './bytes.ts';
import { type BlobRef, type Block, type Figure, type ItemBody, isReadable, type PictureFile } from './item.ts';

/**
 * Pictures and recordings travel in leaves of 16 KiB, each verified before it is stored. Whoever trusts an item trusts the hashes in it: of
 * the whole blob, and of the list of its leaves' hashes where there is more than one.
 */
export const LEAF = 16 * 1024;

/** Largest blob that a device takes: 1 MiB, 64 leaves. */
export const MAX_BLOB = 1 << 20;

/** Where a blob stands in the tree. Its list of leaves has `.leaf` behind it. */
export const blobPath = (hash: string): string => `/b/${hash.slice(0, 2)}/${hash}`;

/** How many leaves so many bytes make. */
export const leafCount = (bytes: number): number => Math.max(1, Math.ceil(bytes / LEAF));

/** The length of leaf `n` (from 0) of a blob of so many bytes. */
export const leafLength = (bytes: number, n: number): number => Math.min(LEAF, bytes - n * LEAF);

/**
 * The list of leaves of a blob, if it is the one that the item vouches for; for a blob of one leaf there is nothing to fetch, and `list` is not
 * looked at. Throws `tampered`.
 */
export const checkLeaves = async (platform: Platform, blob: BlobRef, list: Uint8Array): Promise<Uint8Array> => {
  const count = leafCount(blob.bytes);
  if (count === 1) return fromBase64Url(blob.hash);
  if (list.length !== count * 32 || toBase64Url(await platform.sha256(list)) !== blob.leaves)
    throw new RelaisError('tampered', { what: 'leaves', hash: blob.hash });
  return list;
};

/** Whether `data` is leaf `n` of the blob with this list. */
export const isLeaf = async (platform: Platform, list: Uint8Array, n: number, data: Uint8Array): Promise<boolean> =>
  equal(await platform.sha256(data), list.subarray(n * 32, (n + 1) * 32));

const HASH = /^[\w-]{43}$/;

/** Whether an item's words about a blob can be followed at all: a tree may come from a newer writer. */
export const isBlobRef = ({ hash, bytes, leaves }: BlobRef): boolean =>
  HASH.test(hash) && bytes > 0 && bytes <= MAX_BLOB && (bytes <= LEAF || HASH.test(leaves ?? ''));

/** The pictures in a text, in its order. */
export const figuresIn = (blocks: readonly Block[]): readonly Figure[] =>
  blocks.flatMap((block) => (block.t === 'figure' ? [block] : block.t === 'note' ? figuresIn(block.c) : []));

/** All blobs that an item names, each once. */
export const blobsOf = (item: Omit<ItemBody, 'rev'>): readonly BlobRef[] => {
  const body = item as ItemBody;
  if (!isReadable(body)) return [];
  const all = [...figuresIn(body.body).flatMap(({ files }) => files), ...(body.recording ? [body.recording.file] : [])];
  return [...new Map(all.map((blob) => [blob.hash, blob])).values()];
};

/** What a device can show of a picture. */
export interface ScreenFit {
  /** CSS pixels, the shorter side. */
  readonly width: number;
  /** Device pixels for each. */
  readonly density: number;
  /** It draws AVIF. */
  readonly avif: boolean;
}

/** As wide as the text may be, in CSS pixels: see `main` in the sheet. */
const TEXT_WIDTH = 608;
/** Sharper than this nobody sees it on a small screen. */
const SHARPEST = 2;

/** The files of a picture that can be followed. */
export const filesOf = ({ files }: Figure): readonly PictureFile[] => files.filter((file) => isBlobRef(file));

/** The file for a screen: always the same one, so that what was kept is what is shown. */
export const fileFor = (figure: Figure, { width, density, avif }: ScreenFit): PictureFile | undefined => {
  const all = filesOf(figure);
  const type = avif && all.some((file) => file.type === 'image/avif') ? 'image/avif' : 'image/webp';
  const files = all.filter((file) => file.type === type);
  const wanted = Math.min(width, TEXT_WIDTH) * Math.min(density, SHARPEST);
  return files.find((file) => file.width >= wanted) ?? files.at(-1);
};
