import { type Signal, signal } from '@preact/signals';
import type { InboxApi } from './api.ts';

/** The part of `core`'s platform that the inbox needs. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `fn` once after `ms` milliseconds; the result cancels it. */
  after(ms: number, fn: () => void): () => void;
}

/** What stands above the code's field. `leaving`: signed out here, but the hub has not heard it yet. */
export type DoorNotice = 'wrong-code' | 'expired' | 'unreachable' | 'leaving';

const RETRY_MS = 5000;

/**
 * Coming in and going out.
 *
 * Invariants: no code is sent while another is under way or the hub asked to wait; once left, the hub is told again until it answers or
 * until somebody is let in, since only the hub can take the cookie back.
 */
export class DoorState {
  readonly notice = signal<DoorNotice | undefined>(undefined);
  /** Seconds until the hub takes another code. */
  readonly wait = signal(0);
  readonly signingIn = signal(false);

  readonly #api: InboxApi;
  readonly #clock: Clock;
  readonly #reachable: Signal<boolean>;
  readonly #onOpen: () => void;
  #leaving = false;
  /** Whether a request to sign out is under way. */
  #telling = false;
  #cancelRetry: () => void = () => {};

  constructor(api: InboxApi, clock: Clock, reachable: Signal<boolean>, onOpen: () => void) {
    this.#api = api;
    this.#clock = clock;
    this.#reachable = reachable;
    this.#onOpen = onOpen;
  }

  async signIn(code: string): Promise<void> {
    if (this.signingIn.value || this.wait.value > 0) return;
    this.signingIn.value = true;
    this.#cancelRetry();
    const result = await this.#api.signIn(code);
    this.signingIn.value = false;
    this.#reachable.value = result.kind !== 'unreachable';
    if (result.kind === 'done') {
      this.#leaving = false;
      this.notice.value = undefined;
      return this.#onOpen();
    }
    this.notice.value = result.kind === 'wait' ? undefined : result.kind;
    if (this.#leaving) void this.#tell();
    if (result.kind === 'wait') this.#countDown(this.#clock.now() + result.seconds * 1000);
  }

  signOut(): Promise<void> {
    this.#leaving = true;
    return this.#tell();
  }

  async #tell(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    const { kind } = await this.#api.signOut();
    this.#telling = false;
    if (!this.#leaving) return;
    this.#leaving = kind !== 'done';
    this.#reachable.value = !this.#leaving;
    if (this.#leaving) {
      this.notice.value = 'leaving';
      this.#cancelRetry = this.#clock.after(RETRY_MS, () => void this.#tell());
    } else if (this.notice.value === 'leaving') this.notice.value = undefined;
  }

  #countDown(ends: number): void {
    this.wait.value = Math.max(0, Math.ceil((ends - this.#clock.now()) / 1000));
    if (this.wait.value > 0) this.#clock.after(1000, () => this.#countDown(ends));
  }
}
