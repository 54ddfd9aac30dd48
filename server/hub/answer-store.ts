import type { DatabaseSync } from 'node:sqlite';
import type { Platform } from '../../src/core/platform.ts';
import { open } from '../../src/core/protocol/age.ts';
import { fromUtf8 } from '../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import { type Envelope, type Letter, parseLetter } from '../../src/core/protocol/envelope.ts';
import { numberOf } from '../../src/core/protocol/ids.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { whole } from './sqlite.ts';

/** An opened answer, as the inbox shows it. */
export interface InboxAnswer {
  /** The hub's own sequence: the order of arrival. */
  readonly seq: number;
  readonly number: string;
  /** False where it could not be opened or read: kept as it is, for a person. */
  readonly readable: boolean;
  readonly form: string;
  readonly version: number;
  readonly item: string;
  readonly lang: string;
  readonly answers: Readonly<Record<string, string>>;
  /** Seconds since 1970: the device's clock, and the hub's. */
  readonly filled: number;
  readonly received: number;
}

interface AnswerRow extends Omit<InboxAnswer, 'readable' | 'answers'> {
  readonly readable: number;
  readonly answers: string;
}

/** What a letter says, whoever sealed it and when. */
const wordsOf = (letter: Letter | undefined): string | undefined =>
  letter &&
  fromUtf8(canonicalBytes({ form: letter.form, item: letter.item, lang: letter.lang, answers: letter.answers }));

/**
 * Answers at the hub.
 *
 * Invariants: an envelope is stored once for its id and hash, whatever arrives how often, and an answer once for its id and words; `store` returns after the row is on the disk;
 * nothing is ever deleted; a body is opened only here, at its addressee.
 */
export class AnswerStore {
  readonly #database: DatabaseSync;
  readonly #secrets: () => readonly Uint8Array[];
  readonly #platform: Platform;
  /** Those that the unreadable ones were last tried with. */
  #triedWith: readonly Uint8Array[] | undefined;
  #opening: Promise<void> = Promise.resolve();

  /**
   * `secrets`: the X25519 keys that open letters for the centre, today's first, then those that it had before. The same array as long as they
   * are the same.
   */
  constructor(database: DatabaseSync, secrets: () => readonly Uint8Array[], platform = webPlatform) {
    this.#database = database;
    this.#secrets = secrets;
    this.#platform = platform;
  }

