import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RelaisError } from '../../src/core/errors.ts';
import { fromBase64Url } from '../../src/core/protocol/bytes.ts';
import { canonicalBytes, parseCanonical } from '../../src/core/protocol/canonical.ts';
import { type Hubs, hubsSchema } from '../../src/core/protocol/hubs.ts';
import { parseShape } from '../../src/core/protocol/shapes.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { ConfigError } from '../config.ts';
import { writeDurably } from './files.ts';

/** The list of delegated hubs, as the box keeps it: without a signature, which comes with each publication. */

const pathOf = (dataDir: string): string => join(dataDir, 'keys', 'hubs.json');

/** The list; undefined where nothing was ever delegated. */
export const readHubs = (dataDir: string): Hubs | undefined => {
  const path = pathOf(dataDir);
  if (!existsSync(path)) return undefined;
  try {
    return parseShape(hubsSchema, parseCanonical(new Uint8Array(readFileSync(path))), 'hubs');
  } catch (error) {
    if (!(error instanceof RelaisError)) throw error;
    throw new Error(`The file ${path} is damaged. Restore it from a backup.`);
  }
};

export interface Delegation {
  /** Ed25519 public key, base64url, as "npm run keys -- request" prints it. */
  readonly key: string;
  readonly name: string;
  /** Seconds since 1970. */
  readonly until?: number | undefined;
}

/** Adds a hub, or gives one with the same key or name another name, key or end. `after`: the new list's number is above this. */
export const delegate = (dataDir: string, { key, name, until }: Delegation, after = 0): Hubs => {
  if (!isPublicKey(key))
    throw new ConfigError(
      `"${key}" is no public key: it has 43 letters and digits, as "npm run keys -- request" prints it.`,
    );
  const others = (readHubs(dataDir)?.hubs ?? []).filter((hub) => hub.key !== key && hub.name !== name);
  return write(dataDir, [...others, { key, name, ...(until !== undefined && { until }) }], after);
};

/** Takes a hub from the list, by its name or key. Throws a sentence where it is not there. */
export const revoke = (dataDir: string, nameOrKey: string, after = 0): Hubs => {
  const hubs = readHubs(dataDir)?.hubs ?? [];
  const rest = hubs.filter(({ key, name }) => key !== nameOrKey && name !== nameOrKey);
  if (rest.length === hubs.length) {
    const names = hubs.map(({ name }) => `"${name}"`).join(', ');
    throw new ConfigError(`No hub is called "${nameOrKey}". ${names ? `There are: ${names}.` : 'None is delegated.'}`);
  }
  return write(dataDir, rest, after);
};

const write = (dataDir: string, hubs: Hubs['hubs'], after: number): Hubs => {
  const n = Math.max(readHubs(dataDir)?.n ?? 0, after) + 1;
  const list = { v: PROTOCOL_VERSION, n, hubs };
  try {
    parseShape(hubsSchema, list, 'hubs');
  } catch {
    throw new ConfigError('A hub needs a name of 1 to 80 letters, and a library has at most 256 hubs.');
  }
  writeDurably(pathOf(dataDir), canonicalBytes(list), 0o600);
  return list;
};

/** Whether this is an Ed25519 public key in its one spelling. */
export const isPublicKey = (text: string): boolean => {
  try {
    return fromBase64Url(text).length === 32;
  } catch {
    return false;
  }
};
