import { createHash } from 'node:crypto';
import { downloadZip } from 'client-zip';
import { openCarried, toArmour } from '../../src/core/carry/armour.ts';
import { answerFiles, receiptsFile } from '../../src/core/carry/files.ts';
import { fromNoticesCode, noticesCode } from '../../src/core/carry/notice.ts';
import { HEAD } from '../../src/core/carry/paths.ts';
import { toCodes } from '../../src/core/carry/short.ts';
import { answersIn, takeCode } from '../../src/core/carry/take.ts';
import { RelaisError } from '../../src/core/errors.ts';
import type { Platform } from '../../src/core/platform.ts';
import { open } from '../../src/core/protocol/age.ts';
import { verifyAlerts } from '../../src/core/protocol/alerts.ts';
import { fromBase64Url, fromUtf8, toBase64Url, toHex, utf8 } from '../../src/core/protocol/bytes.ts';
import { canonicalBytes, parseCanonical } from '../../src/core/protocol/canonical.ts';
import { encodeBatch, parseBatch, parseLetter, verifyEnvelope } from '../../src/core/protocol/envelope.ts';
import { verifyHead } from '../../src/core/protocol/head.ts';
import { verifyHubs } from '../../src/core/protocol/hubs.ts';
import type { BlobRef } from '../../src/core/protocol/item.ts';
import { checkLeaves, LEAF } from '../../src/core/protocol/media.ts';
import { parseReply, verifyReceipt } from '../../src/core/protocol/receipt.ts';
import { checkSignedRoots, followRoots, rootIdentity, verifySelfSigned } from '../../src/core/protocol/root.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import type { LibraryState } from '../../src/core/sync/ports.ts';
import { MemoryOutbox } from '../../src/store/memory-outbox.ts';
import { openDamage } from '../support/damage.ts';
import {
  NOW,
  nextRoot,
  openBox,
  receiptFor,
  sealedAnswer,
  seededBytes,
  seededKeys,
  signAll,
  testBulletin,
  tinyLibrary,
} from '../support/fixtures.ts';
import { listOf } from '../support/list-of.ts';

/** Everything that a machine reads of what another one wrote. */
export interface Target {
  readonly name: string;
  /** Undamaged. */
  readonly samples: readonly Uint8Array[];
  /**
   * Reads bytes as the product does. Returns what was taken of them, in a form that compares: of the samples, or nothing at all. Throws a
   * `RelaisError` where they are refused.
   */
  read(bytes: Uint8Array): Promise<string>;
}

/** What a hub replies is JSON of any form. */
const jsonOf = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    throw new RelaisError('malformed', { what: 'json' });
  }
};

const nameOf = (value: unknown): string => JSON.stringify(value);

