import * as ed25519 from '@noble/ed25519';
import { encodePack, SectionType } from '../../src/core/pack/format.ts';
import { encodeBodies } from '../../src/core/pack/text.ts';
import type { Platform } from '../../src/core/platform.ts';
import { recipientOf } from '../../src/core/protocol/age.ts';
import { toBase64Url } from '../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import { type Buckets, encodeBuckets, type Row, shelfHash, toBuckets } from '../../src/core/protocol/catalogue.ts';
import { parseBatch } from '../../src/core/protocol/envelope.ts';
import type { Head, ShelfTable } from '../../src/core/protocol/head.ts';
import type { CaseItem, FormItem, ItemBody } from '../../src/core/protocol/item.ts';
import type { Receipt, SignedReceipt } from '../../src/core/protocol/receipt.ts';
import type { Root } from '../../src/core/protocol/root.ts';
import { keyIdOf, type SignedDocument, type SignedKind, signedBytes } from '../../src/core/protocol/signed.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import type { LibraryState } from '../../src/core/sync/ports.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import type { SealedAnswer } from '../../src/store/answers-db.ts';

/** A zstd frame of one raw block (RFC 8878): browsers have no encoder, and these samples are smaller than a block. */
const rawFrame = (data: Uint8Array): Uint8Array => {
  const frame = new Uint8Array(4 + 1 + 4 + 3 + data.length);
  const view = new DataView(frame.buffer);
  frame.set([0x28, 0xb5, 0x2f, 0xfd, 0xa0]);
  view.setUint32(5, data.length, true);
  const block = 1 | (data.length << 3);
  frame.set([block & 255, (block >> 8) & 255, (block >> 16) & 255], 9);
  frame.set(data, 12);
  return frame;
};

/** What the suites put into stores. Made without Node, since half of them run in a browser. */

/** 2025-06-01T00:00:00Z. */
export const NOW = 1_748_736_000_000;

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-';
/** Text of the shape of a hash or key, another for each `n`. */
const code = (length: number, n: number): string =>
  Array.from({ length }, (_, i) => letters[(n * 7 + i * (n + 3)) % 64]).join('');

/** A root of the right shape, signed by nobody: stores do not look into it. */
export const sampleRoot = (n = 1): Root => {
  const role = { keys: { [code(11, n)]: code(43, n) }, threshold: 1 };
  const recipient = `age1${'q'.repeat(58)}`;
  return { v: 1, n, root: role, publisher: role, hub: { ...role, seal: recipient, recovery: recipient } };
};

const sampleHead = (seq: number): Head => ({ v: 1, seq, issued: NOW / 1000, root: 1, minApp: 1, table: code(43, seq) });

/** What a device knows after having seen head `seq`; without a head where there is no `seq`. */
export const sampleState = (seq?: number): LibraryState => ({
  root: sampleRoot(),
  identity: code(11, 1),
  head: seq === undefined ? undefined : sampleHead(seq),
  table: seq === undefined ? undefined : canonicalBytes({ fr: { hash: code(43, seq), items: seq, bytes: 0 } }),
});

export const sampleItem = (id: string, rev = 1, lang = 'fr'): CaseItem => ({
  v: 1,
  kind: 'case',
  id,
  lang,
  rev,
  title: `${id} (${lang})`,
  summary: `Révision ${rev}.`,
  place: 'Tillia',
  picture: 'radio',
  order: 10,
  tags: [],
  related: [],
  body: [{ t: 'p', c: [`${id} ${rev}`] }],
  sources: [{ id: 'visit', title: 'Visite', certainty: 'says' }],
  review: { state: 'machine-draft' },
  licence: 'CC-BY-4.0',
  form: 'short',
});

export const sampleForm = (lang = 'fr'): FormItem => ({
  v: 1,
  kind: 'form',
  id: 'short',
  lang,
  rev: 1,
  title: 'Ça vous aide ?',
  submit: 'Envoyer',
  version: 1,
  addressee: 'centre',
  questions: [
    {
      type: 'select_one',
      name: 'helped',
      label: 'Ce sujet vous aide ?',
      required: true,
      appearance: 'list',
      choices: [
        { name: 'yes', label: 'Oui' },
        { name: 'no', label: 'Non' },
      ],
    },
    { type: 'text', name: 'words', label: 'Racontez', required: false, max: 20 },
  ],
});

/** An item as a shelf's change puts it. */
export interface Put {
  readonly row: Row;
  readonly body: Uint8Array;
}

export const putOf = async (item: ItemBody): Promise<Put> => {
  const body = canonicalBytes(item);
  const sha256 = toBase64Url(await webPlatform.sha256(body));
  const { id, kind, lang, rev } = item;
  return { row: { id, kind, lang, rev, sha256, bytes: body.length, priority: 1 }, body };
};

export const bucketsOf = (puts: readonly Put[]): Promise<Buckets> =>
  toBuckets(
    webPlatform,
    puts.map(({ row }) => row),
  );

