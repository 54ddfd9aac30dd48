import type { Unwatch } from '../core/api/worker-api.ts';
import type { Platform } from '../core/platform.ts';
import type { BlobRef, Figure } from '../core/protocol/item.ts';
import { isReadable } from '../core/protocol/item.ts';
import { figuresIn, fileFor, isBlobRef, LEAF, leafCount, type ScreenFit } from '../core/protocol/media.ts';
import type { Ahead, AheadView, Share } from '../core/protocol/network.ts';
import type { LibraryDb } from '../store/library-db.ts';
import type { MediaDb, Stored } from '../store/media-db.ts';
import type { Locks } from './exclusive.ts';
import type { Media } from './media.ts';

export interface AheadPorts {
  readonly platform: Platform;
  readonly library: LibraryDb;
  readonly store: MediaDb;
  readonly media: Pick<Media, 'bring' | 'pause'>;
  /** Whether the link may be used for what nobody tapped for. */
  readonly mayFetch: () => Promise<boolean>;
  /** Bytes that the browser still gives. */
  readonly room: () => Promise<number>;
  /** Lets one page of a device do it; absent in browsers without. */
  readonly locks: Locks | undefined;
  readonly watch: <T>(query: () => Promise<T>, listener: (value: T) => void) => Unwatch;
}

/** Bytes that are left free: answers and texts need room. */
const RESERVE = 20_000_000;
/** So many texts are read before others in this worker have their turn. */
const TURN = 25;

/** What the texts on this device name. */
interface Named {
  readonly figures: readonly Figure[];
  readonly recordings: readonly BlobRef[];
}

/**
 * Brings pictures and recordings before anybody looks at them, where the person wants it so: one after the other, while no sync is under way, and
 * only as far as what was set about the link and the room on the device allow. They are kept.
 *
 * Invariant: what the person took away does not come back by it.
 */
export class MediaAhead {
  readonly #ports: AheadPorts;
  /** Each shelf is read once for each change of it. */
  readonly #shelves = new Map<string, Named & { readonly hash: string }>();
  #reading: Promise<Named> | undefined;
  readonly #listeners = new Set<() => void>();
  /** What is on its way. */
  #current: BlobRef | undefined;
  #isRunning = false;
  /** A sync is under way, or nothing more is wanted. */
  #isHeld = false;
  #isFull = false;

  constructor(ports: AheadPorts) {
    this.#ports = ports;
  }

  watch(fit: ScreenFit, listener: (view: AheadView) => void): Unwatch {
    const { library, store, watch } = this.#ports;
    let stored: ReadonlyMap<string, Stored> | undefined;
    let named: Named = { figures: [], recordings: [] };
    const tell = (): void => {
      if (!stored) return;
      const { figures, recordings } = named;
      const sum = [...stored.values()].reduce((all, { leaves }) => all + leaves, 0) * LEAF;
      listener({
        pictures: shareOf(picturesOf(figures, fit), stored),
        recordings: shareOf(recordings, stored),
        stored: sum,
        busy: this.#current !== undefined,
        full: this.#isFull,
      });
    };
    this.#listeners.add(tell);
    const end = watch(
      () => Promise.all([store.survey(), library.all('shelves')]),
      ([survey]) => {
        void this.#read()
          .then((now) => {
            named = now;
            stored = survey;
            tell();
          })
          .catch(() => {});
      },
    );
    return () => {
      end();
      this.#listeners.delete(tell);
    };
  }

  /** A sync begins, or something was set about the link: what is under way ends, and is gone on with later. */
  hold(): void {
    this.#isHeld = true;
    if (this.#current) this.#ports.media.pause(this.#current);
  }

  /** Goes on with what is missing. */
  begin(): void {
    this.#isHeld = false;
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { locks } = this.#ports;
    const work = (): Promise<void> => this.#run().catch(() => {});
    // In another page it is under way already.
    const done = locks
      ? locks.request('relais-ahead', { ifAvailable: true }, async (lock) => (lock ? work() : undefined))
      : work();
    void Promise.resolve(done).finally(() => {
      this.#isRunning = false;
    });
  }

  async #run(): Promise<void> {
    const { library, watch } = this.#ports;
    // Set in another page: nobody there knows of this one.
    const end = watch(
      () => library.policy(),
      ({ ahead, paused, saving }) => {
        if (!ahead || paused || saving) this.hold();
      },
    );
    await this.#bring().finally(end);
  }

