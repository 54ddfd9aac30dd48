import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RelaisError } from '../../src/core/errors.ts';

/** Files that come through a page: on their way in they are one at a time, in a folder of their own, and gone afterwards. */

/** A body as it comes: a part of it, or undefined at its end. Throws `no-link` where it is cut, or comes no more. */
export type NextPart = () => Promise<Uint8Array | undefined>;

/** A file of this size takes a minute and a half over a good Wi-Fi. */
export const MOST_FILE = 512_000_000;
/** Bytes that are left free on the disk: texts and answers need room. */
const RESERVE = 64 << 20;
/** Milliseconds that no byte of a body may come. */
const STALL_MS = 60_000;
/**
 * Bytes a second that a body has to bring, over two such spans of waiting for it. The slowest link that honest files take is 50 kbit/s, 6,000 bytes a
 * second: a phone on EDGE that is tethered to a computer, or one of twenty on a Wi-Fi at 1 Mbit/s. It may be silent for 60 s of each two minutes.
 */
const LEAST_RATE = 2_000;

/** What `details.what` says of a body that came too slowly, or no more. */
export const SLOW = 'slow';

/** Reads on to the end of a body that is not wanted, or as far as `most` bytes. Never throws. */
export const passOver = async (next: NextPart, most = 2 * MOST_FILE): Promise<void> => {
  try {
    for (let bytes = 0; bytes <= most; ) {
      const part = await next();
      if (!part) return;
      bytes += part.length;
    }
  } catch {
    // Whoever sent it is gone.
  }
};

export interface ReceiveLimits {
  /** Bytes of a file at most. */
  readonly most?: number;
  /** Bytes that are left free. */
  readonly reserve?: number;
  /** Milliseconds that no byte may come. */
  readonly stall?: number;
  /** Bytes a second that have to come, over twice as many milliseconds. */
  readonly leastRate?: number;
}

/** Where a file stands until it was read. What a crash left there is taken away at the next start. */
export class ReceivedFiles {
  readonly most: number;
  readonly #folder: string;
  readonly #reserve: number;
  readonly #stall: number;
  readonly #leastRate: number;
  #isBusy = false;

  constructor(dataDir: string, limits: ReceiveLimits = {}) {
    const { most = MOST_FILE, reserve = RESERVE, stall = STALL_MS, leastRate = LEAST_RATE } = limits;
    this.#folder = join(dataDir, 'received');
    this.most = most;
    this.#reserve = reserve;
    this.#stall = stall;
    this.#leastRate = leastRate;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /**
   * A request's body. Left where it is at any time, it can be read on: a browser shows a refusal only once all was sent. Throws `no-link` where it
   * comes too slowly, too, whatever it is read for: whoever sends a byte now and then holds a connection, and keeps others' files out.
   */
  partsOf(body: ReadableStream<Uint8Array> | null): NextPart {
    const reader = body?.getReader();
    const span = 2 * this.#stall;
    const least = (span * this.#leastRate) / 1000;
    // Only what is waited for counts: a slow disk, or a file that is being read, is no fault of the sender's.
    let waited = 0;
    let came = 0;
    return async () => {
      if (!reader) return undefined;
      const began = performance.now();
      const longest = came < least ? Math.min(this.#stall, span - waited) : this.#stall;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new RelaisError('no-link', { what: SLOW, bytes: came })), longest);
      });
      try {
        const { value } = await Promise.race([reader.read(), late]);
        waited += performance.now() - began;
        came += value?.length ?? 0;
        if (waited >= span) {
          waited = 0;
          came = 0;
        }
        return value;
      } catch (error) {
        throw error instanceof RelaisError ? error : new RelaisError('no-link', { what: 'cut' });
      } finally {
        clearTimeout(timer);
      }
    };
  }

  /**
   * Writes a body to a file, and does something with it. `announced`: its bytes, where whoever sends it says so. Throws `busy` while there is
   * another one, `too-large`, `full`, and `no-link` where the body is cut; nothing of it is left then either.
   */
  async take<T>(next: NextPart, announced: number | undefined, work: (path: string) => Promise<T>): Promise<T> {
    if (this.#isBusy) throw new RelaisError('busy', { what: 'another file' });
    this.#isBusy = true;
    const path = join(this.#folder, randomUUID());
    try {
      await this.#write(path, next, announced ?? 0);
      return await work(path);
    } finally {
      this.#isBusy = false;
      await rm(path, { force: true });
    }
  }

  #tooLarge(size: number): RelaisError {
    return new RelaisError('too-large', { what: 'file', size, most: this.most });
  }

  async #write(path: string, next: NextPart, announced: number): Promise<void> {
    if (announced > this.most) throw this.#tooLarge(announced);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      this.#checkRoom(announced);
      const handle = await open(path, 'wx', 0o600);
      try {
        let bytes = 0;
        for (let part = await next(); part; part = await next()) {
          bytes += part.length;
          if (bytes > this.most) throw this.#tooLarge(bytes);
          // What was not announced is looked at as it comes.
          if (bytes > announced) this.#checkRoom(part.length);
          await handle.appendFile(part);
        }
      } finally {
        await handle.close();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new RelaisError('full', { what: 'received' });
      throw error;
    }
  }

  #checkRoom(bytes: number): void {
    const { bavail, bsize } = statfsSync(this.#folder);
    if (bavail * bsize < bytes + this.#reserve) throw new RelaisError('full', { what: 'received', bytes });
  }
}
