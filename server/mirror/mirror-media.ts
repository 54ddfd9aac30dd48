import { codeOf, RelaisError } from '../../src/core/errors.ts';
import type { Platform } from '../../src/core/platform.ts';
import { fromUtf8 } from '../../src/core/protocol/bytes.ts';
import { type BlobRef, type ItemBody, isReadable } from '../../src/core/protocol/item.ts';
import { blobsOf, isBlobRef } from '../../src/core/protocol/media.ts';
import { fetchBlob } from '../../src/core/sync/blobs.ts';
import type { BlobTransport } from '../../src/core/sync/ports.ts';
import type { Upstream } from '../config.ts';
import type { Log } from '../log.ts';
import type { BlobParts } from './blob-parts.ts';
import type { BlobShelf } from './blob-shelf.ts';
import type { MirrorStore } from './mirror-store.ts';

/** Pictures and recordings of a mirrored library: which there are, and how they come. */
export interface MediaPorts {
  readonly platform: Platform;
  /** Which of them are wanted. */
  readonly upstream: Pick<Upstream, 'media'>;
  readonly store: MirrorStore;
  readonly parts: BlobParts;
  readonly blobs: BlobShelf;
  readonly transport: BlobTransport;
  /** Whether the link may be used for them now. */
  readonly mayFetch: () => Promise<boolean>;
  /** After each: writes what it cost into the book. */
  readonly settle: () => Promise<void>;
  readonly log: Log;
}

export class MirrorMedia {
  readonly #ports: MediaPorts;
  #named: { readonly key: string; readonly media: readonly BlobRef[] } | undefined;
  /** The blob that was cut last, without anything new of it. */
  #cutAt = '';

  constructor(ports: MediaPorts) {
    this.#ports = ports;
  }

  /** All that the texts of shelves name, pictures first. `key`: the same as long as the texts are. */
  async list(key: string, shelves: readonly string[]): Promise<readonly BlobRef[]> {
    if (this.#named?.key !== key) this.#named = { key, media: await this.#read(shelves) };
    return this.#named.media;
  }

  async #read(shelves: readonly string[]): Promise<readonly BlobRef[]> {
    const { store, upstream } = this.#ports;
    if (upstream.media === 'none') return [];
    const pictures = new Map<string, BlobRef>();
    const recordings = new Map<string, BlobRef>();
    for (const name of shelves)
      for (const body of (await store.bodies(name)).values()) {
        const item = JSON.parse(fromUtf8(body)) as ItemBody;
        const voice = isReadable(item) ? item.recording?.file.hash : undefined;
        for (const blob of blobsOf(item).filter(isBlobRef))
          (blob.hash === voice ? recordings : pictures).set(blob.hash, blob);
      }
    return [...pictures.values(), ...(upstream.media === 'all' ? recordings.values() : [])];
  }

  /**
   * Fetches what is missing of `all`, and takes away all else. Ends early, as if all were well, at `urgent`: something else comes first. Returns how
   * many came.
   */
  async fetch(all: readonly BlobRef[], outer: AbortSignal, urgent: AbortSignal): Promise<number> {
    const { parts, blobs, mayFetch, settle, log } = this.#ports;
    const wanted = new Set(all.map(({ hash }) => hash));
    blobs.keepOnly(wanted);
    blobs.makeRoom(all);
    for (const hash of await parts.hashes()) if (!wanted.has(hash)) await parts.drop(hash);
    const signal = AbortSignal.any([outer, urgent]);
    let came = 0;
    for (const blob of all) {
      // Others are served meanwhile: each file is read through once after a start.
      await new Promise(setImmediate);
      if (urgent.aborted) break;
      if (blobs.has(blob)) continue;
      if (!(await mayFetch()) || !blobs.hasRoom()) break;
      try {
        await this.#one(blob, signal);
        came++;
      } catch (error) {
        if (urgent.aborted) break;
        const code = codeOf(error, 'storage');
        // The hub above may not have it yet either, or have it damaged: the others are fetched all the same.
        if (code !== 'not-found' && code !== 'tampered') throw error;
        log('warn', 'mirror.blob', { code, hash: blob.hash });
      } finally {
        await settle();
      }
    }
    return came;
  }

  /** Fetches one. Throws `tampered` where the hub above has only a part of it, too. */
  async #one(blob: BlobRef, signal: AbortSignal): Promise<void> {
    const { platform, parts, blobs, transport } = this.#ports;
    const before = (await parts.stored(blob.hash)).length;
    try {
      await fetchBlob({ platform, store: parts, transport }, blob, signal);
    } catch (error) {
      const isCut = error instanceof RelaisError && error.details.what === 'cut';
      const isStuck = isCut && (await parts.stored(blob.hash)).length === before;
      // Cut twice at the same leaf, it is the file that ends there, and not the link.
      if (isStuck && this.#cutAt === blob.hash) throw new RelaisError('tampered', { what: 'short', hash: blob.hash });
      this.#cutAt = isStuck ? blob.hash : '';
      throw error;
    }
    if (!(await blobs.finish({ platform, store: parts }, blob)))
      throw new RelaisError('tampered', { what: 'leaf', hash: blob.hash });
  }
}
