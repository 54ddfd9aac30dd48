import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBase64Url } from '../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import type { Root, SignedRoot } from '../../src/core/protocol/root.ts';
import { isSignedBy, signedBytes } from '../../src/core/protocol/signed.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { ConfigError } from '../config.ts';
import { carryOut, commitChange, type KeyChange } from './change.ts';
import { writeDurably } from './files.ts';
import { isNew, keyPath, openKeys, openRoots, readRoots, type SigningKey, seedIn, signingKey } from './keys.ts';

/** From one root to the next: who has to sign, who did, and putting it in force together with its keys. */

export const ROLES = ['root', 'publisher', 'hub'] as const;
export type RoleName = (typeof ROLES)[number];

/** A secret and the key that it is. */
export interface Secret {
  readonly seed: Uint8Array;
  readonly key: SigningKey;
}

export const secretOf = (seed: Uint8Array): Secret => ({ seed, key: signingKey(seed) });

/** What is known of keys that lie elsewhere: for `show` only. Whoever lost it has lost no key. */
export interface Notes {
  readonly [keyId: string]: { readonly what: string; readonly since: string; readonly recovery?: true };
}

/** The keys of a box as they are now. */
export interface BoxState {
  readonly dataDir: string;
  readonly roots: readonly SignedRoot[];
  readonly root: Root;
  /** What lies on this box. */
  readonly own: Readonly<Partial<Record<RoleName, Secret>>>;
  /** Key files that are there, and are no keys. */
  readonly damaged: readonly RoleName[];
  readonly notes: Notes;
}

/** Reads a box. Only for who holds the lock. Throws a sentence for a new one: its keys are made at its first start, and not by mistake. */
export const openBox = async (dataDir: string): Promise<BoxState> => {
  carryOut(dataDir);
  if (isNew(dataDir))
    throw new ConfigError(
      `There are no keys in ${dataDir} yet: they are made at the first start, "npm start". Is this a new box for a library that is there already? Then "npm run keys -- restore --roots FOLDER".`,
    );
  let roots = await readRoots(dataDir);
  // Made, and never published.
  if (roots.length === 0) roots = await openRoots(dataDir, await openKeys(dataDir));
  return stateOf(dataDir, roots);
};

export const stateOf = (dataDir: string, roots: readonly SignedRoot[]): BoxState => {
  const own: Partial<Record<RoleName, Secret>> = {};
  const damaged: RoleName[] = [];
  for (const name of ROLES) {
    const path = keyPath(dataDir, name);
    if (!existsSync(path)) continue;
    const seed = seedIn(path);
    if (seed) own[name] = secretOf(seed);
    else damaged.push(name);
  }
  return { dataDir, roots, root: (roots.at(-1) as SignedRoot).signed, own, damaged, notes: readNotes(dataDir) };
};

const readNotes = (dataDir: string): Notes => {
  const path = join(dataDir, 'keys/notes.json');
  try {
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Notes) : {};
  } catch {
    return {};
  }
};

export const notesText = (notes: Notes): string => `${JSON.stringify(notes, null, 2)}\n`;

/** A next root that is not in force yet. */
export interface Draft {
  readonly body: Root;
  /** Key files that come and go with it. */
  readonly change: KeyChange;
  readonly signers: readonly SigningKey[];
  /** Done once it is sure that the root can be signed, and before it is in force. */
  readonly prepare?: () => void;
  /** For the operator, once it is in force. */
  readonly words: readonly string[];
}

/** The next root's body with some of it changed. */
export const nextBody = (root: Root, change: Partial<Pick<Root, RoleName>>): Root => ({
  ...root,
  ...change,
  v: PROTOCOL_VERSION,
  n: root.n + 1,
});

/** Adds signatures. Each key signs once. */
export const addSignatures = (document: SignedRoot, keys: readonly SigningKey[]): SignedRoot => ({
  signed: document.signed,
  sigs: {
    ...document.sigs,
    ...Object.fromEntries(keys.map((key) => [key.id, toBase64Url(key.sign(signedBytes('root', document.signed)))])),
  },
});

/** Without signatures by keys that neither of the two roots names: they count for nothing. */
export const pruned = (before: Root, { signed, sigs }: SignedRoot): SignedRoot => ({
  signed,
  sigs: Object.fromEntries(
    Object.entries(sigs).filter(([id]) => Object.hasOwn(before.root.keys, id) || Object.hasOwn(signed.root.keys, id)),
  ),
});

