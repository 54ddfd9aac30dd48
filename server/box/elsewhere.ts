import { existsSync } from 'node:fs';
import { equal } from '../../src/core/protocol/bytes.ts';
import { ConfigError } from '../config.ts';
import { keyFrom, type Surroundings } from './asked.ts';
import { keyFileText } from './by-many.ts';
import { commitChange } from './change.ts';
import { writeDurably } from './files.ts';
import { readSeedFile, seedText } from './keys.ts';
import { type BoxState, notesText, secretOf } from './next-root.ts';
import { isOnSameDisk, secretTarget } from './target.ts';

/** The root key off the box and back: a file on a stick is all there is to it. */

export const offline = (state: BoxState, file: string, around: Surroundings): void => {
  const { root } = state.own;
  const path = secretTarget(around, file);
  if (!root) throw new ConfigError('The root key is not on this box.');
  if (isOnSameDisk(around, path))
    throw new ConfigError(
      `${path} is on the same disk as the data folder: whoever takes the box would have the key. Is the stick mounted? Name a file on it. The key stays on the box.`,
    );
  if (existsSync(path)) {
    if (!equal(readSeedFile(path), root.seed)) throw new ConfigError(`${path} has another key. Name another file.`);
  } else writeDurably(path, keyFileText(root, 'Whoever has this file can publish as the library.'), 0o600);
  // Read back, since from here on it is the only one.
  if (!equal(readSeedFile(path), root.seed))
    throw new ConfigError(`${path} was not written right. The key stays on the box.`);
  const since = new Date(around.now).toISOString().slice(0, 10);
  const notes = { ...state.notes, [root.key.id]: { ...state.notes[root.key.id], what: 'offline, in a file', since } };
  commitChange(around.dataDir, { put: { 'notes.json': notesText(notes) }, remove: ['root.key'] });
  around.print(
    `The root key ${root.key.id} lies in ${path} only. Copy that file to a second stick, and keep both under lock.`,
  );
  around.print('The hub goes on and publishes without it. Where a change of keys needs it, name it: --root-key PATH.');
};

export const online = (state: BoxState, path: string, around: Surroundings): void => {
  const secret = secretOf(keyFrom(path));
  if (!Object.hasOwn(state.root.root.keys, secret.key.id))
    throw new ConfigError(`Root ${state.root.n} of this library does not name the key ${secret.key.id}.`);
  const { [secret.key.id]: _, ...notes } = state.notes;
  commitChange(around.dataDir, {
    put: { 'root.key': seedText(secret.seed), 'notes.json': notesText(notes) },
    remove: [],
  });
  around.print(`The root key ${secret.key.id} lies on this box again. The file stays as it is: keep it, or delete it.`);
};
