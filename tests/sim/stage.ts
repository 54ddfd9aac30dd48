import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { firstRoot, keyPath, signingKey, signWith } from '../../server/box/keys.ts';
import { History } from '../../server/publish/history.ts';
import { publish } from '../../server/publish/publish.ts';
import { fromBase64Url, fromUtf8, toBase64Url } from '../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import type { ShelfTable } from '../../src/core/protocol/head.ts';
import { HUBS_PATH, type Hubs } from '../../src/core/protocol/hubs.ts';
import { type Root, rootIdentity, type SignedRoot } from '../../src/core/protocol/root.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { type Keys, NOW, nextRoot, seededKey, seededKeys } from '../support/fixtures.ts';

/**
 * A few publications of a small library, made by the real publisher once a process, and a stranger's. A run moves the link of the tree among
 * them; nothing else of them changes.
 */

/** What a signed head vouches for. */
export interface Edition {
  readonly seq: number;
  /** Its tree. */
  readonly folder: string;
  readonly keys: Keys;
  /** Text of the box's `publisher.key`. */
  readonly publisherKey: string;
  readonly root: Root;
  /** The signed list of hubs in between; undefined where there is none. */
  readonly hubs?: Uint8Array;
  readonly tableHash: string;
  readonly table: ShelfTable;
  /** Shelf -> id -> SHA-256 of the body, without what was taken down. */
  readonly live: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export interface Box {
  readonly name: string;
  readonly dataDir: string;
  /** The app's build: names of its files, and nothing else. */
  readonly appDir: string;
  readonly identity: string;
  /** Oldest first. */
  readonly editions: readonly Edition[];
}

export interface Stage {
  readonly ours: Box;
  readonly stranger: Box;
  /** For what runs write. */
  readonly folder: string;
  remove(): void;
}

type Words = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** id -> language -> a sentence. */
const FIRST: Words = {
  pump: { fr: 'La pompe tourne depuis la saison sèche.', en: 'The pump runs since the dry season.' },
  phone: { fr: 'Un appel coûte moins qu’un trajet.', en: 'A call costs less than a trip.' },
  radio: {
    fr: 'On écoute la radio sous le manguier.',
    en: 'They listen under the mango tree.',
    ha: 'Muna sauraron rediyo.',
  },
  market: { fr: 'Les prix sont affichés chaque matin.', en: 'Prices are posted every morning.' },
  well: { fr: 'Le puits est profond.' },
};

/** An urgent notice: it comes before the rest of its shelf. */
const URGENT = 'flood';

const without = (words: Words, ...ids: readonly string[]): Words =>
  Object.fromEntries(Object.entries(words).filter(([id]) => !ids.includes(id)));

/** Each has its languages and its words. */
const EDITIONS: readonly { readonly languages: readonly string[]; readonly words: Words; readonly rotate?: true }[] =
  (() => {
    const edited: Words = {
      ...FIRST,
      [URGENT]: { fr: 'Le fleuve monte.', en: 'The river rises.' },
      pump: { ...FIRST.pump, fr: 'La pompe tourne deux fois par jour.' },
    };
    const grown: Words = {
      ...without(edited, 'phone'),
      solar: { fr: 'Le panneau charge la lampe.', en: 'The panel charges the lamp.' },
    };
    const translated: Words = {
      ...grown,
      [URGENT]: { fr: 'Le fleuve monte encore.', en: 'The river rises.' },
      well: { fr: 'Le puits est profond.', en: 'The well is deep.' },
    };
    const rotated: Words = { ...translated, market: { fr: 'Les prix changent.', en: 'Prices change.' } };
    const returned: Words = {
      ...without(rotated, 'radio'),
      phone: { fr: 'Un appel suffit.', en: 'One call is enough.' },
    };
    const last: Words = {
      ...returned,
      pump: { fr: 'La pompe est réparée.', en: 'The pump is mended.' },
      radio: FIRST.radio ?? {},
    };
    const three = ['fr', 'en', 'ha'];
    return [
      { languages: three, words: FIRST },
      { languages: three, words: edited },
      { languages: three, words: grown },
      { languages: three, words: translated },
      { languages: three, words: rotated, rotate: true },
      // A language leaves, and comes back.
      { languages: ['fr', 'en'], words: returned },
      { languages: three, words: last },
    ];
  })();

const put = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

const writeContent = (folder: string, languages: readonly string[], words: Words): void => {
  rmSync(folder, { recursive: true, force: true });
  const byLanguage = (text: string): string =>
    JSON.stringify(Object.fromEntries(languages.map((lang) => [lang, text])));
  put(
    join(folder, 'library.yml'),
    `name: ${byLanguage('Centre')}\nlanguages: [${languages.join(', ')}]\nlicence: CC-BY-4.0\n`,
  );
  const choice = (name: string): string => `{ name: '${name}', label: ${byLanguage(name)} }`;
  put(
    join(folder, 'forms/short/form.yml'),
    [
      'version: 1',
      'addressee: centre',
      `title: ${byLanguage('Question')}`,
      `submit: ${byLanguage('Envoyer')}`,
      'questions:',
      `  - { name: helped, type: select_one, appearance: list, required: true, label: ${byLanguage('?')}, choices: [${choice('yes')}, ${choice('no')}] }`,
      `  - { name: words, type: text, required: false, max: 500, label: ${byLanguage('?')} }`,
    ].join('\n'),
  );
  for (const [n, [id, texts]] of Object.entries(words).entries()) {
    const kind = id === URGENT ? 'kind: bulletin\nurgency: 1\nissued: 2025-06-01\nuntil: 2035-01-01' : 'kind: guide';
    put(join(folder, id, 'item.yml'), `${kind}\npicture: radio\norder: ${n + 1}\n`);
    for (const [lang, text] of Object.entries(texts)) {
      if (!languages.includes(lang)) continue;
      const matter = [`title: "${id}"`, `summary: "${text}"`, 'place: Tillia', 'review: { state: human-draft }'];
      if (id === URGENT) matter.push('area: Tillia');
      put(join(folder, id, `${lang}.md`), `---\n${matter.join('\n')}\n---\n\n${text}\n`);
    }
  }
};

/** Seed of the own key of a hub in between. */
export const hubSeed = (name: string): string => seededKey(`sim ${name}`, 'hub');

/** The hubs in between that the library lets speak for it, from the second publication on; the lower one is taken back with the last but one. */
const delegatedAt = (edition: number): Hubs | undefined => {
  if (edition === 0) return undefined;
  const isBefore = edition < EDITIONS.length - 2;
  const hubs = (isBefore ? ['upper', 'lower'] : ['upper']).map((name) => {
    const { publicKey } = signingKey(fromBase64Url(hubSeed(name).trim()));
    return { key: toBase64Url(publicKey), name };
  });
  return { v: PROTOCOL_VERSION, n: isBefore ? 1 : 2, hubs };
};

const buildBox = async (folder: string, name: string, editions: typeof EDITIONS): Promise<Box> => {
  const [dataDir, contentDir, appDir] = ['data', 'content', 'app'].map((part) => join(folder, name, part)) as [
    string,
    string,
    string,
  ];
  put(join(appDir, 'files.json'), JSON.stringify({ script: '/assets/index-1.js', list: '/assets/files-1.js' }));
  let keys = await seededKeys(`sim ${name}`);
  let publisherKey = seededKey(`sim ${name}`, 'publisher');
  for (const role of ['root', 'publisher', 'hub'] as const) put(keyPath(dataDir, role), seededKey(`sim ${name}`, role));
  const origin = await firstRoot(keys);
  let root: SignedRoot = origin;
  put(join(dataDir, 'keys/root-1.json'), fromUtf8(canonicalBytes(origin)));
  const made: Edition[] = [];
  for (const { languages, words, rotate } of editions) {
    if (rotate) {
      // Root and publisher change hands; answers still go to the same hub.
      const next = await seededKeys(`sim ${name} next`);
      const heirs: Keys = { ...next, hub: keys.hub, seal: keys.seal };
      root = await nextRoot(root, keys, heirs);
      keys = heirs;
      publisherKey = seededKey(`sim ${name} next`, 'publisher');
      put(keyPath(dataDir, 'publisher'), publisherKey);
      put(keyPath(dataDir, 'root'), seededKey(`sim ${name} next`, 'root'));
      put(join(dataDir, `keys/root-${root.signed.n}.json`), fromUtf8(canonicalBytes(root)));
    }
    writeContent(contentDir, languages, words);
    const { seq } = await publish({ dataDir, contentDir, appDir });
    const tree = join(folder, name, 'editions', String(seq));
    cpSync(join(dataDir, 'tree/current/'), tree, { recursive: true, dereference: true });
    const hubs = delegatedAt(made.length);
    const { table, shelfTable = {}, shelves } = new History(dataDir).publication(seq);
    const live = Object.entries(shelves).map(([shelf, rows]) => {
      const bodies = rows.flatMap(({ id, sha256 }) => (sha256 === undefined ? [] : [[id, sha256] as const]));
      return [shelf, new Map(bodies)] as const;
    });
    made.push({
      seq,
      folder: join(dataDir, 'tree', String(seq)),
      keys,
      publisherKey,
      ...(hubs && { hubs: canonicalBytes(signWith(keys.publisher, 'hubs', hubs)) }),
      root: root.signed,
      tableHash: table,
      table: shelfTable,
      live: new Map(live),
    });
  }
  // The publisher keeps two trees; here all are, under the numbers that it gave them.
  rmSync(join(dataDir, 'tree'), { recursive: true });
  renameSync(join(folder, name, 'editions'), join(dataDir, 'tree'));
  return { name, dataDir, appDir, identity: rootIdentity(origin.signed), editions: made };
};

/** A folder in memory, where there is one: a disk would be waited for at each file. */
const MEMORY = '/dev/shm';

/** A new folder for stages. */
export const makeFolder = (): string => mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'relais-sim-'));

/** Makes both boxes below a folder of their own. The clock of the publications stands still, so that their bytes are the same each time. */
export const buildStage = async (folder = makeFolder()): Promise<Stage> => {
  const { now } = Date;
  Date.now = () => NOW;
  try {
    const ours = await buildBox(folder, 'ours', EDITIONS);
    const stranger = await buildBox(folder, 'stranger', EDITIONS.slice(0, 3));
    return { ours, stranger, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
  } finally {
    Date.now = now;
  }
};

/** Whether the publications come with their lists of hubs in between. Nothing else of them is another then. */
export const delegate = ({ editions }: Box, isOn: boolean): void => {
  for (const { folder, hubs } of editions)
    if (hubs && isOn) writeFileSync(join(folder, HUBS_PATH), hubs);
    else rmSync(join(folder, HUBS_PATH), { force: true });
};

/** Makes an edition the one that the hub serves, as the publisher does at its end. */
export const switchTo = (box: Box, { seq, publisherKey }: Edition): void => {
  writeFileSync(keyPath(box.dataDir, 'publisher'), publisherKey);
  const link = join(box.dataDir, 'tree/current');
  symlinkSync(String(seq), `${link}.new`);
  renameSync(`${link}.new`, link);
};
