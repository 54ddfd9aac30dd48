import {
  createHash,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  randomInt,
  sign,
} from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recipientOf } from '../../src/core/protocol/age.ts';
import { fromBase64Url, toBase64Url } from '../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import { followRoots, parseRoot, type Root, type SignedRoot, verifySelfSigned } from '../../src/core/protocol/root.ts';
import { type SignedDocument, type SignedKind, signedBytes } from '../../src/core/protocol/signed.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { finishChange } from './change.ts';
import { createDurably, writeDurably } from './files.ts';

/**
 * The box's three keys: root (signs roots; can be moved offline), publisher (signs heads), hub (signs receipts). Each is one file with
 * a 32-byte Ed25519 seed. The sealing keys are derived from the seeds of hub and root, so that three secrets are all there is
 * to keep: `seal` opens answers day by day, `recovery` opens them from the root key alone.
 */
export interface SigningKey {
  readonly id: string;
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export interface Keys {
  /** Absent where it was moved offline: it is only needed for a new root. */
  readonly root: SigningKey | undefined;
  readonly publisher: SigningKey;
  readonly hub: SigningKey;
  /** X25519 secret key of the centre. */
  readonly seal: Uint8Array;
  /** X25519 secret key that opens the same answers, from the root's seed. */
  readonly recovery: Uint8Array | undefined;
}

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

export const keyPath = (dataDir: string, name: string): string => join(dataDir, 'keys', `${name}.key`);

export const rootPath = (dataDir: string, n: number): string => join(dataDir, 'keys', `root-${n}.json`);

/** A new secret. */
export const newSeed = (): Uint8Array => new Uint8Array(randomBytes(32));

/** A seed as key files have it. */
export const seedText = (seed: Uint8Array): string => `${toBase64Url(seed)}\n`;

/** Loads the keys, making those of a new box, and finishing a change of keys that a power cut interrupted. */
export const openKeys = async (dataDir: string): Promise<Keys> => {
  mkdirSync(join(dataDir, 'keys'), { recursive: true, mode: 0o700 });
  await finishChange(dataDir);
  if (isNew(dataDir)) {
    // The root key last: with it the box is made, and what is missing from then on was lost.
    for (const name of ['hub', 'publisher', 'root']) createDurably(keyPath(dataDir, name), seedText(newSeed()), 0o600);
  }
  const root = seedIfThere(dataDir, 'root');
  const hub = readSeed(dataDir, 'hub');
  return {
    root: root && signingKey(root),
    publisher: signingKey(readSeed(dataDir, 'publisher')),
    hub: signingKey(hub),
    seal: sealSecret(hub),
    recovery: root && recoverySecret(root),
  };
};

/** Neither made nor used: a box that was used and lost its keys must not get others. */
export const isNew = (dataDir: string): boolean =>
  [
    keyPath(dataDir, 'root'),
    rootPath(dataDir, 1),
    ...['history', 'tree', 'hub.sqlite'].map((name) => join(dataDir, name)),
  ].every((path) => !existsSync(path));

const readSeed = (dataDir: string, name: string): Uint8Array => {
  const seed = seedIfThere(dataDir, name);
  if (!seed)
    throw new Error(
      `The key ${keyPath(dataDir, name)} is missing. Restore it from a backup, or make new keys with the spare: "npm run keys -- restore". Another one in its place would be another library.`,
    );
  return seed;
};

/** The seed in a key file of the box; undefined where there is none. Throws a sentence where it is damaged. */
export const seedIfThere = (dataDir: string, name: string): Uint8Array | undefined => {
  const path = keyPath(dataDir, name);
  if (!existsSync(path)) return undefined;
  const seed = seedIn(path);
  if (!seed)
    throw new Error(
      `The key ${path} is damaged. Restore it from a backup, or make new keys with the spare: "npm run keys -- restore".`,
    );
  return seed;
};

/** The seed in a key file, wherever it lies. Throws a sentence where it is damaged. */
export const readSeedFile = (path: string): Uint8Array => {
  const seed = seedIn(path);
  if (!seed) throw new Error(`The file ${path} is no key, or it is damaged. Take another copy of it.`);
  return seed;
};

/** The seed in a file; undefined where it is no key. Lines that begin with # are for people. */
export const seedIn = (path: string): Uint8Array | undefined => {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim());
  const [seed = '', ...more] = lines.filter((line) => line !== '' && !line.startsWith('#'));
  try {
    const bytes = fromBase64Url(seed);
    return bytes.length === 32 && more.length === 0 ? bytes : undefined;
  } catch {
    return undefined;
  }
};

/** Where a hub in between has its own key: `keys/` would make the folder a publisher's. */
export const relayKeyPath = (dataDir: string): string => join(dataDir, 'hub.key');

/** The key of a hub in between, with which it says what it holds; undefined before it was asked for. Throws a sentence where it is damaged. */
export const relayKey = (dataDir: string): SigningKey | undefined =>
  existsSync(relayKeyPath(dataDir)) ? signingKey(readSeedFile(relayKeyPath(dataDir))) : undefined;

