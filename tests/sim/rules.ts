import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { fromUtf8, toBase64Url } from '../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import type { Envelope } from '../../src/core/protocol/envelope.ts';
import { neededShelves, type ShelfTable } from '../../src/core/protocol/head.ts';
import type { LibraryData } from '../../src/store/memory-library.ts';
import type { AnswersData } from '../../src/store/memory-outbox.ts';
import { sha256 } from './machine.ts';
import type { Box, Edition, Stage } from './stage.ts';
import type { World } from './world.ts';

/** The invariants, as questions about what is stored. `docs/proof.md` says what each is worth. */

const hashes = new WeakMap<Uint8Array, string>();
/** SHA-256 of bytes that do not change, base64url. */
export const hashOf = (bytes: Uint8Array): string => {
  const known = hashes.get(bytes) ?? toBase64Url(sha256(bytes));
  hashes.set(bytes, known);
  return known;
};

/** An answer that a person gave, and what they were told. */
export interface Given {
  readonly id: string;
  readonly token: string;
  readonly words: string;
  readonly item: string;
  readonly lang: string;
  /** `kept`: "kept on this phone". `held`: "at a hub that passes it on", without a script. `arrived`: "at the centre". */
  told: 'nothing' | 'kept' | 'held' | 'arrived';
  /** Somebody else gave it, on another phone: it is only carried here. */
  readonly isCarried?: true;
}

interface EnvelopeRow {
  readonly seq: number;
  readonly id: string;
  readonly hash: string;
  readonly header: string;
  readonly body: Uint8Array;
}

export class Rules {
  readonly #world: World;
  readonly #stage: Stage;
  readonly #database: DatabaseSync;
  readonly #byId: StatementSync;
  readonly #hubKey: string;
  readonly given = new Map<string, Given>();
  /** Whether a hub in between has an answer, or the one with this name. */
  isHeld: (id: string, by?: string) => boolean = () => false;
  /** Whether a device may say that of hubs in between although nobody has lied. */
  isExcused: (code: string) => boolean = () => false;

  constructor(world: World, stage: Stage, database: DatabaseSync) {
    this.#world = world;
    this.#stage = stage;
    this.#database = database;
    this.#byId = database.prepare('SELECT seq, id, hash, header, body FROM envelopes WHERE id = ?');
    this.#hubKey = stage.ours.editions[0]?.keys.hub.id ?? '';
  }

  #boxOf(identity: string): Box | undefined {
    return [this.#stage.ours, this.#stage.stranger].find((box) => box.identity === identity);
  }

  /** I3 and I5, of one change of the library. `wasCut`: the power went, and the disk shows an earlier moment. */
  library(before: LibraryData, after: LibraryData, wasCut: boolean): void {
    const fail = (text: string): void => this.#world.fail('I3', text);
    const { state } = after;
    if (state && state !== before.state) this.#library(before, after, wasCut);
    const box = state && this.#boxOf(state.identity);
    for (const [name, shelf] of after.shelves) {
      const old = before.shelves.get(name);
      if (old === shelf || (shelf.hash === '' && shelf.bodies.size === 0)) continue;
      if (!wasCut && before.state?.identity === state?.identity && shelf.baseSeq < (old?.baseSeq ?? 0))
        fail(`baseSeq of ${name} goes back from ${old?.baseSeq} to ${shelf.baseSeq}`);
      const edition = box?.editions.find(({ seq }) => seq === shelf.baseSeq);
      if (edition?.table[name]?.hash !== shelf.hash) {
        fail(`shelf ${name} says that it is at ${shelf.baseSeq}, and its catalogue is another`);
        continue;
      }
      const live = edition.live.get(name) ?? new Map<string, string>();
      const stored = [...shelf.bodies].map(([id, { body }]) => `${id} ${hashOf(body)}`).sort();
      const signed = [...live].map(([id, hash]) => `${id} ${hash}`).sort();
      if (stored.join() !== signed.join())
        fail(`shelf ${name} at ${shelf.baseSeq} is not what was signed: ${stored.length} of ${signed.length} texts`);
      const rows = [...shelf.buckets.values()].flat().filter(({ tombstone }) => !tombstone);
      if (
        rows
          .map(({ id, sha256: hash }) => `${id} ${hash}`)
          .sort()
          .join() !== signed.join()
      )
        fail(`the catalogue of ${name} at ${shelf.baseSeq} is not what was signed`);
    }
    for (const [name, alerts] of after.alerts) {
      if (before.alerts.get(name) === alerts) continue;
      const live = box?.editions.find(({ seq }) => seq === alerts.seq)?.live.get(name);
      const isSigned = alerts.items.every((item) => live?.get(item.id) === hashOf(canonicalBytes(item)));
      if (!isSigned) fail(`urgent notices of ${name} at ${alerts.seq} that nobody signed`);
    }
    const problem = after.sync?.problem;
    if (
      problem &&
      after.sync !== before.sync &&
      !this.#world.hasLied &&
      ACCUSING.has(problem) &&
      !this.isExcused(problem)
    )
      fail(`a device says "${problem}", and nobody has lied: ${after.log.at(-1)?.details}`);
  }

