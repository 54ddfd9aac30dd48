import { RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { type Alerts, readAlerts } from '../protocol/alerts.ts';
import { concat, toBase64Url } from '../protocol/bytes.ts';
import { parseCanonical } from '../protocol/canonical.ts';
import type { Root } from '../protocol/root.ts';
import { through } from './streams.ts';

/** Urgent notices as a code to be photographed (QR): those of a shelf, as the publisher signed them, packed. `docs/protocol.md`, section 17. */

const NOTICES = 2;
/** With an address of 60 letters, a code of version 25: 117 squares a side, the most that a cheap camera reads off a small screen. */
const MOST_LETTERS = 1_190;
/** Of what was signed: the notices that come before all else have 6 kB. */
const MOST_BYTES = 8 * 1024;

export const isNotices = (code: Uint8Array): boolean => code[0] === NOTICES;

/** As a code; undefined where they are too long for one. */
export const noticesCode = async (signed: Uint8Array): Promise<string | undefined> => {
  const packed = await through(new CompressionStream('gzip'), signed, 2 * MOST_BYTES);
  const code = toBase64Url(concat([Uint8Array.of(NOTICES), packed]));
  return code.length > MOST_LETTERS ? undefined : code;
};

/**
 * Reads and verifies one, as it was signed. Throws `malformed`, `too-large`, `foreign-root` where somebody signed it whom this library does not
 * name, or `tampered`.
 */
export const fromNoticesCode = async (
  platform: Platform,
  root: Root,
  code: Uint8Array,
): Promise<{ readonly alerts: Alerts; readonly signed: Uint8Array }> => {
  const signed = await through(new DecompressionStream('gzip'), code.subarray(1), MOST_BYTES);
  const { sigs } = parseCanonical(signed) as { readonly sigs?: unknown };
  const signers = Object.keys(Object(sigs));
  if (signers.length > 0 && !signers.some((id) => Object.hasOwn(root.publisher.keys, id)))
    throw new RelaisError('foreign-root', { what: 'notices', by: signers.join() });
  return { alerts: await readAlerts(platform, root, signed), signed };
};
