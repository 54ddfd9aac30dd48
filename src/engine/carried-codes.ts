import { fromNoticesCode, isNotices, noticesCode } from '../core/carry/notice.ts';
import { takeCode } from '../core/carry/take.ts';
import { RelaisError } from '../core/errors.ts';
import type { Platform } from '../core/platform.ts';
import { type Alerts, readAlerts } from '../core/protocol/alerts.ts';
import { fromUtf8, toBase64Url } from '../core/protocol/bytes.ts';
import { canonicalBytes } from '../core/protocol/canonical.ts';
import type { CarriedIn } from '../core/protocol/carried.ts';
import { fromBuckets } from '../core/protocol/catalogue.ts';
import type { ShelfTable } from '../core/protocol/head.ts';
import { languageOf } from '../core/protocol/shelf.ts';
import type { LibraryStore, OutboxStore } from '../core/sync/ports.ts';
import type { LibraryDb } from '../store/library-db.ts';

/** What goes from screen to camera: codes of receipts and of urgent notices. */
export interface CodePorts {
  readonly platform: Platform;
  readonly library: LibraryStore & Pick<LibraryDb, 'signedAlerts'>;
  readonly answers: OutboxStore;
}

/** Takes what a code says that was photographed. Throws as `takeCode` and `fromNoticesCode` do, and `no-link` where no library is here yet. */
export const takeCarriedCode = async (ports: CodePorts, code: Uint8Array): Promise<CarriedIn> => {
  const { platform, library, answers } = ports;
  const state = await library.library();
  // Whose word it is, only a library can tell.
  if (!state) throw new RelaisError('no-link', { what: 'no library' });
  const came = { changed: 0, media: 0, answers: 0, elsewhere: 0, arrived: 0 };
  if (!isNotices(code)) return { ...came, arrived: await takeCode(platform, state, answers, code) };
  const { alerts, signed } = await fromNoticesCode(platform, state.root, code);
  const { shelf, seq, items } = alerts;
  // Of a language that is not here this device cannot know whether they were withdrawn since.
  const { baseSeq } = await library.shelf(shelf);
  if (baseSeq > 0 || seq >= (state.head?.seq ?? 0)) await library.saveAlerts(alerts, signed);
  const [first] = items;
  if (!first || !(await areCurrent(ports, alerts))) return came;
  return { ...came, notice: { lang: languageOf(shelf), id: first.id } };
};

/** The urgent notices among which this one is, as a code; undefined where they are too long for one, or not those of today any more. */
export const noticeCode = async (ports: CodePorts, lang: string, id: string): Promise<string | undefined> => {
  const { platform, library } = ports;
  const state = await library.library();
  if (!state?.table) return undefined;
  const table = JSON.parse(fromUtf8(state.table)) as ShelfTable;
  for (const shelf of Object.keys(table).filter((name) => languageOf(name) === lang)) {
    const signed = await library.signedAlerts(shelf);
    const alerts = signed && (await readAlerts(platform, state.root, signed).catch(() => undefined));
    if (!signed || !alerts?.items.some((item) => item.id === id)) continue;
    if (await areCurrent(ports, alerts)) return noticesCode(signed);
  }
  return undefined;
};

/** Whether a shelf still says what these say. */
const areCurrent = async ({ platform, library }: CodePorts, { shelf, seq, items }: Alerts): Promise<boolean> => {
  if ((await library.alerts(shelf))?.seq === seq) return true;
  const rows = new Map(fromBuckets(await library.buckets(shelf)).map((row) => [row.id, row.sha256]));
  for (const item of items)
    if (rows.get(item.id) !== toBase64Url(await platform.sha256(canonicalBytes(item)))) return false;
  return true;
};
