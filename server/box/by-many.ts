import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64Url, toBase64Url } from '../../src/core/protocol/bytes.ts';
import { parseRoot, type SignedRoot } from '../../src/core/protocol/root.ts';
import { ConfigError } from '../config.ts';
import { type Asked, lentKeys, only, pathIn, printAll, type Surroundings, USAGE } from './asked.ts';
import { writeDurably } from './files.ts';
import { checkChain, newSeed, readSeedFile, seedText } from './keys.ts';
import {
  addSignatures,
  type BoxState,
  install,
  lacking,
  parkedFor,
  pruned,
  rootText,
  type Secret,
  secretOf,
} from './next-root.ts';
import { secretTarget } from './target.ts';

/** Where several people hold root keys: a key is made, a proposed root is signed step by step, and put in force. */

export const make = ({ words }: Asked, around: Surroundings): void => {
  const [file, ...more] = words;
  if (file === undefined || more.length > 0) throw new ConfigError(`"make" needs one FILE.\n\n${USAGE}`);
  const path = secretTarget(around, file);
  const secret = existsSync(path) ? secretOf(readSeedFile(path)) : secretOf(newSeed());
  if (!existsSync(path)) writeDurably(path, keyFileText(secret, 'Keep it secret, and keep a second copy.'), 0o600);
  around.print(
    `The root key ${secret.key.id} lies in ${path}. Keep it secret. For the box's operator, who says "npm run keys -- holders --add" with it:`,
  );
  around.print(toBase64Url(secret.key.publicKey));
};

export const keyFileText = ({ seed, key }: Secret, more: string): string =>
  `# Relais: root key ${key.id}. ${more}\n${seedText(seed)}`;

export const sayLacking = async (
  state: BoxState,
  document: SignedRoot,
  around: Surroundings,
  path: string,
): Promise<void> => {
  const problems = await lacking(state.root, document);
  printAll(around.print, problems);
  around.print(
    problems.length > 0
      ? `Take the file to somebody who holds a key: "npm run keys -- sign ${path}". Then bring it back: "npm run keys -- adopt ${path}".`
      : `It has all signatures: "npm run keys -- adopt ${path}" on the box puts it in force.`,
  );
};

const readProposal = (path: string): SignedRoot => {
  if (!existsSync(path)) throw new ConfigError(`There is no file ${path}.`);
  try {
    return parseRoot(new Uint8Array(readFileSync(path)));
  } catch {
    throw new ConfigError(`${path} is no root, or it was damaged on its way. Take another copy of it.`);
  }
};

export const sign = async (asked: Asked, around: Surroundings, letters: Secret | undefined): Promise<void> => {
  const path = pathIn(around, only(asked, 'FILE'));
  const document = readProposal(path);
  const own = join(around.dataDir, 'keys/root.key');
  const lent = lentKeys(asked, around);
  const keys = lent.length > 0 ? lent : letters ? [letters] : [secretOf(readSeedFile(own))];
  writeDurably(
    path,
    rootText(
      addSignatures(
        document,
        keys.map(({ key }) => key),
      ),
    ),
  );
  const { n, root, publisher, hub } = document.signed;
  around.print(
    `Signed with ${keys.map(({ key }) => key.id).join(', ')}. Compare what you signed with what was agreed:`,
  );
  around.print(`Root ${n}. Root keys: ${Object.keys(root.keys).join(', ')}; ${root.threshold} of them sign.`);
  around.print(`Publisher: ${Object.keys(publisher.keys).join(', ')}. Hub: ${Object.keys(hub.keys).join(', ')}.`);
  around.print(`Take the file on to the next one who signs, or back to the box: "npm run keys -- adopt ${path}".`);
};

export const adopt = async (state: BoxState, path: string, around: Surroundings): Promise<void> => {
  const document = pruned(state.root, readProposal(path));
  const { n } = document.signed;
  const known = state.roots.find(({ signed }) => signed.n === n);
  if (known && rootText({ ...known, sigs: {} }) === rootText({ ...document, sigs: {} }))
    return around.print(`Root ${n} is in force already. Nothing to do.`);
  if (n !== state.root.n + 1)
    throw new ConfigError(
      `${path} is root ${n}, and this box is at root ${state.root.n}: the next one has to be ${state.root.n + 1}. Nothing was changed.`,
    );
  const problems = await lacking(state.root, document);
  if (problems.length > 0)
    throw new ConfigError(['Nothing was changed: signatures are missing.', ...problems].join('\n'));
  await checkChain([...state.roots, document]).catch(() => {
    throw new ConfigError(`${path} does not follow from root ${state.root.n} of this library. Nothing was changed.`);
  });
  const change = parkedFor(around.dataDir, document.signed) ?? { put: {}, remove: [] };
  for (const name of ['publisher', 'hub'] as const) {
    const text = change.put[`${name}.key`];
    const id = text === undefined ? state.own[name]?.key.id : secretOf(fromBase64Url(text.trim())).key.id;
    if (id === undefined || !Object.hasOwn(document.signed[name].keys, id))
      throw new ConfigError(
        `Root ${n} names another ${name} key than this box has: it was proposed on another box, or a newer proposal took its place. Nothing was changed.`,
      );
  }
  install(state, document, change);
  around.print(`Root ${n} is in force. Now run "npm run publish": phones follow at their next contact.`);
};
