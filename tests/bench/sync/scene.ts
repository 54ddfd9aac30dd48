import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Hub, startHub } from '../../support/hub.ts';
import { type Doc, editDocs, LANGUAGES, writeDocs, writeSource } from './library.ts';

/** The library before and after its changes, and a hub that publishes them. */

const idsOf = (langs: readonly string[], topics: readonly number[]): ReadonlySet<string> =>
  new Set(langs.flatMap((lang) => topics.map((topic) => `${lang}/topic-${topic}`)));

export interface Versions {
  readonly first: readonly Doc[];
  /** Ten documents of one language have another sentence. */
  readonly oneShelf: readonly Doc[];
  /** Then ten of another language have. */
  readonly otherShelf: readonly Doc[];
  /** Then two of each language have. */
  readonly allShelves: readonly Doc[];
}

/** Topics that change in one language, and then in every one: spread over the library. */
const TEN = [3, 14, 25, 36, 47, 58, 69, 70, 81, 92];
export const ONE_SHELF = idsOf(['fr'], TEN);
export const OTHER_SHELF = idsOf(['en'], TEN);
export const ALL_SHELVES = idsOf(LANGUAGES, [7, 77]);

export const writeVersions = (): Versions => {
  const first = writeDocs();
  const oneShelf = editDocs(first, ONE_SHELF, 1);
  const otherShelf = editDocs(oneShelf, OTHER_SHELF, 2);
  return { first, oneShelf, otherShelf, allShelves: editDocs(otherShelf, ALL_SHELVES, 3) };
};

export interface Scene {
  readonly hub: Hub;
  /** Writes these documents into the source folder, and publishes. */
  publish(docs: readonly Doc[]): Promise<void>;
}

/** Runs `work` with a hub that has published `docs`. */
export const withScene = async <T>(docs: readonly Doc[], work: (scene: Scene) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'relais-sync-'));
  const contentDir = join(folder, 'content');
  writeSource(contentDir, docs);
  const env = { DATA_DIR: join(folder, 'data'), CONTENT_DIR: contentDir };
  const hub = await startHub({ stranger: true, dataDir: env.DATA_DIR, env });
  try {
    return await work({
      hub,
      async publish(docs) {
        writeSource(contentDir, docs);
        const { code, output } = await hub.publish();
        if (code !== 0) throw new Error(`publish ended with ${code}: ${output}`);
      },
    });
  } finally {
    await hub.remove();
    rmSync(folder, { recursive: true, force: true });
  }
};
