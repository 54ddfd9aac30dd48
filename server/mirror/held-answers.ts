import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { type Envelope, type EnvelopeHeader, encodeEnvelope } from '../../src/core/protocol/envelope.ts';
import type { SignedReceipt } from '../../src/core/protocol/receipt.ts';
import type { OutboxStore } from '../../src/core/sync/ports.ts';
import { stored, whole } from '../hub/sqlite.ts';

/** What is known of an answer that was taken for another hub. */
export interface Held {
  readonly receipt: SignedReceipt | undefined;
  /** The code with which its addressee refused it. */
  readonly refused: string | undefined;
}

const NOTHING = new Uint8Array(0);
/** Envelopes that are read together: at most 2 MB. */
const AT_ONCE = 20;

/**
 * Answers that a hub in between passes on, sealed as they came. Its database is `hub.sqlite`.
 *
 * Invariants: an envelope is stored once for its id and hash, and on the disk once `store` returns; nothing is ever deleted, but the body of
 * what has its receipt; of two envelopes with one id, the later one is offered after the first has its receipt or refusal.
 */
export class HeldAnswers implements OutboxStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Takes an envelope. False: it is here already. */
  store({ header, body }: Envelope, received: number): boolean {
    return whole(this.#database, () => {
      const { changes } = this.#database
        .prepare(
          `INSERT INTO held (id, hash, addressee, header, body, received) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (id, hash) DO NOTHING`,
        )
        .run(header.id, header.hash, header.to, JSON.stringify(header), body, received);
      this.#database
        .prepare('INSERT INTO devices (id, known_since) VALUES (?, ?) ON CONFLICT (id) DO NOTHING')
        .run(header.dev, received);
      return Number(changes) > 0;
    });
  }

  /** Exactly this envelope; undefined where it is not here. */
  find(id: string, hash: string): Held | undefined {
    const row = this.#database.prepare('SELECT receipt, refused FROM held WHERE id = ? AND hash = ?').get(id, hash);
    return row && heldOf(row);
  }

  /** Whether an envelope with this id waits here, or has its receipt. */
  has(id: string): boolean {
    const row = this.#database.prepare('SELECT 1 FROM held WHERE id = ? AND (refused IS NULL OR receipt IS NOT NULL)');
    return row.get(id) !== undefined;
  }

  knows(device: string): boolean {
    return this.#database.prepare('SELECT 1 FROM devices WHERE id = ?').get(device) !== undefined;
  }

  /** How many wait for a receipt, how many have one, and how many were refused. */
  counts(): { readonly waiting: number; readonly arrived: number; readonly refused: number } {
    const row = this.#database
      .prepare(
        `SELECT count(*) FILTER (WHERE receipt IS NULL AND refused IS NULL) AS waiting, count(receipt) AS arrived,
                count(*) FILTER (WHERE receipt IS NULL AND refused IS NOT NULL) AS refused FROM held`,
      )
      .get() as Record<string, SQLOutputValue>;
    return { waiting: Number(row.waiting), arrived: Number(row.arrived), refused: Number(row.refused) };
  }

  async unsent(
    addressees: readonly string[],
    maxBytes: number,
    skip: ReadonlySet<string> = new Set(),
  ): Promise<readonly Envelope[]> {
    const envelopes: Envelope[] = [];
    const ids = new Set<string>();
    let bytes = 0;
    const rows = this.#database.prepare(
      `SELECT header, body, passed FROM held WHERE receipt IS NULL AND refused IS NULL
       AND addressee IN (SELECT value FROM json_each(?)) ORDER BY seq`,
    );
    for (const row of rows.iterate(JSON.stringify(addressees)) as Iterable<Record<string, SQLOutputValue>>) {
      const header = JSON.parse(String(row.header)) as EnvelopeHeader;
      if (skip.has(header.id) || ids.has(header.id)) continue;
      ids.add(header.id);
      const envelope = { header, body: row.passed ? NOTHING : (row.body as Uint8Array) };
      bytes += encodeEnvelope(envelope).length;
      if (bytes > maxBytes && envelopes.length > 0) break;
      envelopes.push(envelope);
    }
    return envelopes;
  }

  /**
   * All that wait for a receipt, whole, oldest first. A few are read at a time: whoever takes them may be slow, and the database's log grows
   * for as long as it is being read.
   */
  *waiting(): Generator<Envelope> {
    const some = this.#database.prepare(
      `SELECT seq, header, body FROM held WHERE receipt IS NULL AND refused IS NULL AND seq > ? ORDER BY seq LIMIT ${AT_ONCE}`,
    );
    for (let last = 0; ; ) {
      const rows = some.all(last);
      for (const { seq, header, body } of rows) {
        last = Number(seq);
        yield { header: JSON.parse(String(header)) as EnvelopeHeader, body: body as Uint8Array };
      }
      if (rows.length < AT_ONCE) return;
    }
  }

  /** The receipts that are here, newest first. */
  receipts(limit: number): readonly SignedReceipt[] {
    const rows = this.#database.prepare('SELECT receipt FROM held WHERE receipt IS NOT NULL ORDER BY seq DESC LIMIT ?');
    return rows.all(limit).map(({ receipt }) => JSON.parse(String(receipt)) as SignedReceipt);
  }

  async withoutReceipt(ids: readonly string[]): Promise<readonly EnvelopeHeader[]> {
    const rows = this.#database.prepare(
      // Behind every id that begins so: no sign of one comes after f.
      `SELECT header FROM held, json_each(?) WHERE receipt IS NULL AND held.id >= value AND held.id < value || 'g' ORDER BY seq`,
    );
    return rows.all(JSON.stringify(ids)).map(({ header }) => JSON.parse(String(header)) as EnvelopeHeader);
  }

  /** Offers once more what was refused, or whose receipt says nothing any more. */
  renew({ header, body }: Envelope): void {
    this.#run(
      'UPDATE held SET refused = NULL, receipt = NULL, passed = 0, body = ? WHERE id = ? AND hash = ?',
      body,
      header.id,
      header.hash,
    );
  }

  /** Offers all that was refused once more: nobody signs a refusal, and what was given without a script is on no phone that could. */
  retry(): void {
    this.#run('UPDATE held SET refused = NULL, passed = 0 WHERE refused IS NOT NULL AND receipt IS NULL');
  }

  async settle(id: string, receipt: SignedReceipt): Promise<void> {
    this.#run(
      'UPDATE held SET receipt = ?, refused = NULL, body = NULL WHERE id = ? AND hash = ?',
      JSON.stringify(receipt),
      id,
      receipt.signed.hash,
    );
  }

  async needsAttention(id: string, code: string): Promise<void> {
    this.#change(id, 'refused = ?', code);
  }

  async passedOn(id: string, isHeld: boolean): Promise<void> {
    this.#change(id, 'passed = ?', isHeld ? 1 : 0);
  }

  /** Of several envelopes with one id, the one that is under way. */
  #change(id: string, what: string, value: string | number): void {
    this.#run(
      `UPDATE held SET ${what} WHERE seq = (SELECT min(seq) FROM held WHERE id = ? AND receipt IS NULL AND refused IS NULL)`,
      value,
      id,
    );
  }

  #run(sql: string, ...values: readonly (string | number | Uint8Array)[]): void {
    stored(() => this.#database.prepare(sql).run(...values));
  }

  check(): void {
    this.#database.prepare('SELECT 1').get();
  }

  close(): void {
    this.#database.close();
  }
}

const heldOf = ({ receipt, refused }: Record<string, SQLOutputValue>): Held => ({
  receipt: receipt === null ? undefined : (JSON.parse(String(receipt)) as SignedReceipt),
  refused: refused === null ? undefined : String(refused),
});