export const openTargets = async (platform: Platform): Promise<readonly Target[]> => {
  const damage = await openDamage(platform, true);
  const box = await openBox('fuzz');
  const first = await box.publish([...tinyLibrary(), testBulletin('well', 'fr', 'Barrez le puits.')]);
  const { root, keys } = box;
  const [origin] = box.roots;
  if (!origin) throw new Error('the box has no root');
  const heirs = await seededKeys('fuzz heir');
  const chain = [origin, await nextRoot(origin, keys, heirs)];
  const { head } = first;
  const alerts = signAll([keys.publisher], 'alerts', {
    v: PROTOCOL_VERSION,
    shelf: 'fr',
    seq: 1,
    items: [testBulletin('well', 'fr', 'Barrez le puits.')],
  } as never);
  const hubs = signAll([keys.publisher], 'hubs', {
    v: PROTOCOL_VERSION,
    n: 1,
    hubs: [{ name: 'School', key: toBase64Url(heirs.hub.publicKey), until: NOW / 1000 + 86_400 }],
  } as never);
  const answers = await Promise.all([1, 2, 3].map((n) => sealedAnswer(platform, root, n)));
  const [answer] = answers;
  if (!answer) throw new Error('nothing was sealed');
  const results = answers.map((one, i) => ({
    id: one.header.id,
    status: 'stored',
    receipt: receiptFor(keys, one, i + 1),
  }));
  const data = seededBytes('leaves')(3 * LEAF + 100);
  const sha = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());
  const list = Buffer.concat([0, 1, 2, 3].map((n) => sha(data.subarray(n * LEAF, (n + 1) * LEAF))));
  const blob: BlobRef = { hash: toBase64Url(sha(data)), bytes: data.length, leaves: toBase64Url(sha(list)) } as BlobRef;

  const carried = [
    ...(await listOf(answerFiles(answers))),
    receiptsFile(answers.map((one, i) => receiptFor(keys, one, i + 1))),
    { path: HEAD, bytes: canonicalBytes(head) },
  ];
  const zip = new Uint8Array(
    await downloadZip(carried.map(({ path, bytes }) => ({ name: path, input: Uint8Array.from(bytes) }))).arrayBuffer(),
  );

  const pulled = (has: 'nothing' | 'first'): Target => ({
    name: has === 'nothing' ? 'a whole pack' : 'a delta',
    samples: [damage.packs[has]],
    read: async (bytes) => {
      const stored = await damage.tryPack(has, bytes, 'mutated');
      if (stored !== damage.hash) throw new RelaisError('malformed', { what: 'refused' });
      return stored;
    },
  });
  return [
    pulled('nothing'),
    pulled('first'),
    {
      name: 'a head',
      samples: [canonicalBytes(head)],
      read: async (bytes) => nameOf(await verifyHead(platform, root, bytes)),
    },
    {
      name: 'a chain of roots',
      samples: [canonicalBytes(chain), canonicalBytes(chain.slice(0, 1))],
      read: async (bytes) => {
        const roots = checkSignedRoots(parseCanonical(bytes));
        const [one] = roots;
        if (!one) throw new RelaisError('malformed');
        const trusted = await verifySelfSigned(platform, one);
        // Whose library it is: another one is another's, and no damage.
        if (rootIdentity(trusted) !== rootIdentity(origin.signed)) throw new RelaisError('foreign-root');
        return nameOf(await followRoots(platform, origin.signed, roots));
      },
    },
    {
      name: 'urgent notices',
      samples: [canonicalBytes(alerts)],
      read: async (bytes) => nameOf(await verifyAlerts(platform, root, head.signed, 'fr', bytes)),
    },
    {
      name: 'urgent notices as a code',
      samples: [fromBase64Url((await noticesCode(canonicalBytes(alerts))) ?? '')],
      read: async (bytes) => nameOf((await fromNoticesCode(platform, root, bytes)).alerts),
    },
    {
      name: 'receipts as a code',
      samples: toCodes(answers.map((one, i) => receiptFor(keys, one, i + 1))).map(fromBase64Url),
      // A receipt that arrived whole is taken, whatever happened to those around it.
      read: async (bytes) => {
        const outbox = new MemoryOutbox();
        for (const one of answers) outbox.add(one);
        await takeCode(platform, { root } as LibraryState, outbox, bytes);
        for (const [i, one] of answers.entries()) {
          const receipt = outbox.outcome(one.header.id)?.receipt;
          if (receipt && nameOf(receipt) !== nameOf(receiptFor(keys, one, i + 1)))
            return 'a receipt that nobody signed';
        }
        return '';
      },
    },
    {
      name: 'a list of hubs',
      samples: [canonicalBytes(hubs)],
      read: async (bytes) => nameOf(await verifyHubs(platform, root, bytes)),
    },
    {
      name: 'a list of leaves',
      samples: [list],
      read: async (bytes) => toHex(await checkLeaves(platform, blob, bytes)),
    },
    {
      name: 'a batch of answers',
      samples: [encodeBatch(answers)],
      // An answer that arrived whole is taken, whatever happened to those around it.
      read: async (bytes) => {
        for (const envelope of parseBatch(bytes)) {
          const isOurs = answers.some(({ body }) => Buffer.from(body).equals(envelope.body));
          if ((await verifyEnvelope(platform, envelope)) && !isOurs) return 'an answer that nobody gave';
        }
        return '';
      },
    },
    {
      name: 'a sealed letter',
      samples: answers.map(({ body }) => body),
      read: async (bytes) => toHex(await open(platform, keys.seal, bytes)),
    },
    {
      name: 'what a letter says',
      samples: [await open(platform, keys.seal, answer.body)],
      // Whoever seals a letter may write what they like: it is read, or it is not.
      read: async (bytes) => {
        parseLetter(bytes);
        return '';
      },
    },
    {
      name: 'what was carried by hand',
      samples: [zip, utf8(await toArmour(zip, 'Relais'))],
      // Files that arrived whole are read, whatever happened to those around them.
      read: async (bytes) => {
        const archive = await openCarried({ size: bytes.length, read: async (from, to) => bytes.slice(from, to) });
        for (const file of archive.values()) {
          const came = await file.read(0, file.size).catch((error: unknown) => {
            if (error instanceof RelaisError) return undefined;
            throw error;
          });
          if (came && !carried.some((one) => Buffer.from(one.bytes).equals(came))) return 'a file that nobody wrote';
        }
        for await (const { header } of answersIn(platform, archive))
          if (!answers.some((one) => nameOf(one.header) === nameOf(header))) return 'an answer that nobody gave';
        if (archive.size < carried.length) throw new RelaisError('malformed', { what: 'lost' });
        return '';
      },
    },
    {
      name: 'receipts',
      samples: [utf8(nameOf({ v: PROTOCOL_VERSION, results }))],
      read: async (bytes) => {
        const taken: string[] = [];
        for (const result of parseReply(jsonOf(bytes)).results)
          if ('receipt' in result) {
            const of = answers.find(({ header }) => header.id === result.id);
            const receipt = of && (await verifyReceipt(platform, root, of.header, result.receipt));
            if (receipt && !answers.some((one, i) => nameOf(receiptFor(keys, one, i + 1)) === nameOf(receipt)))
              return 'a receipt that nobody signed';
            taken.push(result.id);
          }
        return '';
      },
    },
  ];
};