/** What a next root still lacks, as sentences; none where it may be put in force. */
export const lacking = async (before: Root, document: SignedRoot): Promise<readonly string[]> => {
  const problems: string[] = [];
  for (const { n, root } of [before, document.signed]) {
    const valid: string[] = [];
    for (const [id, key] of Object.entries(root.keys))
      if (await isSignedBy(webPlatform, 'root', document, { [id]: key }, 1)) valid.push(id);
    if (valid.length >= root.threshold) continue;
    const missing = Object.keys(root.keys).filter((id) => !valid.includes(id));
    problems.push(
      `It takes ${counted(root.threshold, 'signature')} by root keys of root ${n}, and has ${valid.length || 'none'}. Who can still sign: ${missing.join(', ')}.`,
    );
  }
  return problems;
};

export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** What phones read: a chain of so many roots, and a root of 16 kB with its signatures. */
const MOST_ROOTS = 256;
const MOST_BYTES = 6 * 1024;

/** Throws a sentence where a root could never be signed, or would shut this box out. */
export const checkBody = (body: Root): void => {
  const { n, root, publisher, hub } = body;
  if (n > MOST_ROOTS)
    throw new ConfigError(
      `A library has at most ${MOST_ROOTS} roots, and this would be root ${n}: phones would refuse it.`,
    );
  if (rootText({ signed: body, sigs: {} }).length > MOST_BYTES)
    throw new ConfigError('That is more keys than phones take in one root: name fewer holders.');
  for (const [name, role] of Object.entries({ root, publisher, hub })) {
    const count = Object.keys(role.keys).length;
    if (role.threshold > count)
      throw new ConfigError(
        `That would ask for ${counted(role.threshold, `${name} signature`)}, with ${counted(count, 'key')} to give them: nobody could ever change the keys again.`,
      );
  }
};

/** A root as its file has it. */
export const rootText = (document: SignedRoot): string => Buffer.from(canonicalBytes(document)).toString('utf8');

const PROPOSED = 'proposed.json';

/** Puts a signed root in force, and its keys with it: all at once. */
export const install = (state: BoxState, document: SignedRoot, change: KeyChange): void => {
  commitChange(state.dataDir, {
    put: { ...change.put, [`root-${document.signed.n}.json`]: rootText(document) },
    remove: [...change.remove, PROPOSED],
  });
};

/** Signs a draft with what is at hand, and puts it in force; throws sentences where more signatures are needed. */
export const signAndInstall = async (state: BoxState, draft: Draft): Promise<void> => {
  checkBody(draft.body);
  const document = pruned(state.root, addSignatures({ signed: draft.body, sigs: {} }, draft.signers));
  const problems = await lacking(state.root, document);
  if (problems.length > 0)
    throw new ConfigError(
      [
        'Nothing was changed: there are not enough signatures here.',
        ...state.damaged.filter((name) => name === 'root').map((name) => damagedWords(name)),
        ...problems,
        'If a root key lies in a file, name it: --root-key PATH. If other people hold keys, write the change to a file for them: "npm run keys -- propose FILE ..." with the same words behind it.',
      ].join('\n'),
    );
  draft.prepare?.();
  install(state, document, draft.change);
};

/** What to do about a key file that is no key. */
export const damagedWords = (name: RoleName): string =>
  `The ${name} key on this box is damaged: restore keys/${name}.key from a backup, or take the spare ("npm run keys -- restore").`;

const hashOf = (body: Root): string => createHash('sha256').update(canonicalBytes(body)).digest('base64url');

/** Writes a draft to a file for others to sign. New secrets wait on this box until it is adopted. */
export const propose = (state: BoxState, draft: Draft, path: string): SignedRoot => {
  checkBody(draft.body);
  const document = pruned(state.root, addSignatures({ signed: draft.body, sigs: {} }, draft.signers));
  draft.prepare?.();
  const parked = JSON.stringify({ body: hashOf(draft.body), change: draft.change });
  commitChange(state.dataDir, { put: { [PROPOSED]: parked }, remove: [] });
  writeDurably(path, rootText(document));
  return document;
};

/** The change of keys that waits for exactly this root; undefined where it was proposed elsewhere. */
export const parkedFor = (dataDir: string, body: Root): KeyChange | undefined => {
  const path = join(dataDir, 'keys', PROPOSED);
  if (!existsSync(path)) return undefined;
  const parked = JSON.parse(readFileSync(path, 'utf8')) as { body: string; change: KeyChange };
  return parked.body === hashOf(body) ? parked.change : undefined;
};
