import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Keys as BoxKeys, firstRoot, openKeys, type SigningKey } from '../../server/box/keys.ts';
import type { Authored } from '../../server/content/read-content.ts';
import { alertsOf } from '../../server/publish/alerts.ts';
import { type Shelf, shelve, tableOf } from '../../server/publish/catalogue.ts';
import { History, type Publication } from '../../server/publish/history.ts';
import { deltaPack, fullPack } from '../../server/publish/packs.ts';
import { RelaisError } from '../../src/core/errors.ts';
import type { Platform } from '../../src/core/platform.ts';
import type { SignedAlerts } from '../../src/core/protocol/alerts.ts';
import { toBase64Url, toHex } from '../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import { centreOf, type Envelope, type Letter, parseBatch, sealLetter } from '../../src/core/protocol/envelope.ts';
import type { Head, SignedHead } from '../../src/core/protocol/head.ts';
import type { CaseItem, FormItem } from '../../src/core/protocol/item.ts';
import type { Receipt, SignedReceipt } from '../../src/core/protocol/receipt.ts';
import type { Root, SignedRoot } from '../../src/core/protocol/root.ts';
import { type SignedDocument, type SignedKind, signedBytes } from '../../src/core/protocol/signed.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { nameOf } from '../../src/core/sync/fetch-pack.ts';
import type { Fetched, LibraryStore, Reading, Transport } from '../../src/core/sync/ports.ts';
import { webPlatform } from '../../src/core/web-platform.ts';

/** A box, a library, a device's machine and its link, all from fixed seeds: one name, one sequence of bytes. */

/** 2025-06-01T00:00:00Z. */
export const NOW = 1_748_736_000_000;

/** Bytes without end from a seed. */
export const seededBytes = (seed: string): ((length: number) => Uint8Array<ArrayBuffer>) => {
  let counter = 0;
  return (length) => {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      const block = createHash('sha256').update(`${seed}/${counter++}`).digest();
      out.set(block.subarray(0, Math.min(32, length - at)), at);
    }
    return out;
  };
};

/** The real platform with randomness from a seed and a clock that stands still. */
export const seededPlatform = (seed: string, now = NOW): Platform => {
  const bytes = seededBytes(seed);
  return {
    ...webPlatform,
    now: () => now,
    chance: () => (bytes(1)[0] as number) / 256,
    randomBytes: bytes,
    keyAgreement: {
      ...webPlatform.keyAgreement,
      async generate() {
        const secret = bytes(32);
        return { secret, public: await webPlatform.keyAgreement.publicOf(secret) };
      },
    },
  };
};

/** Keys of a box whose root key is still on it. */
export interface Keys extends BoxKeys {
  readonly root: SigningKey;
  readonly recovery: Uint8Array;
}

/** The text of a key file of the box with this name. */
export const seededKey = (name: string, role: 'root' | 'publisher' | 'hub'): string =>
  `${createHash('sha256').update(`relais test box ${name} ${role}`).digest('base64url')}\n`;

