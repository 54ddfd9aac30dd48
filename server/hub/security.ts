import type { Context, MiddlewareHandler } from 'hono';

/**
 * The policy of every page: docs/security.md says why each line stands there. `styleHash` is the one inlined sheet. `reach`: where it may send requests.
 */
export const contentPolicy = (styleHash: string, reach = "'self'"): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'sha256-${styleHash}'`,
    "img-src 'self' blob:",
    "media-src 'self' blob:",
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    `connect-src ${reach}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types relais',
  ].join('; ');

/** For workers: they load one script of their own origin, and talk to it. */
export const workerPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'";

/**
 * Where the installed app's own page may send requests: also to a hub on the Wi-Fi that the device is in. A policy knows no ranges of addresses; the
 * code that asks does (`nearOrigin`), and the browser lets plain http go nowhere else.
 */
export const SHELL_REACH = "'self' http:";

/** Headers of a page. */
export const pageHeaders = (styleHash: string, reach?: string): Readonly<Record<string, string>> => ({
  'Content-Security-Policy': contentPolicy(styleHash, reach),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
});

/**
 * Refuses requests that another site makes for a visitor, but for the app of `origin`, where one is named. Browsers that send no `Sec-Fetch-Site` are let
 * through.
 */
export const sameSiteOr =
  (origin: string | undefined): MiddlewareHandler =>
  async (context, next) => {
    const site = context.req.header('sec-fetch-site');
    const isOurs = site === undefined || site === 'same-origin' || site === 'none';
    if (!isOurs && (origin === undefined || context.req.header('origin') !== origin))
      return context.json({ v: 1, error: 'cross-site' }, 403);
    return next();
  };
export const sameSite = sameSiteOr(undefined);

/** Reads a body of at most `limit` bytes; undefined where it is longer. `onPart`: told of each part as it comes. Throws where it is cut. */
export const readLimited = async (
  context: Context,
  limit: number,
  onPart?: (part: Uint8Array) => void,
): Promise<Uint8Array | undefined> => {
  const length = Number(context.req.header('content-length') ?? 0);
  if (length > limit) return undefined;
  const stream = context.req.raw.body;
  if (!stream) return new Uint8Array(0);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stream as unknown as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > limit) return undefined;
    parts.push(part);
    onPart?.(part);
  }
  return new Uint8Array(Buffer.concat(parts));
};

/** A bucket of tokens: `size` at once, refilled evenly over `perMs`. */
export class RateLimit {
  readonly #size: number;
  readonly #perMs: number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(size: number, perMs: number) {
    this.#size = size;
    this.#perMs = perMs;
  }

  /** Takes a token of a bucket; false where there is none. */
  take(key: string, now = Date.now()): boolean {
    const bucket = this.#buckets.get(key) ?? { tokens: this.#size, at: now };
    // A clock that jumps back (a Raspberry Pi has none of its own) must not lock everybody out.
    const refilled = Math.min(this.#size, bucket.tokens + (Math.max(0, now - bucket.at) * this.#size) / this.#perMs);
    const enough = refilled >= 1;
    this.#buckets.set(key, { tokens: enough ? refilled - 1 : refilled, at: now });
    if (this.#buckets.size > 10_000) this.#forgetFull(now);
    return enough;
  }

  /** Puts back a token that `take` gave, which was not used up. */
  giveBack(key: string): void {
    const bucket = this.#buckets.get(key);
    if (bucket) bucket.tokens = Math.min(this.#size, bucket.tokens + 1);
  }

  #forgetFull(now: number): void {
    for (const [key, { at }] of this.#buckets) if (now - at > this.#perMs) this.#buckets.delete(key);
  }
}