  async #bring(): Promise<void> {
    const { library, store, media, mayFetch, room } = this.#ports;
    const { ahead } = await library.policy();
    if (!ahead) return;
    const stored = await store.survey();
    for (const blob of (await this.#wanted(ahead)).filter((one) => isMissing(one, stored.get(one.hash)))) {
      if (this.#isHeld || !(await mayFetch())) return;
      // Somebody may have looked at it, or taken it away, meanwhile.
      if (!isMissing(blob, await store.look(blob.hash))) continue;
      this.#isFull = (await room()) - blob.bytes < RESERVE;
      if (this.#isFull || this.#isHeld) return this.#tell();
      this.#current = blob;
      this.#tell();
      const problem = await media.bring(blob);
      this.#current = undefined;
      this.#isFull = problem === 'full';
      this.#tell();
      // What the tree has not, or has damaged, does not keep the others back. With all else the next sync that finds a link goes on.
      if (problem !== undefined && problem !== 'tampered' && problem !== 'not-found') return;
    }
  }

  async #wanted({ pictures, recordings }: Ahead): Promise<readonly BlobRef[]> {
    const named = await this.#read();
    return [...(pictures ? picturesOf(named.figures, pictures) : []), ...(recordings ? named.recordings : [])];
  }

  /** What the texts on this device name. */
  async #read(): Promise<Named> {
    this.#reading ??= this.#readShelves().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readShelves(): Promise<Named> {
    const { library } = this.#ports;
    const shelves = (await library.all('shelves')).filter(({ hash }) => hash !== '');
    for (const name of this.#shelves.keys()) if (!shelves.some((one) => one.name === name)) this.#shelves.delete(name);
    for (const { name, hash } of shelves)
      if (this.#shelves.get(name)?.hash !== hash) this.#shelves.set(name, { hash, ...(await this.#readShelf(name)) });
    const all = [...this.#shelves.values()];
    const recordings = new Map(all.flatMap((one) => one.recordings).map((file) => [file.hash, file]));
    return { figures: all.flatMap((one) => one.figures), recordings: [...recordings.values()] };
  }

  async #readShelf(name: string): Promise<Named> {
    const { library, platform } = this.#ports;
    const figures: Figure[] = [];
    const recordings: BlobRef[] = [];
    let turn = 0;
    for (const rows of (await library.buckets(name)).values())
      for (const { id, blobs } of rows) {
        if (!blobs?.length) continue;
        if (++turn % TURN === 0) await new Promise<void>((resolve) => platform.after(0, resolve));
        const item = await library.item(name, id);
        if (!item || !isReadable(item)) continue;
        figures.push(...figuresIn(item.body));
        const voice = item.recording?.file;
        if (voice && isBlobRef(voice)) recordings.push(voice);
      }
    return { figures, recordings };
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** The file of each picture for a screen, each once. */
const picturesOf = (figures: readonly Figure[], fit: ScreenFit): readonly BlobRef[] => [
  ...new Map(figures.flatMap((figure) => fileFor(figure, fit) ?? []).map((file) => [file.hash, file])).values(),
];

const isWhole = ({ bytes }: BlobRef, stored: Stored | undefined): boolean => (stored?.leaves ?? 0) >= leafCount(bytes);

const isMissing = (blob: BlobRef, stored: Stored | undefined): boolean =>
  !stored?.dropped && !(isWhole(blob, stored) && stored?.kept);

/** What was taken away is not among them. */
const shareOf = (named: readonly BlobRef[], stored: ReadonlyMap<string, Stored>): Share => {
  const blobs = named.filter(({ hash }) => !stored.get(hash)?.dropped);
  const missing = blobs.filter((blob) => !isWhole(blob, stored.get(blob.hash)));
  const bytes = missing.reduce((sum, blob) => sum + blob.bytes - LEAF * (stored.get(blob.hash)?.leaves ?? 0), 0);
  return { have: blobs.length - missing.length, all: blobs.length, missing: bytes };
};