  /** Stores an envelope; `fresh` is false where exactly this one was there already. Throws `full` or `storage`, and has stored nothing then. */
  store({ header, body }: Envelope, received: number): { readonly seq: number; readonly fresh: boolean } {
    return whole(this.#database, () => {
      const inserted = this.#database
        .prepare(
          `INSERT INTO envelopes (id, hash, header, body, received) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (id, hash) DO NOTHING RETURNING seq`,
        )
        .get(header.id, header.hash, JSON.stringify(header), body, received) as { seq: number } | undefined;
      if (!inserted) return { seq: this.seqOf(header.id, header.hash) as number, fresh: false };
      this.#database
        .prepare('INSERT INTO devices (id, known_since) VALUES (?, ?) ON CONFLICT (id) DO NOTHING')
        .run(header.dev, received);
      return { seq: inserted.seq, fresh: true };
    });
  }

  /** The sequence of exactly this envelope, or of the one that says the same; undefined where neither is here. */
  seqOf(id: string, hash: string): number | undefined {
    const known = this.#database
      .prepare(
        `SELECT seq FROM envelopes WHERE id = ?1 AND hash = ?2 UNION ALL SELECT seq FROM twins WHERE id = ?1 AND hash = ?2`,
      )
      .get(id, hash);
    return (known as { seq: number } | undefined)?.seq;
  }

  /** What is here, newest first, as receipts name it. */
  newest(limit: number): readonly { readonly id: string; readonly hash: string; readonly seq: number }[] {
    const rows = this.#database
      .prepare(
        'SELECT id, hash, seq FROM envelopes UNION ALL SELECT id, hash, seq FROM twins ORDER BY seq DESC LIMIT ?',
      )
      .all(limit);
    return rows.map(({ id, hash, seq }) => ({ id: String(id), hash: String(hash), seq: Number(seq) }));
  }

  /**
   * Stores an envelope, unless another one with its id says the same: the same form sent twice without a script, or first to `/o/plain` and,
   * the reply lost, again as the device sealed it.
   */
  async storeOnce(envelope: Envelope, received: number): Promise<{ readonly seq: number; readonly fresh: boolean }> {
    const { header, body } = envelope;
    const known = this.seqOf(header.id, header.hash);
    if (known !== undefined) return { seq: known, fresh: false };
    // An honest answer has one or two; strangers may make up more, and each costs an opening.
    const others = this.#database
      .prepare('SELECT seq, body FROM envelopes WHERE id = ? AND hash <> ? ORDER BY seq LIMIT 4')
      .all(header.id, header.hash) as unknown as { seq: number; body: Uint8Array }[];
    // Nothing is awaited where there is none: no other can come between the question and the row.
    const twin = others.length > 0 ? await this.#sameAmong(others, body) : undefined;
    if (twin === undefined) return this.store(envelope, received);
    // It may be asked after again, and its receipt goes by hand as well.
    this.#database
      .prepare('INSERT INTO twins (id, hash, seq) VALUES (?, ?, ?) ON CONFLICT (id, hash) DO NOTHING')
      .run(header.id, header.hash, twin);
    return { seq: twin, fresh: false };
  }

  async #sameAmong(
    others: readonly { readonly seq: number; readonly body: Uint8Array }[],
    body: Uint8Array,
  ): Promise<number | undefined> {
    const said = wordsOf(await this.#open(body));
    for (const other of others)
      if (said !== undefined && said === wordsOf(await this.#open(other.body))) return other.seq;
    return undefined;
  }

  async #open(body: Uint8Array): Promise<Letter | undefined> {
    for (const secret of this.#secrets()) {
      const letter = await open(this.#platform, secret, body)
        .then(parseLetter)
        .catch(() => undefined);
      if (letter) return letter;
    }
    return undefined;
  }

  /** Whether a device has had a receipt from here. */
  knows(device: string): boolean {
    return this.#database.prepare('SELECT 1 FROM devices WHERE id = ?').get(device) !== undefined;
  }

  /** Opens what has not been opened yet. Calls queue up behind one another. */
  openPending(): Promise<void> {
    // One that failed (a full disk) must not keep every later one from trying.
    this.#opening = this.#opening.catch(() => {}).then(() => this.#openAll());
    return this.#opening;
  }

  async #openAll(): Promise<void> {
    await this.#openUnreadable();
    const rows = this.#database
      .prepare('SELECT seq, id, body FROM envelopes WHERE seq NOT IN (SELECT seq FROM answers) ORDER BY seq')
      .all() as unknown as { seq: number; id: string; body: Uint8Array }[];
    for (const { seq, id, body } of rows) {
      this.#record(seq, id, await this.#open(body));
    }
  }

  /** What could not be opened is tried again with other keys: those of an earlier time may have come back. */
  async #openUnreadable(): Promise<void> {
    const secrets = this.#secrets();
    if (this.#triedWith === secrets) return;
    const rows = this.#database
      .prepare('SELECT e.seq, e.body FROM answers a JOIN envelopes e ON e.seq = a.seq WHERE a.readable = 0')
      .all() as unknown as { seq: number; body: Uint8Array }[];
    for (const { seq, body } of rows) {
      const letter = await this.#open(body);
      if (!letter) continue;
      this.#database
        .prepare(
          `UPDATE answers SET readable = 1, form = ?, version = ?, item = ?, lang = ?, answers = ?, filled = ?
           WHERE seq = ? AND readable = 0`,
        )
        .run(letter.form, letter.version, letter.item, letter.lang, JSON.stringify(letter.answers), letter.at, seq);
    }
    this.#triedWith = secrets;
  }

  #record(seq: number, id: string, letter: Letter | undefined): void {
    this.#database
      .prepare(
        `INSERT INTO answers (seq, number, readable, form, version, item, lang, answers, filled)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (seq) DO NOTHING`,
      )
      .run(
        seq,
        numberOf(id),
        letter ? 1 : 0,
        letter?.form ?? '',
        letter?.version ?? 0,
        letter?.item ?? '',
        letter?.lang ?? '',
        JSON.stringify(letter?.answers ?? {}),
        letter?.at ?? 0,
      );
  }

  /** Opened answers that came after `seq`, in order of arrival. */
  after(seq: number, limit: number): readonly InboxAnswer[] {
    const rows = this.#database
      .prepare(
        `SELECT a.seq, number, readable, form, version, item, lang, answers, filled, received
         FROM answers a JOIN envelopes e ON e.seq = a.seq WHERE a.seq > ? ORDER BY a.seq LIMIT ?`,
      )
      .all(seq, limit) as unknown as AnswerRow[];
    return rows.map((row) => ({
      ...row,
      readable: row.readable === 1,
      answers: JSON.parse(row.answers) as Record<string, string>,
    }));
  }

  /** All opened answers in order of arrival, read `page` at a time. */
  *all(page: number): Generator<InboxAnswer> {
    for (let list = this.after(0, page); list.length > 0; list = this.after(list.at(-1)?.seq ?? 0, page)) yield* list;
  }

  /** Throws where the database does not answer. */
  check(): void {
    this.#database.prepare('SELECT 1').get();
  }

  close(): void {
    this.#database.close();
  }
}
