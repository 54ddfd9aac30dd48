import { packedShelves } from '../../src/core/carry/paths.ts';
import { noteReads, withPart } from '../../src/core/carry/reads.ts';
import type { Archive } from '../../src/core/carry/transport.ts';
import { RelaisError } from '../../src/core/errors.ts';
import type { Platform } from '../../src/core/platform.ts';
import type { Upstream } from '../config.ts';
import type { AnswerDesk } from '../hub/desk.ts';
import type { Log } from '../log.ts';
import { writeMirrorTree } from '../mirror/mirror-tree.ts';
import type { MirrorStores } from '../mirror/open-mirror.ts';
import { locked } from '../publish/lock.ts';
import { syncLock } from '../publish/tree.ts';
import { type AnswersTaken, takeAnswers, takeLibrary, takeReceiptsIn } from './in.ts';
import { servedTexts } from './out.ts';

/** What a hub takes in from an archive: for its command and for its pages. */

export interface CentreTaken extends AnswersTaken {
  /** The archive has a library, which is left alone: a centre publishes its own. */
  readonly hasLibrary: boolean;
}

/** What a centre takes: answers that are for it. `desk`: the centre's. */
export const takeAtCentre = async (platform: Platform, desk: AnswerDesk, archive: Archive): Promise<CentreTaken> => {
  const taken = await takeAnswers(platform, archive, desk);
  await desk.afterwards();
  return { ...taken, hasLibrary: packedShelves(archive.keys()).length > 0 };
};

export interface MirrorTaken {
  /** Undefined: the archive has none, or it was refused. */
  readonly library: LibraryTaken | undefined;
  /** Undefined: no library has come here yet that would say whom they are for. */
  readonly answers: AnswersTaken | undefined;
  /** Receipts of answers that waited here. */
  readonly receipts: number;
  /** The first thing that could not be taken, which keeps nothing else back. */
  readonly failure: unknown;
}

interface LibraryTaken {
  /** Items that are new or changed: that came, or that are served from here on. */
  readonly changed: number;
  /** Pictures and recordings that came. */
  readonly media: number;
  /** Wanted languages that are not whole here yet. */
  readonly missing: readonly string[];
  /** What is served from here on; undefined: no language is whole yet. */
  readonly seq: number | undefined;
}

export interface MirrorTakePorts {
  readonly platform: Platform;
  readonly stores: MirrorStores;
  readonly desk: AnswerDesk;
  readonly upstream: Upstream | undefined;
  readonly dataDir: string;
  readonly appDir: string;
  readonly log: Log;
  /** Milliseconds to wait for a hub that has news under way. */
  readonly longestWait: number;
}

/** What a hub in between takes: library, answers to pass on, receipts. A file of another library does not keep answers and receipts back. */
export const takeAtMirror = async (ports: MirrorTakePorts, whole: Archive): Promise<MirrorTaken> => {
  const { platform, stores, desk } = ports;
  const reads = noteReads(whole);
  const { archive } = reads;
  let failure: unknown;
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    reads.last = undefined;
    try {
      return await work();
    } catch (error) {
      failure ??= withPart(error, reads.last);
      return undefined;
    }
  };
  const library = await attempt(() => libraryInto(ports, archive));
  const answers = stores.store.state() ? await attempt(() => takeAnswers(platform, archive, desk)) : undefined;
  const receipts = (await attempt(() => takeReceiptsIn(platform, stores, archive))) ?? 0;
  await desk.afterwards();
  return { library, answers, receipts, failure };
};

/** Throws `busy` where news is under way for too long. */
const libraryInto = async (ports: MirrorTakePorts, archive: Archive): Promise<LibraryTaken | undefined> => {
  if (packedShelves(archive.keys()).length === 0) return undefined;
  const { platform, stores, upstream, dataDir, appDir, log, longestWait } = ports;
  const { store } = stores;
  const wish = { shelves: upstream?.shelves, media: upstream?.media ?? 'all' } as const;
  const ran = await locked(syncLock(dataDir), longestWait, async () => {
    // A try before this one may have stored texts, and had no room for their pages: nobody has been told of them.
    const before = servedTexts(dataDir);
    const { changed, media, whole, missing } = await takeLibrary({ platform, stores, wish, log }, archive);
    // What no stick has brought yet must not keep the others back.
    const tree = { platform, dataDir, appDir, store, wanted: whole, keep: missing, hubs: store.hubs()?.list };
    const seq = whole.length > 0 ? await writeMirrorTree(tree) : undefined;
    const fresh = new Set(Object.entries(changed).flatMap(([shelf, ids]) => ids.map((id) => `${shelf}/${id}`)));
    for (const [text, hash] of servedTexts(dataDir)) if (before.get(text) !== hash) fresh.add(text);
    return { changed: fresh.size, media, missing, seq };
  });
  if (!ran) throw new RelaisError('busy', { what: 'news under way' });
  return ran.result;
};
