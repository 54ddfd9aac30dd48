import { RelaisError } from '../../src/core/errors.ts';
import type { Platform } from '../../src/core/platform.ts';
import { type Envelope, verifyEnvelope } from '../../src/core/protocol/envelope.ts';
import type { Hub } from '../../src/core/protocol/hubs.ts';
import { type BatchResult, UNKNOWN_ADDRESSEE } from '../../src/core/protocol/receipt.ts';
import type { Root } from '../../src/core/protocol/root.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { hashOfHeld, type SignedVouch } from '../../src/core/protocol/vouch.ts';
import { knownHub } from '../../src/core/sync/hub-list.ts';
import type { HubListStore } from '../../src/core/sync/ports.ts';
import { addresseesOf } from '../../src/core/sync/trust.ts';
import { type SigningKey, signWith } from '../box/keys.ts';
import type { AnswerDesk } from '../hub/desk.ts';
import type { Held, HeldAnswers } from './held-answers.ts';
import type { MirrorStore } from './mirror-store.ts';

export interface RelayPorts {
  readonly held: HeldAnswers;
  readonly platform: Platform;
  /** What is known of the library that is mirrored. */
  readonly store: HubListStore & Pick<MirrorStore, 'state'>;
  /** This hub's own key, once one was made. */
  readonly key: () => SigningKey | undefined;
  /** Something waits to be passed on. */
  readonly nudge: () => void;
}

/** Takes answers for the hub whose library is mirrored, and passes back what that one says of them. It opens none, and signs nothing but what it holds. */
export class RelayDesk implements AnswerDesk {
  readonly isRelay = true;
  readonly #ports: RelayPorts;
  /** Something was taken that has not been offered yet. */
  #isNew = false;

  constructor(ports: RelayPorts) {
    this.#ports = ports;
  }

  root(): Root {
    const library = this.#ports.store.state();
    if (!library) throw new RelaisError('no-link', { what: 'no library' });
    return library.root;
  }

  knows(device: string): boolean {
    return this.#ports.held.knows(device);
  }

  async take(envelope: Envelope): Promise<BatchResult> {
    const { held, platform } = this.#ports;
    const { id, hash, to } = envelope.header;
    const known = held.find(id, hash);
    const isWhole = envelope.body.length > 0;
    // Offered whole, what was refused is looked at again, and what has a receipt by a key of an earlier root gets another one.
    const isStale = known?.receipt !== undefined && !Object.hasOwn(this.root().hub.keys, known.receipt.signed.by);
    if (known && !isStale && (known.refused === undefined || !isWhole)) return fateOf(id, known);
    if (!this.#isForUs(to)) return { id, status: 'rejected', code: UNKNOWN_ADDRESSEE };
    if (!isWhole) return { id, status: 'need' };
    if (!(await verifyEnvelope(platform, envelope))) return { id, status: 'rejected', code: 'hash' };
    if (known) held.renew(envelope);
    else held.store(envelope, Math.floor(platform.now() / 1000));
    this.#isNew = true;
    return { id, status: 'held' };
  }

  /** What the library says of this hub: `unknown` where it does not let it speak, or not any more; undefined where the hub has no key. */
  async standing(): Promise<Hub | 'unknown' | undefined> {
    const { platform, store, key } = this.#ports;
    const own = key();
    return own && ((await knownHub(platform, store, own.id)) ?? 'unknown');
  }

  async vouch(held: readonly { readonly id: string; readonly hash: string }[]): Promise<SignedVouch | undefined> {
    const { platform, store, key } = this.#ports;
    const own = key();
    if (!own || !(await knownHub(platform, store, own.id))) return undefined;
    const of = await hashOfHeld(platform, held);
    return signWith(own, 'vouch', { v: PROTOCOL_VERSION, by: own.id, of });
  }

  async takeOwn(envelope: Envelope): Promise<boolean> {
    // Sealed anew each time, the same words have another hash: their id tells.
    if (this.#ports.held.has(envelope.header.id)) return false;
    this.#isNew = true;
    return this.#ports.held.store(envelope, Math.floor(this.#ports.platform.now() / 1000));
  }

  /** Whoever only asks after an answer costs the link nothing: the receipt comes when it comes. */
  async afterwards(): Promise<void> {
    if (!this.#isNew) return;
    this.#isNew = false;
    this.#ports.nudge();
  }

  check(): void {
    this.#ports.held.check();
  }

  /** Whether a hub that this library names, or named since it was met here, is the addressee: to others nothing is passed on. */
  #isForUs(to: string): boolean {
    const library = this.#ports.store.state();
    return library !== undefined && addresseesOf(library).includes(to);
  }
}

const fateOf = (id: string, { receipt, refused }: Held): BatchResult => {
  if (receipt) return { id, status: 'duplicate', receipt };
  return refused === undefined ? { id, status: 'held' } : { id, status: 'rejected', code: refused };
};
