import { existsSync, readFileSync } from 'node:fs';
import { fromBase64Url, toBase64Url } from '../../src/core/protocol/bytes.ts';
import { type Root, rootIdentity } from '../../src/core/protocol/root.ts';
import { ConfigError } from '../config.ts';
import { writeDurably } from './files.ts';
import { isPublicKey } from './hub-list.ts';
import { idOfKey, newSeed, recipientFor, recoverySecret, roleOf, sealSecret, seedText } from './keys.ts';
import {
  type BoxState,
  counted,
  type Draft,
  type Notes,
  nextBody,
  notesText,
  type RoleName,
  type Secret,
  secretOf,
} from './next-root.ts';
import { readLetters } from './paper.ts';
import { pageAsHtml, pageAsText } from './paper-page.ts';
import { formerHub, formerRecovery } from './serving.ts';

/** What each verb makes of the keys: the next root, and the files that come and go with it. Nothing is written here but a spare's page. */
export interface VerbPorts {
  readonly state: BoxState;
  /** Root keys that lie in files, by `--root-key`. */
  readonly lent: readonly Secret[];
  /** `2026-11-25` */
  readonly today: string;
}

const PUBLISH_NEXT =
  'Now run "npm run publish": phones follow at their next contact. A hub that is running takes the new keys with it, and needs no restart.';

const rootKeys = ({ state: { own }, lent }: VerbPorts): readonly Secret[] => [...(own.root ? [own.root] : []), ...lent];

/** The secret that today's recovery recipient belongs to, where it is at hand. */
const recoveryAtHand = async (secrets: readonly Secret[], root: Root): Promise<Secret | undefined> => {
  for (const secret of secrets)
    if ((await recipientFor(recoverySecret(secret.seed))) === root.hub.recovery) return secret;
  return undefined;
};

/** Without some, and with others. */
const changedKeys = (
  keys: Readonly<Record<string, string>>,
  gone: readonly string[],
  come: readonly Secret[],
): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(keys).filter(([id]) => !gone.includes(id))),
  ...Object.fromEntries(come.map(({ key }) => [key.id, toBase64Url(key.publicKey)])),
});

/** What is known of keys elsewhere, and more. Where one of the new ones opens answers, no earlier one does. */
const withNotes = (state: BoxState, notes: Notes): string => {
  const moves = Object.values(notes).some(({ recovery }) => recovery);
  const before = Object.entries(state.notes).map(([id, { recovery, ...rest }]) => [
    id,
    recovery && !moves ? { ...rest, recovery } : rest,
  ]);
  return notesText({ ...Object.fromEntries(before), ...notes });
};

/** `rotate`: one key is replaced by a new one. */
export const rotate = async (ports: VerbPorts, name: RoleName): Promise<Draft> => {
  const { state } = ports;
  const fresh = secretOf(newSeed());
  const put: Record<string, string> = { [`${name}.key`]: seedText(fresh.seed) };
  const signers = [...rootKeys(ports).map(({ key }) => key)];
  if (name === 'publisher') {
    const body = nextBody(state.root, { publisher: roleOf(fresh.key) });
    const words = [`The publisher's key is new: ${fresh.key.id}. Root ${body.n} names it.`, PUBLISH_NEXT];
    return { body, change: { put, remove: [] }, signers, words };
  }
  if (name === 'hub') {
    const { hub } = state.own;
    if (hub) put[formerHub(hub.key.id)] = seedText(hub.seed);
    const seal = await recipientFor(sealSecret(fresh.seed));
    const body = nextBody(state.root, { hub: { ...state.root.hub, ...roleOf(fresh.key), seal } });
    const words = [
      `The hub's key is new: ${fresh.key.id}. Root ${body.n} names it.`,
      ...(hub ? ['The old one stays in keys/former, to open answers that were sealed to it.'] : []),
      PUBLISH_NEXT,
    ];
    return { body, change: { put, remove: [] }, signers, words };
  }
  const old = state.own.root ?? ports.lent[0];
  if (!old || !Object.hasOwn(state.root.root.keys, old.key.id))
    throw new ConfigError(
      'The root key that is to be replaced is not here. Name its file: --root-key PATH. Was it lost or stolen? Take the spare: "npm run keys -- restore --new root".',
    );
  const recovers = await recoveryAtHand([old], state.root);
  if (recovers) put[formerRecovery(old.key.id)] = seedText(recoverySecret(old.seed));
  const body = nextBody(state.root, {
    root: { ...state.root.root, keys: changedKeys(state.root.root.keys, [old.key.id], [fresh]) },
    ...(recovers && {
      hub: { ...state.root.hub, recovery: await recipientFor(recoverySecret(fresh.seed)) },
    }),
  });
  const words = [
    `The root key is new: ${fresh.key.id}. Root ${body.n} names it, and ${old.key.id} counts no longer.`,
    ...(state.own.root ? [] : ['It lies on this box now. "npm run keys -- offline root FILE" moves it to a stick.']),
    PUBLISH_NEXT,
  ];
  return { body, change: { put, remove: [] }, signers: [...signers, fresh.key], words };
};

