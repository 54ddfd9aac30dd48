import * as v from 'valibot';
import { RelaisError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import type { Head } from './head.ts';
import type { BulletinItem } from './item.ts';
import type { Root } from './root.ts';
import { count, languageTag, slug, version } from './shapes.ts';
import { parseSigned, requireSigned, type SignedDocument } from './signed.ts';

/**
 * The urgent notices of a shelf, signed by themselves: they stand near the beginning of a pack, and can be read before anything else of it
 * has arrived. The same notices come again with their shelf, which decides in the end.
 */
export interface Alerts {
  readonly v: number;
  readonly shelf: string;
  /** The publication that they are of. */
  readonly seq: number;
  readonly items: readonly BulletinItem[];
}
export type SignedAlerts = SignedDocument<Alerts>;

/** Most of them in one section: who has more that is urgent has nothing that is. */
export const MOST_ALERTS = 4;

/** What has to be true of any item before it is shown; the rest of it is the publisher's word, as for every other item. */
const itemSchema = v.looseObject({
  id: slug,
  kind: v.literal('bulletin'),
  lang: languageTag,
  body: v.array(v.unknown()),
});

const alertsSchema = v.strictObject({
  v: version,
  shelf: languageTag,
  seq: v.pipe(count, v.minValue(1)),
  items: v.pipe(v.array(itemSchema), v.maxLength(MOST_ALERTS)),
});

/** Whether a notice is one: it asks to act now. */
export const isAlert = (item: { readonly kind: string; readonly urgency?: number }): boolean =>
  item.kind === 'bulletin' && item.urgency === 1;

/** Reads alerts of any shelf and checks them against the root's publisher role. Throws `tampered` or `malformed`. */
export const readAlerts = async (platform: Platform, root: Root, bytes: Uint8Array): Promise<Alerts> => {
  const document = parseSigned(bytes, alertsSchema, 'alerts');
  await requireSigned(platform, 'alerts', document, root.publisher.keys, root.publisher.threshold);
  return document.signed as unknown as Alerts;
};

/** The same of a shelf's pack: they are of this shelf, and not of a later publication. */
export const verifyAlerts = async (
  platform: Platform,
  root: Root,
  head: Head,
  shelf: string,
  bytes: Uint8Array,
): Promise<Alerts> => {
  const alerts = await readAlerts(platform, root, bytes);
  if (alerts.shelf !== shelf || alerts.seq > head.seq)
    throw new RelaisError('tampered', { what: 'alerts', shelf: alerts.shelf, seq: alerts.seq });
  return alerts;
};
