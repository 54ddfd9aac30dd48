import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parseRoot, type Root } from '../../src/core/protocol/root.ts';
import { currentTree } from '../publish/tree.ts';
import { FORMER } from './change.ts';
import { keyPath, readSeedFile, recoverySecret, type SigningKey, sealSecret, seedIfThere, signingKey } from './keys.ts';

/** What a running hub signs and opens with. */
export interface Serving {
  /** The newest root of the tree that is served. */
  readonly root: Root;
  /** Absent where the box has no key that alone may sign heads under that root. */
  readonly publisher: SigningKey | undefined;
  /** Signs receipts. */
  readonly hub: SigningKey;
  /** Ids of all hub keys that this library ever named: what was sealed to them is for this box. */
  readonly addressees: ReadonlySet<string>;
  /** X25519 secrets that open answers, today's first. */
  readonly openers: readonly Uint8Array[];
}

/** Keys that were replaced: hub seeds, and recovery secrets that opened what was sealed before. */
export const formerHub = (id: string): string => `${FORMER}/hub-${id}.key`;
export const formerRecovery = (id: string): string => `${FORMER}/recovery-${id}.key`;

/**
 * The keys as the served tree has them. Between a change of keys and the next publication, devices know the old ones only, so that a hub
 * goes on with those; with the publication it takes the new ones, without a restart.
 *
 * Where the box has no key that the served tree's newest root names, heads are not signed, and receipts by the newest key that there is:
 * devices keep their answers until a publication names it.
 */
export class ServingKeys {
  readonly #dataDir: string;
  #now: { readonly tree: string; readonly serving: Serving } | undefined;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** Throws a sentence where nothing is published, or a key is damaged. */
  current(): Serving {
    const tree = readlinkSync(currentTree(this.#dataDir));
    if (this.#now?.tree !== tree) this.#now = { tree, serving: this.#load() };
    return this.#now.serving;
  }

  #load(): Serving {
    const roots = rootsOf(join(currentTree(this.#dataDir), 'c/root'));
    const root = roots.at(-1);
    if (!root) throw new Error('The published tree has no root: run "npm run publish".');
    const hubs = hubSeeds(this.#dataDir);
    const own = hubs.map(signingKey);
    const hub = own.find(({ id }) => Object.hasOwn(root.hub.keys, id)) ?? own[0];
    if (!hub) throw new Error(`The key ${keyPath(this.#dataDir, 'hub')} is missing. Restore it from a backup.`);
    const seed = seedIfThere(this.#dataDir, 'publisher');
    const publisher = seed && signingKey(seed);
    const alone = publisher && root.publisher.threshold === 1 && Object.hasOwn(root.publisher.keys, publisher.id);
    const rootSeed = seedIfThere(this.#dataDir, 'root');
    return {
      root,
      publisher: alone ? publisher : undefined,
      hub,
      addressees: new Set([hub.id, ...roots.flatMap((one) => Object.keys(one.hub.keys))]),
      openers: [
        ...hubs.map(sealSecret),
        ...(rootSeed ? [recoverySecret(rootSeed)] : []),
        ...formerFiles(this.#dataDir, 'recovery-').map(readSeedFile),
      ],
    };
  }
}

/** Today's hub seed, then the earlier ones. */
const hubSeeds = (dataDir: string): readonly Uint8Array[] => {
  const seed = seedIfThere(dataDir, 'hub');
  return [...(seed ? [seed] : []), ...formerFiles(dataDir, 'hub-').map(readSeedFile)];
};

const formerFiles = (dataDir: string, start: string): readonly string[] => {
  const folder = join(dataDir, 'keys', FORMER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith(start) && name.endsWith('.key'))
    .sort()
    .map((name) => join(folder, name));
};

const rootsOf = (folder: string): readonly Root[] => {
  const roots: Root[] = [];
  for (let n = 1; existsSync(join(folder, `${n}.json`)); n++)
    roots.push(parseRoot(new Uint8Array(readFileSync(join(folder, `${n}.json`)))).signed);
  return roots;
};