  #library({ state: old }: LibraryData, { state }: LibraryData, wasCut: boolean): void {
    const fail = (text: string): void => this.#world.fail('I3', text);
    if (!state) return;
    const box = this.#boxOf(state.identity);
    if (!box) {
      fail(`nobody's library: ${state.identity}`);
      return;
    }
    if (old && old.identity !== state.identity && !wasCut) fail('another library took the place of the pinned one');
    const edition = box.editions.find(({ seq }) => seq === state.head?.seq);
    if (state.head && edition?.tableHash !== state.head.table)
      fail(`head ${state.head.seq} is not one that was signed`);
    if (!box.editions.some(({ root }) => JSON.stringify(root) === JSON.stringify(state.root)))
      fail('a root that nobody signed');
    if (state.table && !box.editions.some(({ tableHash }) => state.table && tableHash === hashOf(state.table)))
      fail('a table that nobody signed');
    const [seq, seen] = [state.head?.seq ?? 0, old?.head?.seq ?? 0];
    if (!wasCut && old?.identity === state.identity && seq < seen) fail(`seq goes back from ${seen} to ${seq}`);
  }

  /** I1 and I6, of one change of the answers. */
  answers(data: AnswersData): void {
    this.kept(data);
    for (const { words } of this.given.values()) {
      for (const answer of [...data.answers.values(), ...data.carried]) {
        const { body, ...rest } = answer;
        if ((body && Buffer.from(body).includes(words)) || JSON.stringify(rest).includes(words))
          this.#world.fail('I6', `the words of an answer are in the store: ${words}`);
      }
    }
  }

  /** I1: whatever a person was told is kept or has arrived is so. */
  kept(data: AnswersData): void {
    for (const { header, body, receipt } of data.carried) {
      const fail = (text: string): void => this.#world.fail('I1', `${text}: ${header.id}, of another`);
      if (body ? hashOf(body) !== header.hash : !receipt) fail('what is carried is not what was sealed');
      const { hash, seq } = receipt?.signed ?? {};
      const isThere = this.#rows(header.id).some((row) => row.seq === seq && hash === header.hash);
      if (receipt && header.to === this.#hubKey && !isThere) fail('its receipt is of nothing that the hub has');
    }
    for (const { id, told, isCarried } of this.given.values()) {
      if (isCarried) continue;
      const fail = (text: string): void => this.#world.fail('I1', `${text}: ${id}`);
      if (told === 'arrived' && this.#rows(id).length === 0)
        fail('it was said to have arrived, and the hub does not have it');
      if (told === 'held' && !this.isHeld(id) && this.#rows(id).length === 0)
        fail('a hub in between was said to have it, and nobody has it');
      if (told !== 'kept') continue;
      const answer = data.answers.get(id);
      this.#held(answer);
      if (!answer) fail('it was said to be kept, and the device does not have it');
      else if (answer.body) {
        if (hashOf(answer.body) !== answer.header.hash) fail('its bytes are not those that were sealed');
      } else if (!answer.receipt) fail('it has neither bytes nor a receipt');
      else {
        // What was sealed for a stranger's centre may have that one's receipt.
        if (answer.header.to !== this.#hubKey) continue;
        const { hash, seq } = answer.receipt.signed;
        const isThere = this.#rows(id).some((row) => row.seq === seq) && hash === answer.header.hash;
        if (!isThere) fail('its receipt is of nothing that the hub has');
      }
    }
  }

  /** I1: what a phone says is with a hub in between is there. Unsigned, anybody may have said it. */
  #held(
    answer:
      | { readonly header: Envelope['header']; readonly state: string; readonly holder?: string | undefined }
      | undefined,
  ): void {
    if (answer?.state !== 'held' || (answer.holder === undefined && this.#world.hasLied)) return;
    const { id } = answer.header;
    if (!this.isHeld(id, answer.holder))
      this.#world.fail('I1', `it was said to be with ${answer.holder ?? 'a hub in between'}, and is not there: ${id}`);
  }

  /** I1: answers of which it was said that they were taken to be passed on. */
  taken({ answers, carried }: AnswersData, envelopes: readonly Envelope[]): void {
    for (const { header } of envelopes)
      if (!answers.has(header.id) && !carried.some((one) => one.header.hash === header.hash))
        this.#world.fail('I1', `it was said to have been taken, and is not there: ${header.id}`);
  }

  #rows(id: string): readonly EnvelopeRow[] {
    return this.#byId.all(id) as unknown as readonly EnvelopeRow[];
  }

  /** I6 at a hub: what is stored for the addressee says nothing to others. */
  sealed(database = this.#database, table: 'envelopes' | 'held' = 'envelopes'): void {
    const rows = database.prepare(`SELECT header, body FROM ${table}`).all() as unknown as readonly {
      readonly header: string;
      readonly body: Uint8Array | null;
    }[];
    for (const { header, body } of rows)
      for (const { words } of this.given.values())
        if (header.includes(words) || Buffer.from(body ?? []).includes(words))
          this.#world.fail('I6', `the words lie open at the hub: ${words}`);
  }

  /** I6 on the device: the library's database, with its log. */
  traceless({ log, sync, parts }: LibraryData): void {
    const text =
      JSON.stringify([log, sync]) +
      [...parts.values()].map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join('');
    for (const { words } of this.given.values())
      if (text.includes(words)) this.#world.fail('I6', `the words are in the log: ${words}`);
  }

  /** Whether an answer is sealed for another library's centre: as long as that one is pinned, it is offered to whoever is there. */
  isElsewhere({ answers }: AnswersData): boolean {
    return [...answers.values()].some(({ header }) => header.to !== this.#hubKey);
  }

  /** I2, once there were no faults for a while: undefined where it holds, else what is missing. */
  delivered(data: AnswersData): string | undefined {
    for (const { header, state } of data.carried)
      if (header.to === this.#hubKey && state !== 'centre') return `has no receipt: ${header.id} of another (${state})`;
    for (const { id, told, isCarried } of this.given.values()) {
      if (isCarried) continue;
      const answer = data.answers.get(id);
      // Sealed for another library's centre: it waits for that one.
      if (answer && answer.header.to !== this.#hubKey) continue;
      if (told === 'nothing' && !answer) continue;
      if (this.#rows(id).length === 0) return `not at the hub: ${id}`;
      if (answer && answer.state !== 'centre')
        return `has no receipt: ${id} (${answer.state}${answer.code ? `, ${answer.code}` : ''})`;
    }
    return undefined;
  }

  /** I2: nothing is at the hub twice, and all of it says what was said. `open` has opened what came. */
  once(): void {
    for (const { id, words, told } of this.given.values()) {
      const rows = this.#rows(id);
      if (rows.length > 1) this.#world.fail('I2', `${rows.length} times at the hub: ${id}`);
      if (told === 'nothing') continue;
      for (const { seq } of rows) {
        const opened = this.#database.prepare('SELECT answers, readable FROM answers WHERE seq = ?').get(seq) as
          | { answers: string; readable: number }
          | undefined;
        const said = opened && (JSON.parse(opened.answers) as { words?: string }).words;
        if (said !== words) this.#world.fail('I2', `the hub reads "${said}" where "${words}" was said`);
      }
    }
    const known = [...this.given.keys()];
    const all = this.#database.prepare('SELECT id FROM envelopes').all() as unknown as { id: string }[];
    for (const { id } of all) if (!known.includes(id)) this.#world.fail('I2', `nobody gave this answer: ${id}`);
  }

  /** I4: what is missing for the device to be as the catalogue is; undefined where nothing is. */
  current({ state, shelves, wanted }: LibraryData, newest: Edition): string | undefined {
    // A language that left the library takes its readers' news along: nothing names the others to them.
    if (!wanted.some((name) => name in newest.table)) return undefined;
    if (state?.identity !== this.#stage.ours.identity) return 'it has no library of ours';
    if (state.head?.seq !== newest.seq) return `its head is ${state.head?.seq}, the newest is ${newest.seq}`;
    const table = JSON.parse(fromUtf8(state.table ?? new Uint8Array(0)) || '{}') as ShelfTable;
    for (const name of neededShelves(wanted, newest.table)) {
      const signed = newest.table[name]?.hash;
      if (signed && shelves.get(name)?.hash !== signed)
        return `shelf ${name} is at ${shelves.get(name)?.baseSeq ?? 'nothing'}`;
      if (signed && table[name]?.hash !== signed) return `the table of ${name} is an older one`;
    }
    return undefined;
  }
}

/** What a device says of others: without a liar there is none. */
export const ACCUSING: ReadonlySet<string> = new Set([
  'tampered',
  'foreign-root',
  'rollback',
  'malformed',
  'too-new',
  'too-large',
]);
