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
  readonly code?: ErrorCode | typeof PORTAL;
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

/** Nothing came and nothing went, in the same way: such a line takes the place of the one before. */
export const isRepeat = (before: LogEntry, { ok, code, sent, changed }: LogEntry): boolean =>
  before.ok === ok &&
  before.code === code &&
  [before.sent, before.changed, sent, changed].every((count) => count === 0);