/** The same, made where there is none. */
export const makeRelayKey = (dataDir: string): SigningKey => {
  if (!existsSync(relayKeyPath(dataDir))) createDurably(relayKeyPath(dataDir), seedText(newSeed()), 0o600);
  return signingKey(readSeedFile(relayKeyPath(dataDir)));
};

/** All roots in order, each checked to follow from the one before. A new box makes its first one. */
export const openRoots = async (dataDir: string, keys: Keys): Promise<SignedRoot[]> => {
  if (
    !existsSync(rootPath(dataDir, 1)) &&
    readdirSync(join(dataDir, 'keys')).some((name) => /^root-\d+\.json$/.test(name))
  )
    throw new Error(
      `${rootPath(dataDir, 1)} is missing, and later roots are there. Take it from a backup, or from c/root/1.json of a copy of the published tree.`,
    );
  if (!existsSync(rootPath(dataDir, 1))) writeDurably(rootPath(dataDir, 1), canonicalBytes(await firstRoot(keys)));
  return readRoots(dataDir);
};

/** The roots that the box has, in order and checked; none in a new box. */
export const readRoots = async (dataDir: string): Promise<SignedRoot[]> => {
  const roots: SignedRoot[] = [];
  for (let n = 1; existsSync(rootPath(dataDir, n)); n++) {
    roots.push(parseRoot(new Uint8Array(readFileSync(rootPath(dataDir, n)))));
  }
  await checkChain(roots);
  return roots;
};

/** Throws unless these are roots of one library, from the first one on, without a gap. */
export const checkChain = async (roots: readonly SignedRoot[]): Promise<void> => {
  const [origin] = roots;
  if (!origin) return;
  if (origin.signed.n !== 1) throw new Error('The first root has to be number 1.');
  await followRoots(webPlatform, await verifySelfSigned(webPlatform, origin), roots);
};

/** X25519 secret that opens answers day by day, from the hub's seed. */
export const sealSecret = (hubSeed: Uint8Array): Uint8Array => derive(hubSeed, 'relais/seal');

/** X25519 secret that opens the same answers, from the seed of a root key. */
export const recoverySecret = (rootSeed: Uint8Array): Uint8Array => derive(rootSeed, 'relais/recovery');

/** The age recipient of an X25519 secret. */
export const recipientFor = async (secret: Uint8Array): Promise<string> =>
  recipientOf(await webPlatform.keyAgreement.publicOf(secret));

const derive = (seed: Uint8Array, info: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', seed, new Uint8Array(0), info, 32));

/** A key that signs, from its seed. */
export const signingKey = (seed: Uint8Array): SigningKey => {
  const secret = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = rawPublic(secret);
  return {
    id: idOfKey(publicKey),
    publicKey,
    sign: (message) => new Uint8Array(sign(null, message, secret)),
  };
};

/** As `keyIdOf` of the protocol, at once. */
export const idOfKey = (publicKey: Uint8Array): string =>
  toBase64Url(new Uint8Array(createHash('sha256').update(publicKey).digest().subarray(0, 8)));

const rawPublic = (secret: KeyObject): Uint8Array =>
  new Uint8Array(createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32));

/** Signs a body with one key. */
export const signWith = <T>(key: SigningKey, kind: SignedKind, body: T): SignedDocument<T> => ({
  signed: body,
  sigs: { [key.id]: toBase64Url(key.sign(signedBytes(kind, body))) },
});

/** A role of one key. */
export const roleOf = ({ id, publicKey }: SigningKey): Root['root'] => ({
  keys: { [id]: toBase64Url(publicKey) },
  threshold: 1,
});

/** The first root of a box: names all three keys, and is signed by its root key. */
export const firstRoot = async (keys: Keys): Promise<SignedRoot> => {
  if (!keys.root || !keys.recovery)
    throw new Error('The first root needs the root key: restore keys/root.key or keys/root-1.json.');
  const root: Root = {
    v: PROTOCOL_VERSION,
    n: 1,
    root: roleOf(keys.root),
    publisher: roleOf(keys.publisher),
    hub: {
      ...roleOf(keys.hub),
      seal: await recipientFor(keys.seal),
      recovery: await recipientFor(keys.recovery),
    },
  };
  return signWith(keys.root, 'root', root);
};

/** Letters and digits that are not mistaken for one another when read aloud or copied by hand. */
const CODE_LETTERS = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';

/** Where a centre keeps its operator's code. */
export const centreCode = (dataDir: string): string => join(dataDir, 'keys', 'operator-code');

/** The operator's code in a file: made once, shown at each start. 12 signs of 30: 58 bits. */
export const operatorCode = (path: string): string => {
  if (!existsSync(path)) {
    const signs = Array.from({ length: 12 }, () => CODE_LETTERS[randomInt(CODE_LETTERS.length)]).join('');
    writeDurably(path, `${signs.slice(0, 4)}-${signs.slice(4, 8)}-${signs.slice(8)}\n`, 0o600);
  }
  return readFileSync(path, 'utf8').trim();
};
