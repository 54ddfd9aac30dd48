import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, randomBytes, randomInt, sign } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recipientOf } from '../../src/core/protocol/age.ts';
import { fromBase64Url, toBase64Url } from '../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import { parseRoot, type Root, type SignedRoot } from '../../src/core/protocol/root.ts';
import { keyIdOf, type SignedDocument, type SignedKind, signedBytes } from '../../src/core/protocol/signed.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
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

const keyPath = (dataDir: string, name: string): string => join(dataDir, 'keys', `${name}.key`);

const rootPath = (dataDir: string, n: number): string => join(dataDir, 'keys', `root-${n}.json`);

/** Loads the keys, making those of a new box. */
export const openKeys = async (dataDir: string): Promise<Keys> => {
  mkdirSync(join(dataDir, 'keys'), { recursive: true, mode: 0o700 });
  if (isNew(dataDir)) {
    // The root key last: with it the box is made, and what is missing from then on was lost.
    for (const name of ['hub', 'publisher', 'root']) {
      createDurably(keyPath(dataDir, name), `${toBase64Url(randomBytes(32))}\n`, 0o600);
    }
  }
  const root = existsSync(keyPath(dataDir, 'root')) ? readSeed(dataDir, 'root') : undefined;
  const hub = readSeed(dataDir, 'hub');
  return {
    root: root && (await signingKey(root)),
    publisher: await signingKey(readSeed(dataDir, 'publisher')),
    hub: await signingKey(hub),
    seal: derive(hub, 'relais/seal'),
    recovery: root && derive(root, 'relais/recovery'),
  };
};

/** Neither made nor used: a box that was used and lost its keys must not get others. */
const isNew = (dataDir: string): boolean =>
  [
    keyPath(dataDir, 'root'),
    rootPath(dataDir, 1),
    ...['history', 'tree', 'hub.sqlite'].map((name) => join(dataDir, name)),
  ].every((path) => !existsSync(path));

const readSeed = (dataDir: string, name: string): Uint8Array => {
  const path = keyPath(dataDir, name);
  if (!existsSync(path))
    throw new Error(`The key ${path} is missing. Restore it from a backup: a new one would be another library.`);
  return fromBase64Url(readFileSync(path, 'utf8').trim());
};

/** All roots in order. A new box makes its first one. */
export const openRoots = async (dataDir: string, keys: Keys): Promise<SignedRoot[]> => {
  if (!existsSync(rootPath(dataDir, 1))) writeDurably(rootPath(dataDir, 1), canonicalBytes(await firstRoot(keys)));
  const roots: SignedRoot[] = [];
  for (let n = 1; existsSync(rootPath(dataDir, n)); n++) {
    roots.push(parseRoot(new Uint8Array(readFileSync(rootPath(dataDir, n)))));
  }
  return roots;
};

const derive = (seed: Uint8Array, info: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', seed, new Uint8Array(0), info, 32));

const signingKey = async (seed: Uint8Array): Promise<SigningKey> => {
  const secret = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = rawPublic(secret);
  return {
    id: await keyIdOf(webPlatform, publicKey),
    publicKey,
    sign: (message) => new Uint8Array(sign(null, message, secret)),
  };
};

const rawPublic = (secret: KeyObject): Uint8Array =>
  new Uint8Array(createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32));

/** Signs a body with one key. */
export const signWith = <T>(key: SigningKey, kind: SignedKind, body: T): SignedDocument<T> => ({
  signed: body,
  sigs: { [key.id]: toBase64Url(key.sign(signedBytes(kind, body))) },
});

/** The first root of a box: names all three keys, and is signed by its root key. */
export const firstRoot = async (keys: Keys): Promise<SignedRoot> => {
  if (!keys.root || !keys.recovery)
    throw new Error('The first root needs the root key: restore keys/root.key or keys/root-1.json.');
  const role = (key: SigningKey) => ({ keys: { [key.id]: toBase64Url(key.publicKey) }, threshold: 1 });
  const recipient = async (secret: Uint8Array) => recipientOf(await webPlatform.keyAgreement.publicOf(secret));
  const root: Root = {
    v: PROTOCOL_VERSION,
    n: 1,
    root: role(keys.root),
    publisher: role(keys.publisher),
    hub: { ...role(keys.hub), seal: await recipient(keys.seal), recovery: await recipient(keys.recovery) },
  };
  return signWith(keys.root, 'root', root);
};

/** Letters and digits that are not mistaken for one another when read aloud or copied by hand. */
const CODE_LETTERS = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';

/** The operator's code: made once, shown at each start. 12 signs of 30: 58 bits. */
export const operatorCode = (dataDir: string): string => {
  const path = join(dataDir, 'keys', 'operator-code');
  if (!existsSync(path)) {
    const signs = Array.from({ length: 12 }, () => CODE_LETTERS[randomInt(CODE_LETTERS.length)]).join('');
    writeDurably(path, `${signs.slice(0, 4)}-${signs.slice(4, 8)}-${signs.slice(8)}\n`, 0o600);
  }
  return readFileSync(path, 'utf8').trim();
};
