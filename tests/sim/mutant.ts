import type { DatabaseSync } from 'node:sqlite';
import type { AnswerStore } from '../../server/hub/answer-store.ts';
import type { Platform } from '../../src/core/platform.ts';
import type { Transport } from '../../src/core/sync/ports.ts';
import type { Locks } from '../../src/engine/exclusive.ts';
import type { Tab } from './device.ts';
import type { TabAnswers, TabLibrary } from './stores.ts';

/** A known mistake, put in between the real parts. What it does not name stays as it is. */
export interface Mutant {
  library?(store: TabLibrary, tab: Tab): TabLibrary;
  answers?(store: TabAnswers, tab: Tab): TabAnswers;
  transport?(transport: Transport, tab: Tab): Transport;
  platform?(platform: Platform, tab: Tab): Platform;
  locks?(locks: Locks | null): Locks | null;
  /** Answers may be lost with the power, as the library may. */
  readonly relaxedAnswers?: boolean;
  answerStore?(database: DatabaseSync, openers: () => readonly Uint8Array[], platform: Platform): AnswerStore;
  database?(): DatabaseSync;
}