/** An answer's id. */
export const sampleId = (n: number): string => {
  const hex = (NOW + n).toString(16).padStart(12, '0');
  const end = (n >>> 0).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${end}`;
};

/** A sealed answer as far as a store can tell: `n` makes it another one, `length` bytes long. */
export const sampleSealed = (n: number, to = code(11, 1), length = 300): SealedAnswer => ({
  id: sampleId(n),
  token: `token ${n}`,
  to,
  body: Uint8Array.from({ length }, (_, i) => (n * 31 + i) % 256),
  hash: code(43, n),
  size: 1,
});

export const sampleReceipt = (id: string, n = 1): SignedReceipt => ({
  signed: { v: 1, id, hash: code(43, n), by: code(11, 1), seq: n },
  sigs: { [code(11, 1)]: code(86, n) },
});

interface Signer {
  readonly id: string;
  readonly publicKey: string;
  sign<T>(kind: SignedKind, body: T): Promise<SignedDocument<T>>;
}

const signer = async (): Promise<Signer> => {
  const secret = webPlatform.randomBytes(32);
  const publicKey = await ed25519.getPublicKeyAsync(secret);
  const id = await keyIdOf(webPlatform, publicKey);
  return {
    id,
    publicKey: toBase64Url(publicKey),
    async sign(kind, body) {
      return { signed: body, sigs: { [id]: toBase64Url(await ed25519.signAsync(signedBytes(kind, body), secret)) } };
    },
  };
};

/** A publisher and a hub that need no Node: real keys, real signatures, sections as they are. */
export interface SmallBox {
  readonly root: Root;
  /** `/c/full/fr.pack` with these items. */
  pack(seq: number, items: readonly ItemBody[]): Promise<Uint8Array>;
  /** A hub's reply to a batch: a receipt for each answer. */
  reply(batch: Uint8Array): Promise<{ v: number; results: unknown[] }>;
  readonly seal: Uint8Array;
}

export const openSmallBox = async (): Promise<SmallBox> => {
  const [rootKey, publisher, hub] = [await signer(), await signer(), await signer()];
  const [seal, recovery] = [await webPlatform.keyAgreement.generate(), await webPlatform.keyAgreement.generate()];
  const role = ({ id, publicKey }: Signer) => ({ keys: { [id]: publicKey }, threshold: 1 });
  const root: Root = {
    v: PROTOCOL_VERSION,
    n: 1,
    root: role(rootKey),
    publisher: role(publisher),
    hub: { ...role(hub), seal: recipientOf(seal.public), recovery: recipientOf(recovery.public) },
  };
  const signedRoot = await rootKey.sign('root', root);
  let seq = 0;
  return {
    root,
    seal: seal.secret,
    async pack(headSeq, items) {
      const puts = await Promise.all(items.map(putOf));
      const buckets = await bucketsOf(puts);
      const bytes = puts.reduce((sum, { body }) => sum + body.length, 0);
      const shelf: ShelfTable[string] = { hash: await shelfHash(webPlatform, buckets), items: items.length, bytes };
      const table = canonicalBytes({ fr: shelf });
      const head: Head = {
        v: PROTOCOL_VERSION,
        seq: headSeq,
        issued: NOW / 1000,
        root: 1,
        minApp: 1,
        table: toBase64Url(await webPlatform.sha256(table)),
      };
      return encodePack(webPlatform, (data) => data, [
        { type: SectionType.head, payload: canonicalBytes(await publisher.sign('head', head)) },
        { type: SectionType.roots, payload: canonicalBytes([signedRoot]) },
        { type: SectionType.table, payload: table },
        { type: SectionType.catalogue, payload: encodeBuckets(buckets) },
        {
          type: SectionType.bodies,
          payload: encodeBodies(
            rawFrame,
            puts.map(({ body }) => body),
          ),
        },
      ]);
    },
    async reply(batch) {
      const results: unknown[] = [];
      for (const { header } of parseBatch(batch)) {
        const receipt: Receipt = { v: PROTOCOL_VERSION, id: header.id, hash: header.hash, by: hub.id, seq: ++seq };
        results.push({ id: header.id, status: 'stored', receipt: await hub.sign('receipt', receipt) });
      }
      return { v: PROTOCOL_VERSION, results };
    },
  };
};

/** The real platform on a clock that a test moves, and with timers that a test fires. */
export class HandPlatform {
  time = NOW;
  readonly timers: { readonly ms: number; readonly fire: () => void }[] = [];
  readonly platform: Platform = {
    ...webPlatform,
    now: () => this.time,
    after: (ms, fn) => {
      const timer = { ms, fire: fn };
      this.timers.push(timer);
      return () => {
        const at = this.timers.indexOf(timer);
        if (at >= 0) this.timers.splice(at, 1);
      };
    },
  };

  /** Lets the one timer of `ms` go off; fails where there is none. */
  fire(ms: number): void {
    const timer = this.timers.find((one) => one.ms === ms);
    if (!timer) throw new Error(`no timer of ${ms} ms, but of ${this.timers.map((one) => one.ms).join(', ')}`);
    this.timers.splice(this.timers.indexOf(timer), 1);
    timer.fire();
  }
}
