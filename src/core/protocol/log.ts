import type { ErrorCode, PORTAL } from '../errors.ts';

/** How syncs ended. Stays on the machine that ran them. */

/** How the last one ended, by whichever page or worker. */
export interface SyncRecord {
  readonly reached: boolean;
  readonly problem?: ErrorCode;
  readonly needsUpdate: boolean;
}

/** Lines that are kept. */
export const LOG_LENGTH = 50;

/** One line of the log. */
export interface LogEntry {
  /** Milliseconds since 1970, device time. */
  readonly at: number;
  /** `carried`: by hand, from an archive. `near`: with a hub on the same Wi-Fi. */
  readonly by: 'page' | 'background' | 'carried' | 'near';
  readonly ok: boolean;
  /** `cut`: the link went in the middle of a file. */
  readonly code?: ErrorCode | typeof PORTAL | 'cut';
  readonly details?: string;
  /** Answers that got a receipt. */
  readonly sent: number;
  /** Items that are new or changed. */
  readonly changed: number;
  /** Bytes that the link carried, estimated headers included. Absent in lines that older apps wrote. */
  readonly up?: number;
  readonly down?: number;
  /** How long it took, in milliseconds. */
  readonly ms?: number;
}

/**
 * One line for both, where nothing was achieved twice in a row in the same way; undefined where each says something of its own, as what was refused
 * does that came by hand. Tries that failed add up
 * what they cost.
 */
export const asOne = (before: LogEntry | undefined, entry: LogEntry): LogEntry | undefined => {
  if (before?.ok !== entry.ok || before.code !== entry.code) return undefined;
  if ([before, entry].some(({ sent, changed }) => sent + changed > 0)) return undefined;
  if (entry.ok) return entry;
  // Each is another file, or a new try by a person.
  if ([before, entry].some(({ by }) => by === 'carried')) return undefined;
  const sum = (key: 'up' | 'down' | 'ms'): number => (before[key] ?? 0) + (entry[key] ?? 0);
  return { ...entry, up: sum('up'), down: sum('down'), ms: sum('ms') };
};
