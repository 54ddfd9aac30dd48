import { type Alerts, isAlert, MOST_ALERTS, type SignedAlerts } from '../../src/core/protocol/alerts.ts';
import type { Row } from '../../src/core/protocol/catalogue.ts';
import type { BulletinItem, ItemBody } from '../../src/core/protocol/item.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { type SigningKey, signWith } from '../box/keys.ts';
import type { Shelf } from './catalogue.ts';

/** Bytes of notices that come before all else; what is longer comes with its shelf. */
const MOST_BYTES = 6 * 1024;

/** The urgent notices of a shelf that hold at `now` (seconds since 1970), as many as come before all else. */
export const urgentOf = ({ items }: Shelf, now: number): readonly BulletinItem[] => {
  let bytes = 0;
  return items
    .filter(({ item, row }) => isAlert(item) && (row.expires ?? now) >= now)
    .sort((a, b) => orderOf(a.item) - orderOf(b.item))
    .filter(({ body }) => {
      bytes += body.length;
      return bytes <= MOST_BYTES;
    })
    .slice(0, MOST_ALERTS)
    .map(({ item }) => item as BulletinItem);
};

/** The same, signed; undefined where there is none. */
export const alertsOf = (
  key: SigningKey,
  seq: number,
  name: string,
  shelf: Shelf,
  now: number,
): SignedAlerts | undefined => {
  const items = urgentOf(shelf, now);
  if (items.length === 0) return undefined;
  const alerts: Alerts = { v: PROTOCOL_VERSION, shelf: name, seq, items };
  return signWith(key, 'alerts', alerts);
};

const orderOf = (item: ItemBody): number => ('order' in item ? item.order : 0);

/** Whether any of the urgent notices is new to a device that has these rows. */
export const hasNews = (before: readonly Row[], { items }: Shelf, alerts: SignedAlerts): boolean => {
  const known = new Map(before.map(({ id, sha256 }) => [id, sha256]));
  return alerts.signed.items.some(({ id }) => known.get(id) !== items.find(({ row }) => row.id === id)?.row.sha256);
};
