import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import type { Context } from 'hono';

/** Files from disk: compressed beforehand, with an ETag, immutable where the name is a hash. */

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.xml': 'application/xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** A path below `folder`, or undefined where the request points outside. */
export const inside = (folder: string, path: string): string | undefined => {
  const full = normalize(join(folder, path));
  return full.startsWith(join(folder, '/')) && !full.includes('\0') ? full : undefined;
};

/** A file's bytes; undefined where there is none. */
export const readIfThere = (path: string | undefined): Buffer<ArrayBuffer> | undefined => {
  if (path === undefined) return undefined;
  try {
    return statSync(path).isFile() ? readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
};

const encodings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** The best twin that the browser takes: brotli where it is offered (https, localhost), else gzip. */
const negotiate = (context: Context, path: string): { bytes: Buffer<ArrayBuffer>; encoding?: string } | undefined => {
  const accepted = context.req.header('accept-encoding') ?? '';
  for (const [encoding, ending] of encodings) {
    const bytes = new RegExp(`\\b${encoding}\\b`).test(accepted) ? readIfThere(path + ending) : undefined;
    if (bytes) return { bytes, encoding };
  }
  const bytes = readIfThere(path);
  return bytes && { bytes };
};

const CACHE = {
  immutable: 'public, max-age=31536000, immutable',
  week: 'public, max-age=604800',
  'no-cache': 'no-cache',
} as const;

export interface FileOptions {
  /** `no-cache`: asked again each time, answered by 304. `week`: what rarely changes, and does no harm where it is old. */
  readonly cache: keyof typeof CACHE;
  readonly headers?: Readonly<Record<string, string>>;
  /** Request headers that the answer depends on, besides Accept-Encoding. */
  readonly vary?: string;
}

/** Answers with a file; undefined where there is none. */
export const serveFile = (context: Context, path: string | undefined, options: FileOptions): Response | undefined => {
  const found = path === undefined ? undefined : negotiate(context, path);
  if (path === undefined || !found) return undefined;
  const etag = `"${createHash('sha256').update(found.bytes).digest('base64url').slice(0, 16)}"`;
  const headers: Record<string, string> = {
    'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
    'Cache-Control': CACHE[options.cache],
    ETag: etag,
    Vary: options.vary ? `Accept-Encoding, ${options.vary}` : 'Accept-Encoding',
    'X-Content-Type-Options': 'nosniff',
    ...options.headers,
  };
  if (found.encoding) headers['Content-Encoding'] = found.encoding;
  if (context.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers });
  headers['Content-Length'] = String(found.bytes.length);
  return new Response(context.req.method === 'HEAD' ? null : found.bytes, { headers });
};
