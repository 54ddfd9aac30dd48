import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Envelope, encodeBatch } from '../../src/core/protocol/envelope.ts';
import { parseReply } from '../../src/core/protocol/receipt.ts';
import type { LibraryState } from '../../src/core/sync/ports.ts';
import { pull } from '../../src/core/sync/pull.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import { MemoryLibrary } from '../../src/store/memory-library.ts';
import { Draw } from '../sim/random.ts';
import { contentsOf, never, sealedAnswer, testLetter } from '../support/fixtures.ts';
import { type Hub, startHub } from '../support/hub.ts';

/**
 * A centre, and a hub that mirrors it, whose processes are killed (SIGKILL) at moments drawn from a seed: while they take answers, publish and
 * mirror. Throws a sentence with seed and kill where a rule does not hold:
 *
 * - a receipt that was given has its row, also after the kill; each answer arrives at the centre once, with its bytes;
 * - whatever is served leads a new device and one that was there before to a whole library, which does not go back;
 * - a hub that mirrors has what the centre has in the end.
 */
export interface HubKills {
  readonly seed: number;
  readonly kills: number;
  /** Told of each kill. */
  readonly say?: (line: string) => void;
}

export interface HubKillsReport {
  readonly batch: number;
  readonly publish: number;
  readonly mirror: number;
  /** Answers, each at the centre once. */
  readonly answers: number;
  /** Receipts that were given by a process which was killed in that moment. */
  readonly receipts: number;
  /** Trees that were read by a new device. */
  readonly trees: number;
}

const KINDS = ['batch', 'publish', 'mirror'] as const;

export const killHubs = async (options: HubKills): Promise<HubKillsReport> => {
  const rig = new Rig(options);
  try {
    await rig.start();
    for (let n = 1; n <= options.kills; n++) await rig.kill(n, KINDS[n % KINDS.length] as (typeof KINDS)[number]);
    return await rig.end();
  } finally {
    await rig.remove();
  }
};

class Rig {
  readonly #seed: number;
  readonly #say: (line: string) => void;
  #centre!: Hub;
  #relay!: Hub;
  /** Of both, the device that comes back to it. */
  readonly #regulars = new Map<Hub, MemoryLibrary>();
  #state!: LibraryState;
  /** How long a publication takes that nobody kills, in milliseconds. */
  #publishMs = 0;
  #edits = 0;
  #n = 0;
  readonly #sent: Envelope[] = [];
  readonly #counts = { batch: 0, publish: 0, mirror: 0, receipts: 0, trees: 0 };
  #where = 'the start';

  constructor({ seed, say = () => {} }: HubKills) {
    this.#seed = seed;
    this.#say = say;
  }

