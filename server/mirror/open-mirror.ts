import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { webPlatform } from '../../src/core/web-platform.ts';
import { openDataFolder } from '../box/data-folder.ts';
import { operatorCode, relayKey } from '../box/keys.ts';
import { ReceivedFiles, type ReceiveLimits } from '../carry/receive.ts';
import type { Config, Upstream } from '../config.ts';
import { createHub } from '../hub/app.ts';
import { openDatabase } from '../hub/database.ts';
import { PublishedLibrary } from '../hub/library.ts';
import type { Log } from '../log.ts';
import { locked } from '../publish/lock.ts';
import { mirrorCode, mirrorFile } from '../publish/tree.ts';
import { BlobParts } from './blob-parts.ts';
import { BlobShelf } from './blob-shelf.ts';
import { HeldAnswers } from './held-answers.ts';
import { Mirror } from './mirror.ts';
import { openMirrorDatabase } from './mirror-database.ts';
import { MirrorHeads } from './mirror-heads.ts';
import { type Limits, MirrorStore } from './mirror-store.ts';
import { writeMirrorTree } from './mirror-tree.ts';
import { RelayDesk } from './relay-desk.ts';
import { statePages } from './state-page.tsx';

/** A hub that mirrors the library of another: its routes, and what keeps it in step. */
export interface OpenMirror {
  readonly app: Hono;
  readonly mirror: Mirror;
  /** The operator's code. */
  readonly code: string;
  close(): void;
}

/** What a hub in between keeps on its disk. */
export interface MirrorStores {
  readonly store: MirrorStore;
  readonly held: HeldAnswers;
  readonly parts: BlobParts;
  readonly blobs: BlobShelf;
  close(): void;
}

/** Opens them, or makes them. Throws a sentence where that folder has a library of its own. */
export const openMirrorStores = (dataDir: string, limits?: Limits): MirrorStores => {
  if (!existsSync(mirrorFile(dataDir)) && existsSync(join(dataDir, 'keys')))
    throw new Error(
      `The data folder ${dataDir} has a library of its own: choose another with DATA_DIR, or start without UPSTREAM.`,
    );
  openDataFolder(dataDir);
  const database = openMirrorDatabase(mirrorFile(dataDir));
  const held = new HeldAnswers(openDatabase(dataDir));
  return {
    store: new MirrorStore(database, limits),
    held,
    parts: new BlobParts(database),
    blobs: new BlobShelf(join(dataDir, 'mirror')),
    close: () => {
      held.close();
      database.close();
    },
  };
};

/** Opens it in `config.dataDir`. `receive`: how much a file may be that is opened here. Throws as `openMirrorStores` does. */
export const openMirror = (
  config: Config,
  upstream: Upstream,
  appDir: string,
  log: Log,
  receive?: ReceiveLimits,
): OpenMirror => {
  const { dataDir } = config;
  const stores = openMirrorStores(dataDir, upstream);
  const { store, held, blobs } = stores;
  const code = operatorCode(mirrorCode(dataDir));
  const mirror = new Mirror({
    ...stores,
    platform: webPlatform,
    upstream,
    dataDir,
    appDir,
    carrier: globalThis,
    lock: locked,
    writeTree: writeMirrorTree,
    log,
  });
  const desk = new RelayDesk({
    held,
    platform: webPlatform,
    store,
    key: () => relayKey(dataDir),
    nudge: () => mirror.nudge(),
  });
  const app = createHub({
    config,
    appDir,
    desk,
    heads: new MirrorHeads(dataDir, store),
    library: new PublishedLibrary(dataDir),
    blobs: blobs.folder,
    log,
    own: statePages({
      upstream,
      config,
      appDir,
      stores,
      desk,
      mirror,
      code,
      received: new ReceivedFiles(dataDir, receive),
      log,
    }),
  });
  const close = (): void => {
    mirror.stop();
    stores.close();
  };
  return { app, mirror, code, close };
};
