import type { ErrorCode, PORTAL } from '../errors.ts';

/** One line of the device's log: how a sync ended. Stays on the device. */
export interface LogEntry {
  /** Milliseconds since 1970, device time. */
  readonly at: number;
  readonly by: 'page' | 'background';
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
