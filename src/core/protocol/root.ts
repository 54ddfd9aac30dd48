import * as v from 'valibot';
import { RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { fromBase64Url } from './bytes.ts';
import { count, keyId, parseShape, publicKey, recipient, version } from './shapes.ts';
import { checkSigned, isSignedBy, keyIdOf, parseSigned, requireSigned, type SignedDocument } from './signed.ts';

const role = v.strictObject({
  /** Key id -> Ed25519 public key. */
  keys: v.record(keyId, publicKey),
  /** How many of them have to sign. */
  threshold: v.pipe(count, v.minValue(1)),
});

export const rootSchema = v.strictObject({
  v: version,
  /** 1, 2, 3 ... Root n+1 is signed by n. */
  n: v.pipe(count, v.minValue(1)),
  /** Signs roots. Can be moved offline. */
  root: role,
  /** Signs heads. */
  publisher: role,
  /** Signs receipts; `seal` is the age recipient of `Pour le centre`, `recovery` opens the same envelopes from paper. */
  hub: v.strictObject({ ...role.entries, seal: recipient, recovery: recipient }),
});

/** Keys, roles and thresholds: what all other signatures are checked against. */
export type Root = v.InferOutput<typeof rootSchema>;
export type SignedRoot = SignedDocument<Root>;

export const parseRoot = (bytes: Uint8Array): SignedRoot => parseSigned(bytes, rootSchema, 'root');

/**
 * A roots section: all roots from the first to the newest, as a JSON array. Throws `malformed` where they are not in order, or one comes twice:
 * its twin would be passed over unread, and be handed on.
 */
export const checkSignedRoots = (value: unknown): SignedRoot[] => {
  const list = parseShape(v.pipe(v.array(v.unknown()), v.minLength(1), v.maxLength(256)), value, 'roots');
  const roots = list.map((root) => checkSigned(root, rootSchema, 'root'));
  if (roots.some(({ signed }, i) => signed.n <= (roots[i - 1]?.signed.n ?? 0)))
    throw new RelaisError('malformed', { what: 'roots' });
  return roots;
};

/**
 * What a device compares a library by: the key ids of its very first root, sorted and joined. It never changes for one library,
 * however often keys are rotated.
 */
export const rootIdentity = (root: Root): string => Object.keys(root.root.keys).sort().join('+');

/** Checks that a root is well formed and signed by its own root keys. Throws `tampered`. */
export const verifySelfSigned = async (platform: Platform, document: SignedRoot): Promise<Root> => {
  const root = document.signed;
  for (const roleOf of [root.root, root.publisher, root.hub]) {
    for (const [id, key] of Object.entries(roleOf.keys)) {
      if ((await keyIdOf(platform, fromBase64Url(key))) !== id) throw new RelaisError('tampered', { what: 'key id' });
    }
  }
  await requireSigned(platform, 'root', document, root.root.keys, root.root.threshold);
  return root;
};

/**
 * Follows a chain of roots from a trusted one. `chain` is in order of `n`; roots up to the trusted one are skipped. Each next root
 * is signed by the one before and by itself. Returns the newest. Throws `foreign-root` where the chain does not continue ours.
 */
export const followRoots = async (platform: Platform, trusted: Root, chain: readonly SignedRoot[]): Promise<Root> => {
  let current = trusted;
  for (const next of chain) {
    if (next.signed.n <= current.n) continue;
    if (
      next.signed.n !== current.n + 1 ||
      !(await isSignedBy(platform, 'root', next, current.root.keys, current.root.threshold))
    ) {
      throw new RelaisError('foreign-root', { n: next.signed.n });
    }
    current = await verifySelfSigned(platform, next);
  }
  return current;
};
