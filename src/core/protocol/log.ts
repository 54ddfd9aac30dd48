import type { ErrorCode } from '../errors.ts';

/** One line of the device's log: how a sync ended. Stays on the device. */
export interface LogEntry {
  /** Milliseconds since 1970, device time. */
  readonly at: number;
  readonly by: 'page' | 'background';
  readonly ok: boolean;
  readonly code?: ErrorCode;
  readonly details?: string;
  /** Answers that got a receipt. */
  readonly sent: number;
  /** Items that are new or changed. */
  readonly changed: number;
}
