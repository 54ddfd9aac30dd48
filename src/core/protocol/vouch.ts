import * as v from 'valibot';
import type { Platform } from '../platform.ts';
import { fromBase64Url, toBase64Url } from './bytes.ts';
import { canonicalBytes } from './canonical.ts';
import { hash, keyId, version } from './shapes.ts';
import { checkSigned, isSignedBy, type SignedDocument } from './signed.ts';

/** A hub in between that a library knows signs what it says it holds: whoever left an answer there can see who has it. */

export const vouchSchema = v.strictObject({
  v: version,
  /** Key id of the hub that says so. */
  by: keyId,
  /** Of what it holds: see `hashOfHeld`. */
  of: hash,
});

/** "I hold these answers, and pass them on." No receipt: only the centre that they are for gives one. */
export type Vouch = v.InferOutput<typeof vouchSchema>;
export type SignedVouch = SignedDocument<Vouch>;

/** With it, a batch asks for a signature: hubs of before know nothing of it, and apps of before would refuse it. */
export const VOUCH_QUERY = 'vouch';

/** SHA-256 of the canonical JSON `[[id, hash], ...]` of the answers that one reply calls held, in the order of the reply; base64url. */
export const hashOfHeld = async (
  platform: Platform,
  held: readonly { readonly id: string; readonly hash: string }[],
): Promise<string> => toBase64Url(await platform.sha256(canonicalBytes(held.map(({ id, hash }) => [id, hash]))));

/** Reads what a hub signed. Throws `malformed`. */
export const parseVouch = (value: unknown): SignedVouch => checkSigned(value, vouchSchema, 'vouch');

/** Whether it is signed by `key` (Ed25519, base64url), and is of exactly these answers. */
export const isVouchedBy = async (
  platform: Platform,
  document: SignedVouch,
  key: string,
  held: readonly { readonly id: string; readonly hash: string }[],
): Promise<boolean> => {
  const { by, of } = document.signed;
  if (fromBase64Url(key).length !== 32 || of !== (await hashOfHeld(platform, held))) return false;
  return isSignedBy(platform, 'vouch', document, { [by]: key }, 1);
};
