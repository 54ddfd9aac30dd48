import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { Context } from 'hono';

/**
 * Pictures and recordings of the tree, by Range, so that a cut link goes on where it was. Their name is their hash: what a browser has once
 * stays right for ever. Never compressed on the way: offsets are those of the file.
 */

/** By the first bytes, since a name that is a hash has no ending. */
const typeOf = (start: Buffer): string => {
  if (start.subarray(0, 4).toString('latin1') === 'OggS') return 'audio/ogg';
  if (start.subarray(8, 12).toString('latin1') === 'WEBP') return 'image/webp';
  return start.subarray(4, 8).toString('latin1') === 'ftyp' ? 'image/avif' : 'application/octet-stream';
};

interface Part {
  readonly start: number;
  /** Behind the last byte. */
  readonly end: number;
}

/** The one part that a `Range` asks for; undefined: all of it, `none`: nothing that there is. More than one part is answered by all. */
export const partOf = (range: string | undefined, size: number): Part | undefined | 'none' => {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') return Number(to) > 0 ? { start: Math.max(0, size - Number(to)), end: size } : 'none';
  const end = to === '' ? size : Math.min(size, Number(to) + 1);
  if (to !== '' && Number(to) < Number(from)) return undefined;
  return Number(from) < size ? { start: Number(from), end } : 'none';
};

const read = (file: number, start: number, end: number): Buffer<ArrayBuffer> => {
  const bytes = Buffer.alloc(end - start);
  return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, start));
};

/** Answers with a file named by its hash; undefined where there is none. */
export const serveBlob = (context: Context, path: string | undefined): Response | undefined => {
  if (path === undefined) return undefined;
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return undefined;
    const etag = `"${basename(path)}"`;
    const headers: Record<string, string> = {
      'Content-Type': typeOf(read(file, 0, 12)),
      'Cache-Control': 'public, max-age=31536000, immutable',
      ETag: etag,
      'Accept-Ranges': 'bytes',
      'X-Content-Type-Options': 'nosniff',
    };
    if (context.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers });
    const ifRange = context.req.header('if-range');
    const part = partOf(ifRange === undefined || ifRange === etag ? context.req.header('range') : undefined, stat.size);
    if (part === 'none')
      return new Response(null, { status: 416, headers: { ...headers, 'Content-Range': `bytes */${stat.size}` } });
    const { start, end } = part ?? { start: 0, end: stat.size };
    headers['Content-Length'] = String(end - start);
    if (part) headers['Content-Range'] = `bytes ${start}-${end - 1}/${stat.size}`;
    const body = context.req.method === 'HEAD' ? null : read(file, start, end);
    return new Response(body, { status: part ? 206 : 200, headers });
  } finally {
    closeSync(file);
  }
};