  async start(): Promise<void> {
    this.#centre = await startHub();
    this.#relay = await startHub({ upstream: this.#centre.url, env: { SHELVES: 'fr' } });
    await this.#mirrored();
    for (const hub of [this.#centre, this.#relay]) this.#regulars.set(hub, new MemoryLibrary());
    await this.#check(this.#centre);
    await this.#check(this.#relay);
    this.#state = (await this.#regulars.get(this.#centre)?.library()) as LibraryState;
    const began = performance.now();
    await this.#publish();
    this.#publishMs = performance.now() - began;
  }

  async kill(n: number, kind: (typeof KINDS)[number]): Promise<void> {
    const draw = new Draw(this.#seed, `kill ${n}`);
    this.#where = `seed ${this.#seed}, kill ${n} (${kind})`;
    this.#say(this.#where);
    this.#counts[kind]++;
    if (kind === 'batch') await this.#killBatch(draw);
    else if (kind === 'publish') await this.#killPublish(draw);
    else await this.#killMirror(draw);
  }

  #fail(why: string): never {
    throw new Error(`${this.#where}: ${why}`);
  }

  #post(hub: Hub, envelopes: readonly Envelope[]) {
    const transport = fetchTransport(webPlatform, hub.url, new Meter(webPlatform.now, false));
    return transport.postBatch(encodeBatch(envelopes), never).then((reply) => parseReply(reply).results);
  }

  /** Several devices send at once, to the centre or to the hub in between; it dies meanwhile. */
  async #killBatch(draw: Draw): Promise<void> {
    const hub = draw.chance(0.6) ? this.#centre : this.#relay;
    const batches: Envelope[][] = [];
    for (let i = 0; i < 4; i++) {
      const batch: Envelope[] = [];
      const length = 1 + draw.below(12);
      while (batch.length < length)
        batch.push(await sealedAnswer(webPlatform, this.#state.root, ++this.#n, testLetter({ words: `${this.#n}` })));
      batches.push(batch);
      this.#sent.push(...batch);
    }
    const given = new Map<string, string>();
    const sending = batches.map((batch) =>
      this.#post(hub, batch).then(
        (results) => {
          for (const one of results) given.set(one.id, 'receipt' in one ? JSON.stringify(one.receipt) : one.status);
        },
        () => {},
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, draw.between(0, 120)));
    await hub.kill();
    await Promise.all(sending);
    for (const [id, said] of given) {
      if (said === 'held' ? !rowsAt(hub, 'held', id) : !rowsAt(hub, 'envelopes', id))
        this.#fail(`${id} was said to be there (${said.slice(0, 40)}), and is not`);
    }
    this.#counts.receipts += given.size;
    await hub.restart();
    for (const batch of batches) {
      for (const one of await this.#post(hub, batch)) {
        if (one.status === 'rejected' || one.status === 'need') this.#fail(`${one.id} is ${one.status}`);
        const before = given.get(one.id);
        const now = 'receipt' in one ? JSON.stringify(one.receipt) : one.status;
        // In between, the receipt may have come meanwhile.
        if (before !== undefined && before !== 'held' && before !== now) this.#fail(`${one.id} has another receipt`);
      }
    }
  }

  /** The process that publishes dies; others read meanwhile. */
  async #killPublish(draw: Draw): Promise<void> {
    this.#edit();
    const env = { ...process.env, DATA_DIR: this.#centre.dataDir, CONTENT_DIR: this.#centre.contentDir };
    const child = spawn(process.execPath, ['dist/server/main-publish.js'], { env });
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const timer = setTimeout(() => child.kill('SIGKILL'), draw.between(0, 1.1 * this.#publishMs));
    let isOver = false;
    void gone.then(() => {
      isOver = true;
    });
    while (!isOver) await this.#check(this.#centre);
    clearTimeout(timer);
    await this.#check(this.#centre);
    // Now and then the hub itself dies too, and publishes at its start.
    if (draw.chance(0.3)) await this.#centre.restart();
    else await this.#publish();
    await this.#check(this.#centre);
  }

  /** The hub in between dies while it fetches and puts together what is new. */
  async #killMirror(draw: Draw): Promise<void> {
    await this.#publish();
    await fetch(`${this.#relay.url}/hub`, { method: 'POST', redirect: 'manual' });
    await new Promise((resolve) => setTimeout(resolve, draw.between(0, 1_000)));
    await this.#relay.kill();
    await this.#relay.restart();
    await this.#check(this.#relay);
  }

  #edit(): void {
    const path = join(this.#centre.contentDir, 'akashganga/fr.md');
    const text = readFileSync(path, 'utf8').replace(/ Phrase \d+\./, '');
    writeFileSync(path, text.replace(/(?<=\n\n[A-Z][^\n]*)\n\n/, ` Phrase ${++this.#edits}.\n\n`));
  }

  async #publish(): Promise<void> {
    this.#edit();
    const { code, output } = await this.#centre.publish();
    if (code !== 0) this.#fail(`it publishes no more: ${output}`);
  }

  /** A new device and one that comes back read what is served. */
  async #check(hub: Hub): Promise<void> {
    const regular = this.#regulars.get(hub) as MemoryLibrary;
    const seen = (await regular.library())?.head?.seq ?? 0;
    const fresh = new MemoryLibrary();
    for (const store of [fresh, regular]) {
      await store.want('fr');
      const transport = fetchTransport(webPlatform, hub.url, new Meter(webPlatform.now, false));
      await pull({ platform: webPlatform, store, transport }, never).catch((error: unknown) =>
        this.#fail(
          `what ${hub === this.#centre ? 'the centre' : 'the mirror'} serves cannot be read: ${String(error)}`,
        ),
      );
    }
    const [now, then] = [await fresh.library(), await regular.library()];
    if ((now?.head?.seq ?? 0) < seen) this.#fail(`it went back from ${seen} to ${now?.head?.seq}`);
    if (now?.head?.seq === then?.head?.seq) {
      const [one, other] = [await contentsOf(fresh, 'fr'), await contentsOf(regular, 'fr')];
      if (JSON.stringify(one) !== JSON.stringify(other)) this.#fail('two devices have two libraries of one number');
    }
    const page = await (await fetch(`${hub.url}/fr/akashganga`)).text();
    if (!page.endsWith('</html>') && !page.trimEnd().endsWith('</script>')) this.#fail('a page is not whole');
    this.#counts.trees++;
  }

  async #mirrored(): Promise<void> {
    const seqAt = async (hub: Hub): Promise<number> =>
      ((await (await fetch(`${hub.url}/healthz`)).json()) as { readonly seq: number }).seq;
    const wanted = await seqAt(this.#centre);
    for (let tries = 0; (await seqAt(this.#relay)) !== wanted; tries++) {
      if (tries === 300) this.#fail('the mirror does not come to what the centre has');
      if (tries % 20 === 0) await fetch(`${this.#relay.url}/hub`, { method: 'POST', redirect: 'manual' });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async end(): Promise<HubKillsReport> {
    this.#where = `seed ${this.#seed}, the end`;
    await this.#mirrored();
    await this.#check(this.#centre);
    await this.#check(this.#relay);
    const missing = (): readonly Envelope[] =>
      this.#sent.filter(({ header }) => rowsAt(this.#centre, 'envelopes', header.id, header.hash) !== 1);
    for (let tries = 0; missing().length > 0; tries++) {
      if (tries === 300) this.#fail(`${missing().length} answers are not at the centre once`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const { batch, publish, mirror, receipts, trees } = this.#counts;
    return { batch, publish, mirror, answers: this.#sent.length, receipts, trees };
  }

  async remove(): Promise<void> {
    await this.#relay?.remove();
    await this.#centre?.remove();
  }
}

/** How many rows a hub has of an answer, read from its file. */
const rowsAt = ({ dataDir }: Hub, table: 'envelopes' | 'held', id: string, hash?: string): number => {
  const database = new DatabaseSync(join(dataDir, 'hub.sqlite'), { readOnly: true });
  try {
    const sql = `SELECT count(*) AS n FROM ${table} WHERE id = ?${hash === undefined ? '' : ' AND hash = ?'}`;
    return Number(database.prepare(sql).get(id, ...(hash === undefined ? [] : [hash]))?.n);
  } finally {
    database.close();
  }
};
