import { realpathSync } from 'node:fs';
import type { Context, Hono } from 'hono';
import { alongOf } from '../../src/core/pack/along.ts';
import { replaceHead } from '../../src/core/pack/format.ts';
import type { Platform } from '../../src/core/platform.ts';
import { concat } from '../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import { type Head, headSchema } from '../../src/core/protocol/head.ts';
import { HUBS_PATH } from '../../src/core/protocol/hubs.ts';
import { parseSigned } from '../../src/core/protocol/signed.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { signWith } from '../box/keys.ts';
import type { ServingKeys } from '../box/serving.ts';
import { currentTree, previousTree } from '../publish/tree.ts';
import { partOf, serveBlob } from './blobs.ts';
import { inside, readIfThere } from './files.ts';

/** The head as it is to be sent now. */
export interface HeadSource {
  readonly platform: Platform;
  /** Undefined before there is a tree. */
  current(): Uint8Array<ArrayBuffer> | undefined;
}

/**
 * The content tree: `/c/...`, and its pictures and recordings, `/b/...`. The hub signs the head anew each hour, with the same `seq` and a new `issued`, so that devices see that it
 * is alive; packs carry the same head, and keep their length.
 */
export class HeadSigner implements HeadSource {
  readonly #dataDir: string;
  readonly #keys: ServingKeys;
  readonly #everySeconds: number;
  readonly platform: Platform;
  #last: { readonly published: string; readonly until: number; readonly bytes: Uint8Array<ArrayBuffer> } | undefined;

  constructor(dataDir: string, keys: ServingKeys, everySeconds: number, platform = webPlatform) {
    this.#dataDir = dataDir;
    this.#keys = keys;
    this.#everySeconds = everySeconds;
    this.platform = platform;
  }

  /** The head as it is to be sent now; undefined before the first publication. */
  current(): Uint8Array<ArrayBuffer> | undefined {
    const published = readIfThere(`${currentTree(this.#dataDir)}/c/head`);
    if (!published) return undefined;
    const key = published.toString('base64');
    const now = Math.floor(this.platform.now() / 1000);
    if (this.#last?.published === key && now < this.#last.until) return this.#last.bytes;
    const { publisher } = this.#keys.current();
    // Its key is not here any more, or not yet: the head goes out as it was published.
    if (!publisher) return new Uint8Array(published);
    const head = parseSigned(new Uint8Array(published), headSchema, 'head').signed;
    // A clock that jumped back (a Raspberry Pi has none of its own) must not make news look older than the tree.
    const issued = Math.max(head.issued, now);
    const bytes = canonicalBytes(signWith(publisher, 'head', { ...head, issued } satisfies Head));
    this.#last = { published: key, until: now + this.#everySeconds, bytes };
    return bytes;
  }
}

const PACK_TYPE = { 'Content-Type': 'application/octet-stream', 'X-Content-Type-Options': 'nosniff' };

/**
 * Nothing here is ever compressed on the way, so that offsets stay valid; nothing missing is ever answered by a page. `blobs`: the folder that
 * has `/b/`, where that is not the tree's.
 */
export const treeRoutes = (app: Hono, dataDir: string, heads: HeadSource, blobs?: string): void => {
  app.get('/c/head', (context) => {
    const head = heads.current();
    return head ? context.body(head, 200, { ...PACK_TYPE, 'Cache-Control': 'no-cache' }) : context.body(null, 404);
  });

  app.get('/c/root/:file{\\d+\\.json}', (context) => {
    const bytes = readIfThere(inside(currentTree(dataDir), context.req.path));
    return bytes
      ? context.body(bytes, 200, { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' })
      : context.body(null, 404);
  });

  app.get(HUBS_PATH, (context) => {
    const bytes = readIfThere(inside(currentTree(dataDir), context.req.path));
    const headers = {
      'Content-Type': 'application/json',
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-cache',
    };
    return bytes ? context.body(bytes, 200, headers) : context.body(null, 404);
  });

  app.get('/b/*', (context) => {
    const path = inside(blobs ?? currentTree(dataDir), context.req.path);
    return serveBlob(context, path) ?? context.body(null, 404);
  });

  app.get('/c/*', async (context) => {
    const { path } = context.req;
    const head = heads.current();
    // One publication, whatever is published meanwhile.
    const tree = placeOf(currentTree(dataDir));
    const published = path.endsWith('.pack') ? readIfThere(inside(tree, path)) : undefined;
    if (published && head) {
      const signed = async (pack: Buffer<ArrayBuffer>) => (await replaceHead(heads.platform, pack, head)) ?? pack;
      const first = await signed(published);
      const others = new Map<string, Uint8Array>();
      for (const shelf of alsoAsked(context)) {
        const pack = readIfThere(inside(tree, `${path.slice(0, path.lastIndexOf('/'))}/${shelf}.pack`));
        if (pack) others.set(shelf, await signed(pack));
      }
      return packAnswer(
        context,
        others.size > 0 ? concat([first, await alongOf(heads.platform, first, others)]) : first,
      );
    }
    // A pack of the publication before: who has the beginning of it may have the rest. Its head stays its own.
    const before = FULL_NAME.test(path) ? readIfThere(inside(previousTree(dataDir), path)) : undefined;
    return before ? packAnswer(context, before) : context.body(null, 404);
  });
};

/** Where a link leads; itself where it leads nowhere yet. */
const placeOf = (link: string): string => {
  try {
    return realpathSync(link);
  } catch {
    return link;
  }
};

/** Most languages that one device keeps. */
const MOST_SHELVES = 32;

/** Other shelves whose news since the same publication are asked for; none where the rest of a file is. */
const alsoAsked = (context: Context): readonly string[] => {
  const asked = context.req.query('also');
  if (asked === undefined || !NEWS.test(context.req.path) || context.req.header('range') !== undefined) return [];
  return asked
    .split(',')
    .filter((name) => /^[\w-]+$/.test(name))
    .slice(0, MOST_SHELVES);
};

/** The news since a publication. */
const NEWS = /^\/c\/from\/\d+\/[^/]+$/;

/** A pack's full name, whose bytes behind the head are the same for good. */
const FULL_NAME = /^\/c\/from\/\d+-\d+\//;

/** A pack, or the part of it that is asked for. */
const packAnswer = (context: Context, pack: Buffer<ArrayBuffer> | Uint8Array<ArrayBuffer>): Response => {
  const headers = { ...PACK_TYPE, 'Cache-Control': 'no-cache' };
  const part = partOf(context.req.header('range'), pack.length);
  if (part === 'none') return context.body(null, 416, { ...headers, 'Content-Range': `bytes */${pack.length}` });
  const { start, end } = part ?? { start: 0, end: pack.length };
  return context.body(pack.subarray(start, end), part ? 206 : 200, {
    ...headers,
    'Content-Length': String(end - start),
    ...(part && { 'Content-Range': `bytes ${start}-${end - 1}/${pack.length}` }),
  });
};
