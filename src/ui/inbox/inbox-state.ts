import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { FormItem } from '../../core/protocol/item.ts';
import { matches } from './answer-text.ts';
import type { AnswersPage, InboxAnswer, InboxApi } from './api.ts';
import { type Clock, type DoorNotice, DoorState } from './door-state.ts';

const POLL_MS = 5000;
/** Rows drawn at once: enough for a morning, and cheap on an old laptop. */
const ROWS = 100;

/**
 * The operator's inbox, without a screen.
 *
 *   starting -> list | sign-in      list -> sign-in (sign out, or the hub ended the session)      sign-in -> list
 *
 * Invariants: outside `list` nothing about answers is in memory, and a reply of an earlier session is dropped; rows stand newest first
 * and are only ever added, on top; while a person is at the rows, what arrives waits in `held`, and once something waits so does all
 * that follows; one pull at a time, and none while the page is hidden; no reply changes nothing but `reachable`.
 */
export class InboxState {
  readonly screen = signal<'starting' | 'sign-in' | 'list'>('starting');
  /** On screen, newest first. */
  readonly shown = signal<readonly InboxAnswer[]>([]);
  /** Arrived, waiting to be asked for. */
  readonly held = signal<readonly InboxAnswer[]>([]);
  /** How many came on top by themselves, until the person acts. */
  readonly fresh = signal(0);
  readonly forms = signal<ReadonlyMap<string, FormItem>>(new Map());
  readonly read = signal<ReadonlySet<number>>(new Set());
  readonly chosenSeq = signal<number | undefined>(undefined);
  readonly filter = signal('');
  readonly reachable = signal(true);
  /** When the hub last answered, in milliseconds; undefined before. */
  readonly lastContact = signal<number | undefined>(undefined);
  readonly door: DoorState;

  readonly chosen: ReadonlySignal<InboxAnswer | undefined>;
  /** Those that fit the filter. */
  readonly matching: ReadonlySignal<readonly InboxAnswer[]>;
  /** Those of them that are drawn. */
  readonly rows: ReadonlySignal<readonly InboxAnswer[]>;
  readonly unread: ReadonlySignal<number>;

  /** Whether a finger, the pointer or the focus is at the rows; the page says. */
  isAtRows: () => boolean = () => false;

  readonly #api: InboxApi;
  readonly #clock: Clock;
  readonly #lang: string;
  readonly #limit = signal(ROWS);
  #visible = false;
  /** Somebody did something since the hub was last asked. */
  #acted = false;
  /** Grows whenever a session ends or begins. */
  #session = 0;
  /** The session whose pull is under way. */
  #pulling: number | undefined;
  #lastSeq = 0;
  #cancelPoll: () => void = () => {};

  constructor(api: InboxApi, clock: Clock, lang: string) {
    this.#api = api;
    this.#clock = clock;
    this.#lang = lang;
    this.door = new DoorState(api, clock, this.reachable, () => this.#open());
    this.chosen = computed(() => this.shown.value.find(({ seq }) => seq === this.chosenSeq.value));
    this.matching = computed(() => {
      const forms = this.forms.value;
      return this.shown.value.filter((answer) => matches(answer, forms.get(answer.form), this.filter.value));
    });
    this.rows = computed(() => this.matching.value.slice(0, this.#limit.value));
    this.unread = computed(() => {
      const unseen = this.shown.value.filter(({ seq }) => !this.read.value.has(seq));
      return unseen.length + this.held.value.length;
    });
  }

  /** The page came into view, or left it. The first `true` starts everything. */
  setVisible(visible: boolean): void {
    this.#visible = visible;
    this.#cancelPoll();
    if (visible && this.screen.value !== 'sign-in') void this.#poll();
  }

  /** Somebody is at the page: the hub ends a session at which nobody is. */
  stir(): void {
    this.#acted = true;
  }

  /** The screen is empty at once, whether the hub hears it or not. */
  signOut(): Promise<void> {
    this.#close(undefined);
    return this.door.signOut();
  }

  choose(seq: number): void {
    this.chosenSeq.value = seq;
    this.fresh.value = 0;
    this.read.value = new Set(this.read.value).add(seq);
  }

  unchoose(): void {
    this.chosenSeq.value = undefined;
  }

  setFilter(text: string): void {
    this.filter.value = text;
    this.fresh.value = 0;
    this.#limit.value = ROWS;
  }

  showHeld(): void {
    this.shown.value = [...this.held.value, ...this.shown.value];
    this.held.value = [];
  }

  showOlder(): void {
    this.#limit.value += ROWS;
  }

  #open(): void {
    this.#session++;
    this.screen.value = 'list';
    if (this.#visible) void this.#poll();
  }

  #close(notice: DoorNotice | undefined): void {
    this.#session++;
    this.#cancelPoll();
    this.#lastSeq = 0;
    this.shown.value = [];
    this.held.value = [];
    this.fresh.value = 0;
    this.forms.value = new Map();
    this.read.value = new Set();
    this.unchoose();
    this.setFilter('');
    this.lastContact.value = undefined;
    this.door.notice.value = notice;
    this.screen.value = 'sign-in';
  }

  async #poll(): Promise<void> {
    const session = this.#session;
    if (this.#pulling === session) return;
    this.#pulling = session;
    const open = await this.#pull(session);
    if (session !== this.#session) return;
    this.#pulling = undefined;
    if (open && this.#visible) this.#cancelPoll = this.#clock.after(POLL_MS, () => void this.#poll());
  }

  /** Takes every page that is there; what came before a cut is shown. False where the session is over. */
  async #pull(session: number): Promise<boolean> {
    const arrived: InboxAnswer[] = [];
    for (let more = true; more; ) {
      const acted = this.#acted;
      this.#acted = false;
      const result = await this.#api.answers(this.#lastSeq, this.#lang, acted);
      if (session !== this.#session) return false;
      this.reachable.value = result.kind !== 'unreachable';
      if (!this.reachable.value && acted) this.#acted = true;
      if (result.kind === 'signed-out') {
        this.#close(this.screen.value === 'starting' ? undefined : 'expired');
        return false;
      }
      more = result.kind === 'page' && this.#take(result, arrived) && result.more;
    }
    if (arrived.length > 0) this.#add(arrived.reverse());
    return true;
  }

  /** Whether the page held anything new: one that does not would be asked for for ever. */
  #take({ answers, forms }: AnswersPage, arrived: InboxAnswer[]): boolean {
    this.screen.value = 'list';
    this.lastContact.value = this.#clock.now();
    if (forms.length > 0) this.forms.value = new Map([...this.forms.value, ...forms.map((f) => [f.id, f] as const)]);
    const unknown = answers.filter(({ seq }) => seq > this.#lastSeq);
    arrived.push(...unknown);
    this.#lastSeq = unknown.at(-1)?.seq ?? this.#lastSeq;
    return unknown.length > 0;
  }

  /** `answers`: newest first. */
  #add(answers: readonly InboxAnswer[]): void {
    const first = this.shown.value.length === 0;
    const looking = this.chosenSeq.value !== undefined || this.filter.value !== '' || this.isAtRows();
    if (!first && (looking || this.held.value.length > 0)) {
      this.held.value = [...answers, ...this.held.value];
      return;
    }
    this.shown.value = [...answers, ...this.shown.value];
    this.fresh.value = first ? 0 : answers.length;
  }
}
