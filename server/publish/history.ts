import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from '../../src/core/protocol/catalogue.ts';
import type { ShelfTable } from '../../src/core/protocol/head.ts';
import { writeDurably } from '../box/files.ts';

/** What was published before, so that deltas can be made and revisions counted. */
export interface Publication {
  readonly seq: number;
  /** Number of the newest root. */
  readonly root: number;
  /** Hash of the shelf table. */
  readonly table: string;
  /** The shelf table itself; what earlier versions published has none. */
  readonly shelfTable?: ShelfTable;
  /** Number of the list of delegated hubs that came with it; absent where there was none. */
  readonly hubs?: number;
  /** Catalogue rows by shelf. */
  readonly shelves: Readonly<Record<string, readonly Row[]>>;
}

/** Bodies by hash and publications by sequence, in the data folder. Append-only. */
export class History {
  readonly #folder: string;
  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'history');
  }

  /** Sequences, oldest first. */
  sequences(): readonly number[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .flatMap((name) => (/^\d+\.json$/.test(name) ? Number.parseInt(name, 10) : []))
      .sort((a, b) => a - b);
  }

  publication(seq: number): Publication {
    return JSON.parse(readFileSync(join(this.#folder, `${seq}.json`), 'utf8')) as Publication;
  }

  latest(): Publication | undefined {
    const seq = this.sequences().at(-1);
    return seq === undefined ? undefined : this.publication(seq);
  }

  record(publication: Publication): void {
    writeDurably(join(this.#folder, `${publication.seq}.json`), JSON.stringify(publication));
  }

  #bodyPath(sha256: string): string {
    return join(this.#folder, 'bodies', sha256.slice(0, 2), sha256);
  }

  putBody(sha256: string, body: Uint8Array): void {
    const path = this.#bodyPath(sha256);
    if (!existsSync(path)) writeDurably(path, body);
  }

  body(sha256: string): Uint8Array | undefined {
    const path = this.#bodyPath(sha256);
    return existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined;
  }
}

const RECENT = 64;

/** The bases that deltas are made from: the last 64 sequences, and powers of two further back. */
export const basesFor = (seq: number, known: readonly number[]): readonly number[] => {
  const powers = new Set<number>();
  for (let back = RECENT * 2; back < seq; back *= 2) powers.add(seq - back);
  return known.filter((base) => base <= seq && (seq - base <= RECENT || powers.has(base)));
};
