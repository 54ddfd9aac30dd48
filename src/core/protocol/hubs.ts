import * as v from 'valibot';
import { RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { fromBase64Url } from './bytes.ts';
import type { Root } from './root.ts';
import { count, publicKey, version } from './shapes.ts';
import { keyIdOf, parseSigned, requireSigned, type SignedDocument } from './signed.ts';

/** Other boxes that a library speaks through: each has one delegated key of its own, and none of the library's. */

export const HUBS_PATH = '/c/hubs.json';
/** What a device reads at most of the list: 256 hubs with names of 80 letters have room in it. */
export const MAX_HUBS_BYTES = 128 * 1024;
const MAX_HUBS = 256;

const name = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(80),
  // No sign that changes a line or its direction, and nothing to lose by copying.
  v.regex(/^[^\p{C}]+$/u),
  v.check((text) => text.trim() === text),
);

export const hubsSchema = v.strictObject({
  v: version,
  /** Grows with each change of the list; a device never goes back. */
  n: v.pipe(count, v.minValue(1)),
  hubs: v.pipe(
    v.array(
      v.strictObject({
        /** Ed25519 public key of the hub. */
        key: publicKey,
        /** For people: "School of Tillia". */
        name,
        /** The delegation ends after this second since 1970; absent: with its revocation. */
        until: v.optional(count),
      }),
    ),
    v.maxLength(MAX_HUBS),
    v.check((hubs) => new Set(hubs.map(({ key }) => key)).size === hubs.length),
    v.check((hubs) => new Set(hubs.map((hub) => hub.name)).size === hubs.length),
  ),
});

/** The delegated hubs. A hub that is no longer in the newest list is revoked. */
export type Hubs = v.InferOutput<typeof hubsSchema>;
export type Hub = Hubs['hubs'][number];
export type SignedHubs = SignedDocument<Hubs>;

/** Reads a list and checks its signature against the root's publisher role. Throws `too-large`, `malformed`, `too-new` or `tampered`. */
export const verifyHubs = async (platform: Platform, root: Root, bytes: Uint8Array): Promise<Hubs> => {
  if (bytes.length > MAX_HUBS_BYTES) throw new RelaisError('too-large', { what: 'hubs', bytes: bytes.length });
  const document = parseSigned(bytes, hubsSchema, 'hubs');
  await requireSigned(platform, 'hubs', document, root.publisher.keys, root.publisher.threshold);
  return document.signed;
};

/** The hub with this key id, where it speaks for the library at `now` (seconds since 1970, by the library's own clock: a phone's may be years off). */
export const hubOf = async (platform: Platform, { hubs }: Hubs, id: string, now: number): Promise<Hub | undefined> => {
  for (const hub of hubs)
    if ((await keyIdOf(platform, fromBase64Url(hub.key))) === id)
      return hub.until === undefined || hub.until >= now ? hub : undefined;
  return undefined;
};