/** `spare`: one more root key, on paper only. */
export const spare = async (ports: VerbPorts, path: string, threshold: number | undefined): Promise<Draft> => {
  const { state, today } = ports;
  const seed = existsSync(path) ? seedOfPage(path) : newSeed();
  const secret = secretOf(seed);
  const { id } = secret.key;
  if (Object.hasOwn(state.root.root.keys, id))
    throw new ConfigError(
      `The spare of ${path} (${id}) is in force already: print it, then delete the file. For another spare, name another file.`,
    );
  const body = nextBody(state.root, {
    root: {
      keys: changedKeys(state.root.root.keys, [], [secret]),
      threshold: threshold ?? state.root.root.threshold,
    },
    // From now on the paper opens answers too, where the box and its keys are gone.
    hub: { ...state.root.hub, recovery: await recipientFor(recoverySecret(seed)) },
  });
  const library = rootIdentity((state.roots[0] as BoxState['roots'][number]).signed);
  const prepare = (): void => {
    const page = { seed, id, library, root: body.n, day: today };
    if (!existsSync(path)) writeDurably(path, path.endsWith('.txt') ? pageAsText(page) : pageAsHtml(page), 0o600);
  };
  const note = { [id]: { what: 'spare, on paper', since: today, recovery: true as const } };
  const put: Record<string, string> = { 'notes.json': withNotes(state, note) };
  const old = await recoveryAtHand(rootKeys(ports), state.root);
  if (old) put[formerRecovery(old.key.id)] = seedText(recoverySecret(old.seed));
  const words = [
    `A spare root key is made: ${id}. Root ${body.n} names it. Its secret is only in ${path}.`,
    'Print that file twice, read the sheets over, then delete the file. Keep them under lock, away from this box and from one another.',
    'Whoever holds a sheet can publish in your place, and open answers.',
    PUBLISH_NEXT,
  ];
  return {
    body,
    change: { put, remove: [] },
    signers: [...rootKeys(ports).map(({ key }) => key), secret.key],
    prepare,
    words,
  };
};

/** A page that was written before the power went: it is taken up again. */
const seedOfPage = (path: string): Uint8Array => {
  const reading = readLetters(readFileSync(path, 'utf8'));
  if ('seed' in reading) return reading.seed;
  throw new ConfigError(`${path} is there already, and is no spare key. Name another file.`);
};

export interface RestoreOptions {
  /** The key of the paper. */
  readonly paper: Secret;
  /** Which of the box's keys are replaced; those that are missing, where nothing is said. */
  readonly fresh: readonly RoleName[] | undefined;
  /** Root keys that stay, besides the paper's own. */
  readonly keep: readonly string[];
  readonly threshold: number | undefined;
}

/** Keys that the box lacks, or has in another state than the newest root names. A root key on a stick is not lost. */
export const missingKeys = ({ own, root, notes }: BoxState): readonly RoleName[] => {
  const isThere = (name: RoleName): boolean => {
    const id = own[name]?.key.id;
    return id !== undefined && Object.hasOwn(root[name].keys, id);
  };
  const isElsewhere = Object.keys(root.root.keys).some((id) => notes[id]?.what.startsWith('offline'));
  return (['root', 'publisher', 'hub'] as const).filter((name) => !isThere(name) && !(name === 'root' && isElsewhere));
};

/** `restore`: the paper's key names new keys for the box. */
export const restore = async (ports: VerbPorts, options: RestoreOptions): Promise<Draft> => {
  const { state, today } = ports;
  const { root } = state;
  const { paper, keep } = options;
  requireNamed(state, paper);
  const fresh = options.fresh ?? missingKeys(state);
  if (fresh.length === 0)
    throw new ConfigError(
      'No key of this box is missing, so nothing was changed. Were keys stolen? Say which are to be new: "npm run keys -- restore --new all" (or root, publisher, hub).',
    );
  for (const id of keep)
    if (!Object.hasOwn(root.root.keys, id))
      throw new ConfigError(`--keep ${id}: root ${root.n} names no such root key.`);
  const put: Record<string, string> = {};
  const made = new Map<RoleName, Secret>(fresh.map((name) => [name, secretOf(newSeed())]));
  for (const [name, { seed }] of made) put[`${name}.key`] = seedText(seed);
  const [newRoot, newPublisher, newHub] = [made.get('root'), made.get('publisher'), made.get('hub')];
  const gone = newRoot ? Object.keys(root.root.keys).filter((id) => id !== paper.key.id && !keep.includes(id)) : [];
  const recovery = await recipientFor(recoverySecret(paper.seed));
  if (newHub && state.own.hub) put[formerHub(state.own.hub.key.id)] = seedText(state.own.hub.seed);
  // What was sealed to the keys that are lost opens with the paper's.
  if (newHub) put[formerRecovery(paper.key.id)] = seedText(recoverySecret(paper.seed));
  const body = nextBody(root, {
    root: {
      keys: changedKeys(root.root.keys, gone, newRoot ? [newRoot] : []),
      threshold: options.threshold ?? root.root.threshold,
    },
    ...(newPublisher && { publisher: roleOf(newPublisher.key) }),
    hub: {
      ...root.hub,
      ...(newHub && { ...roleOf(newHub.key), seal: await recipientFor(sealSecret(newHub.seed)) }),
      // A thief of the root key could have opened answers by it.
      ...(newRoot && { recovery }),
    },
  });
  put['notes.json'] = withNotes(state, {
    [paper.key.id]: { what: `spare, on paper; typed on ${today}`, since: today, ...(newRoot && { recovery: true }) },
  });
  const words = [
    `New on this box: ${[...made].map(([name, { key }]) => `${name} key ${key.id}`).join(', ')}. Root ${body.n} names ${made.size === 1 ? 'it' : 'them'}.`,
    ...(gone.length > 0 ? [`Root keys that count no longer: ${gone.join(', ')}.`] : []),
    'Publish with a number above every one that ever went out, by you or by a thief: "npm run publish -- --after 1000" where you do not know it. Phones follow at their next contact.',
    'The paper was typed on a machine: make a new one, "npm run keys -- spare FILE", and then let the old one go, "npm run keys -- holders --drop ' +
      `${paper.key.id}".`,
  ];
  const signers = [paper.key, ...rootKeys(ports).map(({ key }) => key), ...(newRoot ? [newRoot.key] : [])];
  return { body, change: { put, remove: [] }, signers, words };
};

