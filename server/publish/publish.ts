import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SignedAlerts } from '../../src/core/protocol/alerts.ts';
import { toBase64Url } from '../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import { isOver } from '../../src/core/protocol/card.ts';
import type { Head } from '../../src/core/protocol/head.ts';
import type { Root, SignedRoot } from '../../src/core/protocol/root.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { carryOut } from '../box/change.ts';
import { openDataFolder } from '../box/data-folder.ts';
import { readHubs } from '../box/hub-list.ts';
import { type Keys, openKeys, openRoots, signWith } from '../box/keys.ts';
import type { ContentWarning } from '../content/problems.ts';
import { readContent } from '../content/read-content.ts';
import { sheetsToXml } from '../iati/sheet-to-iati.ts';
import { alertsOf } from './alerts.ts';
import { buildId } from './build-id.ts';
import { CacheFolder } from './cache.ts';
import { shelve, tableOf } from './catalogue.ts';
import { History, type Publication } from './history.ts';
import { withLock } from './lock.ts';
import { type PackInput, packSize } from './packs.ts';
import { readAppFiles, symbols } from './site.ts';
import { currentTree, mirrorFile } from './tree.ts';
import { readSite, styleHash, writeTree } from './write-tree.ts';

/** From the library's source to the signed tree, in one step that is seen whole or not at all. */
export interface PublishInput {
  readonly dataDir: string;
  readonly contentDir: string;
  readonly appDir: string;
  /** `seq` starts above this: after a restore from an old copy. */
  readonly after?: number;
  /** Pages for a host of files without a hub: a tree of its own, with the same numbers. */
  readonly isStatic?: boolean;
}

export interface PublishResult {
  readonly seq: number;
  readonly items: number;
  /** False where nothing had changed, and the tree stays as it is. */
  readonly written: boolean;
  /** What is published all the same, and somebody should look at. */
  readonly warnings: readonly ContentWarning[];
}

/** Where the tree for a host without a hub is made, in the data folder: never the one that a running hub serves. */
export const staticHome = (dataDir: string): string => join(dataDir, 'static');

/** Publishes. Throws `ContentError` where the source is not right; the tree that was published before stays. */
export const publish = (input: PublishInput): Promise<PublishResult> => {
  openDataFolder(input.dataDir);
  return withLock(input.dataDir, () => publishLocked(input));
};

const publishLocked = async (input: PublishInput): Promise<PublishResult> => {
  const { dataDir, contentDir, appDir, isStatic = false } = input;
  const home = isStatic ? staticHome(dataDir) : dataDir;
  refuseMirror(dataDir);
  // Under the lock: a change of keys that is under way would be seen by half.
  carryOut(dataDir);
  const keys = await openKeys(dataDir);
  const icons = new Set(symbols.keys());
  const remembered = new CacheFolder(dataDir, 'content');
  const { library, items, blobs, sheets, collections, warnings } = readContent(contentDir, {
    icons,
    ...(buildId && { memory: { build: buildId, pieces: remembered } }),
  });
  const app = readAppFiles(appDir);
  const history = new History(dataDir);
  const before = history.latest();
  const roots = await openRoots(dataDir, keys);
  const root = roots.length;
  checkRoot((roots.at(-1) as SignedRoot).signed, keys, before);
  const hubs = readHubs(dataDir);
  const sections = new CacheFolder(dataDir, 'sections');
  const cache = buildId === undefined ? undefined : { folder: sections, build: buildId };
  const shelves = await shelve(items, library.languages, before, history, collections, (shelf, count) =>
    packSize(shelf, count, cache),
  );
  const shelfTable = await tableOf(shelves);
  const table = canonicalBytes(shelfTable);
  const tableHash = toBase64Url(await webPlatform.sha256(table));

  // Whoever speaks for the library is news too: devices look at the list again with the next number.
  const same = before !== undefined && before.table === tableHash && before.root === root && before.hubs === hubs?.n;
  const seq = same && before.seq > (input.after ?? 0) ? before.seq : Math.max(before?.seq ?? 0, input.after ?? 0) + 1;
  const today = new Date(webPlatform.now()).toISOString().slice(0, 10);
  const over = items.filter((item) => item.kind === 'bulletin' && isOver(item, today)).map(({ id }) => id);
  const inputs = createHash('sha256')
    .update(
      JSON.stringify([
        buildId,
        seq,
        library,
        app,
        styleHash,
        PROTOCOL_VERSION,
        over,
        sheetsToXml(sheets).xml ?? '',
        hubs ?? '',
      ]),
    )
    .digest('hex');
  if (existsSync(currentTree(home)) && readSite(home).inputs === inputs)
    return { seq, items: items.length, written: false, warnings };

  const publication: Publication = {
    seq,
    root,
    table: tableHash,
    shelfTable,
    ...(hubs && { hubs: hubs.n }),
    shelves: Object.fromEntries([...shelves].map(([name, { rows }]) => [name, rows])),
  };
  // Before the link moves: a delta for a device that saw this tree needs it, even after a crash in between.
  history.record(publication);
  const head: Head = {
    v: PROTOCOL_VERSION,
    seq,
    issued: Math.floor(webPlatform.now() / 1000),
    root,
    minApp: 1,
    table: tableHash,
  };
  const alerts = new Map<string, SignedAlerts>();
  for (const [name, shelf] of shelves) {
    const urgent = alertsOf(keys.publisher, seq, name, shelf, head.issued);
    if (urgent) alerts.set(name, urgent);
  }
  const packs: PackInput = {
    head: signWith(keys.publisher, 'head', head),
    roots,
    table,
    history,
    alerts,
    ...(cache && { cache }),
  };
  const generated = new Date(head.issued * 1000).toISOString().replace(/\.\d+/, '');
  const { xml } = sheetsToXml(sheets, { generated });
  await writeTree({
    home,
    app,
    packs,
    shelves,
    blobs,
    languages: library.languages,
    centre: library.name,
    // Signed here, so that a new publisher key takes the list over by itself.
    hubs: hubs && canonicalBytes(signWith(keys.publisher, 'hubs', hubs)),
    sheets: xml,
    today,
    inputs,
    isStatic,
  });
  sections.prune();
  remembered.prune();
  return { seq, items: items.length, written: true, warnings };
};

/** Throws a sentence where a data folder mirrors another library: published into, it would become one of its own. */
export const refuseMirror = (dataDir: string): void => {
  if (existsSync(mirrorFile(dataDir)))
    throw new Error(
      `The data folder ${dataDir} mirrors another library: start it with UPSTREAM, or choose another with DATA_DIR.`,
    );
};

/** Throws a sentence where phones would refuse what this box signs. */
const checkRoot = (root: Root, keys: Keys, before: Publication | undefined): void => {
  if (before && before.root > root.n)
    throw new Error(
      `This box has published under root ${before.root}, and the newest that it has now is root ${root.n}. Take keys/root-${root.n + 1}.json and its followers from a newer backup.`,
    );
  for (const name of ['publisher', 'hub'] as const)
    if (!Object.hasOwn(root[name].keys, keys[name].id) || (name === 'publisher' && root.publisher.threshold !== 1))
      throw new Error(
        `Root ${root.n} does not name the ${name} key of this box alone: phones would refuse what it signs. "npm run keys -- show" tells more.`,
      );
};
