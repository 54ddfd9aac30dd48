import type { DatabaseSync } from 'node:sqlite';
import type { AnswerStore } from '../../server/hub/answer-store.ts';
import type { HeadSource } from '../../server/hub/tree-routes.ts';
import type { HeldAnswers } from '../../server/mirror/held-answers.ts';
import type { MirrorHeads } from '../../server/mirror/mirror-heads.ts';
import type { MirrorStore } from '../../server/mirror/mirror-store.ts';
import type { RelayDesk } from '../../server/mirror/relay-desk.ts';
import type { TreeWriter } from '../../server/publish/tree.ts';
import type { Platform } from '../../src/core/platform.ts';
import type { Transport } from '../../src/core/sync/ports.ts';
import type { Locks } from '../../src/engine/exclusive.ts';
import type { Tab } from './device.ts';
import type { TabAnswers, TabLibrary } from './stores.ts';

/** The same, in a hub in between. Each is asked at each start of it. */
export interface BetweenMutant {
  held?(store: HeldAnswers, database: DatabaseSync, platform: Platform): HeldAnswers;
  store?(store: MirrorStore, platform: Platform): MirrorStore;
  platform?(platform: Platform): Platform;
  desk?(desk: RelayDesk): RelayDesk;
  heads?(heads: MirrorHeads, store: MirrorStore): HeadSource;
  /** `number`: that of the tree that it writes. */
  writer?(writer: TreeWriter, home: string, number: number): TreeWriter;
}

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
  readonly between?: BetweenMutant;
}