/** Throws a sentence unless the newest root names this root key. */
export const requireNamed = ({ root }: BoxState, { key }: Secret): void => {
  if (!Object.hasOwn(root.root.keys, key.id))
    throw new ConfigError(
      `The letters are right, and the key is ${key.id}: root ${root.n} of this library does not name it. It names ${Object.keys(root.root.keys).join(', ')}. Is this the sheet of another library, or an old one? Or has this box lost newer roots? Then name the folder with them: --roots FOLDER.`,
    );
};

export interface HolderOptions {
  /** Public keys, base64url. */
  readonly add: readonly string[];
  /** Key ids. */
  readonly drop: readonly string[];
  readonly threshold: number | undefined;
}

/** `holders`: who has root keys, and how many of them have to sign. */
export const holders = async (ports: VerbPorts, { add, drop, threshold }: HolderOptions): Promise<Draft> => {
  const { state, today } = ports;
  const { root } = state;
  const wrong = add.find((key) => !isPublicKey(key));
  if (wrong !== undefined)
    throw new ConfigError(
      `"${wrong}" is no public key: it has 43 letters and digits, as "npm run keys -- make FILE" prints it.`,
    );
  const unknown = drop.find((id) => !Object.hasOwn(root.root.keys, id));
  if (unknown !== undefined)
    throw new ConfigError(
      `Root ${root.n} names no root key ${unknown}. It names ${Object.keys(root.root.keys).join(', ')}.`,
    );
  if (add.length === 0 && drop.length === 0 && (threshold === undefined || threshold === root.root.threshold))
    throw new ConfigError('Say what is to change: --add PUBLIC_KEY, --drop KEY_ID, --threshold N.');
  const come = Object.fromEntries(add.map((key) => [idOfKey(fromBase64Url(key)), key]));
  const keys = { ...changedKeys(root.root.keys, drop, []), ...come };
  const staying = rootKeys(ports).filter(({ key }) => Object.hasOwn(keys, key.id));
  const recoveryId = Object.keys(state.notes).find((id) => state.notes[id]?.recovery);
  const losesRecovery =
    (recoveryId !== undefined && drop.includes(recoveryId)) ||
    drop.includes((await recoveryAtHand(rootKeys(ports), root))?.key.id ?? '');
  const [heir] = staying;
  if (losesRecovery && !heir)
    throw new ConfigError(
      `${drop.join(', ')} also opens answers where the hub's key is lost. Make a new spare first: "npm run keys -- spare FILE".`,
    );
  const body = nextBody(root, {
    root: { keys, threshold: threshold ?? root.root.threshold },
    ...(losesRecovery && heir && { hub: { ...root.hub, recovery: await recipientFor(recoverySecret(heir.seed)) } }),
  });
  const notes = Object.fromEntries(
    Object.keys(come).map((id) => [id, { what: 'held by somebody else', since: today }] as const),
  );
  const words = [
    `Root ${body.n} names ${counted(Object.keys(keys).length, 'root key')}: ${Object.keys(keys).join(', ')}. ${counted(body.root.threshold, 'of them has', 'of them have')} to sign the next root.`,
    PUBLISH_NEXT,
  ];
  const put: Record<string, string> = { 'notes.json': withNotes(state, notes) };
  // A root key of the box that counts no longer is not kept; what it opened still opens.
  const own = state.own.root && drop.includes(state.own.root.key.id) ? state.own.root : undefined;
  if (own) put[formerRecovery(own.key.id)] = seedText(recoverySecret(own.seed));
  const change = { put, remove: own ? ['root.key'] : [] };
  return { body, change, signers: rootKeys(ports).map(({ key }) => key), words };
};