/** The keys of the box with this name. */
export const seededKeys = async (name: string): Promise<Keys> => {
  const folder = mkdtempSync(join(tmpdir(), 'relais-keys-'));
  try {
    mkdirSync(join(folder, 'keys'));
    for (const role of ['root', 'publisher', 'hub'] as const)
      writeFileSync(join(folder, 'keys', `${role}.key`), seededKey(name, role));
    return (await openKeys(folder)) as Keys;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Signs a body with several keys. */
export const signAll = <T>(keys: readonly SigningKey[], kind: SignedKind, body: T): SignedDocument<T> => ({
  signed: body,
  sigs: Object.fromEntries(keys.map((key) => [key.id, toBase64Url(key.sign(signedBytes(kind, body)))])),
});

/** A root that hands a library over to other keys: signed by those before and by itself. */
export const nextRoot = async (before: SignedRoot, old: Keys, next: Keys): Promise<SignedRoot> => {
  const fresh = (await firstRoot(next)).signed;
  const root: Root = { ...fresh, n: before.signed.n + 1 };
  return signAll([old.root, next.root], 'root', root);
};

/** The publisher's history without a disk. */
export class MemoryHistory extends History {
  readonly #publications = new Map<number, Publication>();
  readonly #bodies = new Map<string, Uint8Array>();
  constructor() {
    super('/nowhere');
  }
  override sequences(): readonly number[] {
    return [...this.#publications.keys()].sort((a, b) => a - b);
  }
  override publication(seq: number): Publication {
    const publication = this.#publications.get(seq);
    if (!publication) throw new Error(`nothing was published as ${seq}`);
    return publication;
  }
  override record(publication: Publication): void {
    this.#publications.set(publication.seq, publication);
  }
  override putBody(sha256: string, body: Uint8Array): void {
    this.#bodies.set(sha256, body);
  }
  override body(sha256: string): Uint8Array | undefined {
    return this.#bodies.get(sha256);
  }
}

const SENTENCES: Readonly<Record<string, readonly string[]>> = {
  fr: [
    'Les femmes du village relèvent le compteur chaque matin, puis notent la quantité sur l’ardoise.',
    'La pompe tourne depuis la saison sèche et le comité se réunit sous le manguier.',
    'Un appel coûte moins cher qu’un trajet au marché, et la réponse vient le jour même.',
  ],
  en: [
    'The women of the village read the meter every morning, then note the amount on the slate.',
    'The pump has been running since the dry season and the committee meets under the mango tree.',
    'A call costs less than a trip to the market, and the answer comes on the same day.',
  ],
};

/** A case study; `words` stands in its first paragraph. */
export const testCase = (id: string, lang: string, words = id): Authored => ({
  v: 1,
  kind: 'case',
  id,
  lang,
  title: `${id} (${lang})`,
  summary: `${words}.`,
  place: 'Tillia',
  picture: 'radio',
  order: 10,
  tags: [],
  related: [],
  body: [
    { t: 'h', l: 2, c: [words] },
    ...(SENTENCES[lang] ?? []).map((text) => ({ t: 'p' as const, c: [text, { t: 'cite' as const, s: 'visit' }] })),
  ],
  sources: [{ id: 'visit', title: 'Visit', certainty: 'says' }],
  review: { state: 'machine-draft' },
  licence: 'CC-BY-4.0',
  form: 'short',
});

/** A notice that asks to act now, until the end of 2030. */
export const testBulletin = (id: string, lang: string, words = id): Authored => {
  const { kind: _, body: __, ...article } = testCase(id, lang, words) as Authored<CaseItem>;
  const body = [{ t: 'p' as const, c: [words] }];
  return { ...article, kind: 'bulletin', area: 'Tillia', urgency: 1, issued: '2026-01-01', until: '2030-12-31', body };
};

/** The form under every item. */
export const testForm = (lang: string): Authored<FormItem> => ({
  v: 1,
  kind: 'form',
  id: 'short',
  lang,
  title: lang === 'fr' ? 'Ça vous aide ?' : 'Does it help you?',
  submit: lang === 'fr' ? 'Envoyer' : 'Send',
  version: 1,
  addressee: 'centre',
  questions: [
    {
      type: 'select_one',
      name: 'helped',
      label: lang === 'fr' ? 'Ce sujet vous aide ?' : 'Does this topic help you?',
      required: true,
      appearance: 'faces',
      choices: [
        { name: 'yes', label: lang === 'fr' ? 'Oui' : 'Yes', icon: 'face-yes' },
        { name: 'no', label: lang === 'fr' ? 'Non' : 'No' },
      ],
    },
    { type: 'text', name: 'words', label: lang === 'fr' ? 'Racontez' : 'Tell us', required: false, max: 20 },
  ],
});

export const LANGUAGES = ['fr', 'en'] as const;

/** Two case studies and a form, in French and English. */
export const tinyLibrary = (): readonly Authored[] =>
  LANGUAGES.flatMap((lang) => [testCase('pump', lang), testCase('phone', lang), testForm(lang)]);

/** `items` without some, and with others in their place. */
export const edited = (
  items: readonly Authored[],
  changes: readonly Authored[],
  gone: readonly string[] = [],
): readonly Authored[] => {
  const nameOf = ({ id, lang }: Authored): string => `${lang}/${id}`;
  const names = new Set([...changes.map(nameOf), ...gone]);
  return [...items.filter((item) => !names.has(nameOf(item))), ...changes];
};

/** One publication, with all that packs are made from. */
export interface Release {
  readonly publication: Publication;
  readonly head: SignedHead;
  readonly table: Uint8Array;
  readonly shelves: ReadonlyMap<string, Shelf>;
  readonly roots: readonly SignedRoot[];
}

export interface PublishOptions {
  readonly seq?: number;
  readonly minApp?: number;
  readonly languages?: readonly string[];
  /** The collection that an item is in, by the item's id. */
  readonly filed?: Readonly<Record<string, string>>;
}

/** A publisher: keys, roots, and what it published. */
export class TestBox {
  readonly history = new MemoryHistory();
  readonly roots: SignedRoot[];
  keys: Keys;
  constructor(keys: Keys, roots: readonly SignedRoot[]) {
    this.keys = keys;
    this.roots = [...roots];
  }

  get root(): Root {
    return (this.roots.at(-1) as SignedRoot).signed;
  }

  /** Hands the library over to the keys of another box. */
  async rotate(next: Keys): Promise<void> {
    this.roots.push(await nextRoot(this.roots.at(-1) as SignedRoot, this.keys, next));
    this.keys = next;
  }

  async publish(items: readonly Authored[], options: PublishOptions = {}): Promise<Release> {
    const before = this.history.sequences().at(-1);
    const seq = options.seq ?? (before ?? 0) + 1;
    const languages = options.languages ?? LANGUAGES;
    const known = before === undefined ? undefined : this.history.publication(before);
    const shelves = await shelve(items, languages, known, this.history, new Map(Object.entries(options.filed ?? {})));
    const shelfTable = await tableOf(shelves);
    const table = canonicalBytes(shelfTable);
    const hash = toBase64Url(await webPlatform.sha256(table));
    const rows = Object.fromEntries([...shelves].map(([name, shelf]) => [name, shelf.rows]));
    const publication: Publication = { seq, root: this.root.n, table: hash, shelfTable, shelves: rows };
    this.history.record(publication);
    const head: Head = {
      v: PROTOCOL_VERSION,
      seq,
      issued: NOW / 1000,
      root: this.root.n,
      minApp: options.minApp ?? 1,
      table: hash,
    };
    return { publication, head: signAll([this.keys.publisher], 'head', head), table, shelves, roots: [...this.roots] };
  }

  /** The packs of every shelf: whole, and from an earlier release. */
  async packsFor(
    before: Release | undefined,
    after: Release,
  ): Promise<{ full: Map<string, Uint8Array>; delta: Map<string, Uint8Array> }> {
    const input = { ...after, history: this.history, alerts: this.#alertsOf(after) };
    const full = new Map<string, Uint8Array>();
    const delta = new Map<string, Uint8Array>();
    for (const [name, shelf] of after.shelves) {
      full.set(name, await fullPack(input, name, shelf));
      if (before) delta.set(name, await deltaPack(input, name, shelf, before.publication));
    }
    return { full, delta };
  }

  #alertsOf({ publication: { seq }, shelves }: Release): ReadonlyMap<string, SignedAlerts> {
    const found = [...shelves].map(
      ([name, shelf]) => [name, alertsOf(this.keys.publisher, seq, name, shelf, NOW / 1000)] as const,
    );
    return new Map(found.filter((one): one is [string, SignedAlerts] => one[1] !== undefined));
  }

  /** The content tree of a release, with deltas from `bases` and from itself. */
  async tree(after: Release, bases: readonly Release[] = []): Promise<Map<string, Uint8Array>> {
    const files = new Map<string, Uint8Array>([['/c/head', canonicalBytes(after.head)]]);
    for (const root of after.roots) files.set(`/c/root/${root.signed.n}.json`, canonicalBytes(root));
    for (const base of [...bases, after]) {
      const { full, delta } = await this.packsFor(base, after);
      const { seq } = after.publication;
      for (const [name, pack] of full) {
        files.set(`/c/full/${name}.pack`, pack);
        files.set(nameOf(0, seq, name), pack);
      }
      for (const [name, pack] of delta) {
        files.set(`/c/from/${base.publication.seq}/${name}.pack`, pack);
        files.set(nameOf(base.publication.seq, seq, name), pack);
      }
    }
    return files;
  }
}

/** The box with this name: the same keys and root each time. */
export const openBox = async (name = 'one'): Promise<TestBox> => {
  const keys = await seededKeys(name);
  return new TestBox(keys, [await firstRoot(keys)]);
};

export const testLetter = (answers: Readonly<Record<string, string>> = { helped: 'yes' }): Letter => ({
  v: PROTOCOL_VERSION,
  form: 'short',
  version: 1,
  item: 'pump',
  lang: 'fr',
  answers,
  at: NOW / 1000,
});

/** An answer's id as another device may make it: a UUIDv7, time first and then 10 random bytes. */
export const newId = (platform: Platform): string => {
  const time = platform.now().toString(16).padStart(12, '0');
  const random = platform.randomBytes(10);
  random[0] = ((random[0] as number) & 0x0f) | 0x70;
  random[2] = ((random[2] as number) & 0x3f) | 0x80;
  const hex = time + toHex(random);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

/** The `n`th answer of a device to the centre that `root` names, in the letter's version of the protocol. */
export const sealedAnswer = async (
  platform: Platform,
  root: Root,
  n: number,
  letter: Letter = testLetter(),
): Promise<Envelope> => {
  const addressee = centreOf(root);
  const { body, hash, size } = await sealLetter(platform, addressee, letter);
  const dev = toBase64Url(seededBytes('device')(16));
  return { header: { v: letter.v, id: newId(platform), hash, size, to: addressee.id, dev, n }, body };
};

export const receiptFor = (keys: Keys, { header }: Envelope, seq = 1): SignedReceipt => {
  const body: Receipt = { v: PROTOCOL_VERSION, id: header.id, hash: header.hash, by: keys.hub.id, seq };
  return signAll([keys.hub], 'receipt', body);
};

/** What a hub answers to a batch: receipts, `duplicate` for what it holds already. */
export class FakeHub {
  readonly held = new Map<string, number>();
  readonly batches: Uint8Array[] = [];
  readonly #keys: Keys;
  constructor(keys: Keys) {
    this.#keys = keys;
  }
  answer(batch: Uint8Array): { v: number; results: unknown[] } {
    this.batches.push(Uint8Array.from(batch));
    const results = parseBatch(batch).map((envelope) => {
      const { id, hash } = envelope.header;
      const name = `${id} ${hash}`;
      const known = this.held.get(name);
      const seq = known ?? this.held.size + 1;
      this.held.set(name, seq);
      return { id, status: known ? 'duplicate' : 'stored', receipt: receiptFor(this.#keys, envelope, seq) };
    });
    return { v: PROTOCOL_VERSION, results };
  }
}

type Trick = (bytes: Uint8Array) => Fetched;

/** A link to a tree in memory. Everything it is asked is in `requests`. */
export class FakeTransport implements Transport {
  files: Map<string, Uint8Array>;
  readonly requests: string[] = [];
  onBatch: (batch: Uint8Array<ArrayBuffer>) => unknown = () => {
    throw new RelaisError('no-link');
  };
  readonly #tricks = new Map<string, Trick>();
  /** Bytes that come at a time. */
  piece = 100;
  knowsRange = true;

  constructor(files: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.files = new Map(files);
  }

  /** The body ends after `length` bytes; `whole` is what the carrier says of it. */
  cut(path: string, length: number, whole = false): void {
    this.#tricks.set(path, (bytes) => ({ found: true, bytes: bytes.slice(0, length), whole }));
  }
  /** One bit of the body is another. */
  flip(path: string, bit: number): void {
    this.#tricks.set(path, (bytes) => ({ found: true, bytes: flipped(bytes, bit), whole: true }));
  }
  missing(path: string): void {
    this.#tricks.set(path, () => ({ found: false }));
  }
  fail(path: string, error: unknown): void {
    this.#tricks.set(path, () => {
      throw error;
    });
  }
  /** Other bytes than the tree's, such as a portal's page. */
  replace(path: string, bytes: Uint8Array): void {
    this.#tricks.set(path, () => ({ found: true, bytes, whole: true }));
  }
  heal(): void {
    this.#tricks.clear();
  }

  async get(path: string, limit: number, signal: AbortSignal, { from = 0, onPart }: Reading = {}): Promise<Fetched> {
    signal.throwIfAborted();
    this.requests.push(from > 0 ? `${path} from ${from}` : path);
    const bytes = this.files.get(path);
    const trick = this.#tricks.get(path);
    const fetched: Fetched = trick
      ? trick(bytes ?? new Uint8Array(0))
      : bytes
        ? { found: true, bytes, whole: true }
        : { found: false };
    if (!fetched.found) return fetched;
    if (fetched.bytes.length > limit) throw new RelaisError('too-large', { path });
    const at = this.knowsRange ? Math.min(from, fetched.bytes.length) : 0;
    for (let start = at; start < fetched.bytes.length; start += this.piece) {
      const part = fetched.bytes.subarray(start, start + this.piece);
      await onPart?.(start, part, fetched.whole && start + part.length === fetched.bytes.length);
    }
    return { ...fetched, bytes: fetched.bytes.subarray(at), at };
  }
  async postBatch(batch: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    this.requests.push('/o/batch');
    return this.onBatch(batch);
  }
}

/** A copy with one bit turned over. */
export const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const out = Uint8Array.from(bytes);
  out[bit >> 3] = (out[bit >> 3] as number) ^ (1 << (bit & 7));
  return out;
};

/** What a store holds of a shelf, in a form that compares. */
export const contentsOf = async (store: LibraryStore, shelf: string) => {
  const { hash } = await store.shelf(shelf);
  const bodies = [...(await store.bodies(shelf))].map(([sha256, body]) => [sha256, Buffer.from(body).toString('utf8')]);
  const rows = [...(await store.buckets(shelf)).values()].flat().map((row) => [row.id, row.rev, row.sha256 ?? '-']);
  return { hash, bodies: bodies.sort(), rows: rows.sort() };
};

/** The same for a published shelf. */
export const contentsOfRelease = async (release: Release, shelf: string) => {
  const { items, rows } = release.shelves.get(shelf) as Shelf;
  return {
    hash: (await tableOf(release.shelves))[shelf]?.hash,
    bodies: items.map(({ row, body }) => [row.sha256, Buffer.from(body).toString('utf8')]).sort(),
    rows: rows.map((row) => [row.id, row.rev, row.sha256 ?? '-']).sort(),
  };
};

/** The code of the error that something ends with; fails where it ends well, or with an error of another kind. */
export const codeFrom = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof RelaisError) return error.code;
    throw error;
  }
  throw new Error('it should have thrown');
};

export const never: AbortSignal = new AbortController().signal;
