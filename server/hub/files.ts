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

/** Whether a request takes an answer that is compressed so. */
export const accepts = (context: Context, encoding: string): boolean =>
  (context.req.header('accept-encoding') ?? '').split(',').some((part) => {
    const [name = '', weight = ''] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    return name === encoding && !/^q=0(\.0*)?$/.test(weight);
  });

interface Sent {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly encoding?: string;
}

/** The best twin that the browser takes: brotli where it is offered (https, localhost), else gzip. */
const negotiate = (context: Context, path: string): Sent | undefined => {
  for (const [encoding, ending] of encodings) {
    const bytes = accepts(context, encoding) ? readIfThere(path + ending) : undefined;
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
  /** The file as it was compressed for this request alone. */
  readonly sent?: Sent | undefined;
}

/** Answers with a file; undefined where there is none. */
export const serveFile = (context: Context, path: string | undefined, options: FileOptions): Response | undefined => {
  const file = readIfThere(path);
  if (path === undefined || !file) return undefined;
  const found = options.sent ?? negotiate(context, path) ?? { bytes: file };
  // The same for all forms of a file up to the encoding: what a browser got as a delta is not sent whole because it asks whether that is still good.
  const tag = createHash('sha256').update(file).digest('base64url').slice(0, 16);
  const etag = `"${found.encoding ? `${tag}.${found.encoding}` : tag}"`;
  const headers: Record<string, string> = {
    'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
    'Cache-Control': CACHE[options.cache],
    ETag: etag,
    Vary: options.vary ? `Accept-Encoding, ${options.vary}` : 'Accept-Encoding',
    'X-Content-Type-Options': 'nosniff',
    ...options.headers,
  };
  const asked = context.req.header('if-none-match') ?? '';
  if (asked.startsWith(`"${tag}`) && /^"[\w-]{16}(\.\w+)?"$/.test(asked))
    return new Response(null, { status: 304, headers: { ...headers, ETag: asked } });
  if (found.encoding) headers['Content-Encoding'] = found.encoding;
  headers['Content-Length'] = String(found.bytes.length);
  return new Response(context.req.method === 'HEAD' ? null : found.bytes, { headers });
};
