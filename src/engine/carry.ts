import { makeZip } from 'client-zip';
import type { CarryState } from '../core/api/worker-api.ts';
import { MOST_ARMOURED, openCarried, readme, toArmour } from '../core/carry/armour.ts';
import { CODE_TYPE } from '../core/carry/code-link.ts';
import { answerFiles, type CarriedFile, libraryFiles, receiptsFile } from '../core/carry/files.ts';
import { blobFile, packedShelves } from '../core/carry/paths.ts';
import { noteReads, withDetails, withPart } from '../core/carry/reads.ts';
import { bytesOfCode, MOST_IN_CODES, toCodes } from '../core/carry/short.ts';
import { answersIn, damagedAnswers, MOST_RECEIPTS, takeReceipts } from '../core/carry/take.ts';
import { type Archive, archiveTransport } from '../core/carry/transport.ts';
import { codeOf, type ErrorCode, isOurs, RelaisError } from '../core/errors.ts';
import { fromUtf8 } from '../core/protocol/bytes.ts';
import type { CarriedIn, CarriedShelf, CarryView, CarryWish, NamedBlob } from '../core/protocol/carried.ts';
import { fromBuckets } from '../core/protocol/catalogue.ts';
import type { ShelfTable } from '../core/protocol/head.ts';
import { type BlobRef, CENTRE_ID, type CentreItem, type ItemBody } from '../core/protocol/item.ts';
import { blobsOf, isBlobRef, leafCount } from '../core/protocol/media.ts';
import { collectionOf } from '../core/protocol/shelf.ts';
import { fetchBlob } from '../core/sync/blobs.ts';
import type { BlobReader, Courier, OutboxStore, Transport } from '../core/sync/ports.ts';
import { addresseesOf } from '../core/sync/trust.ts';
import type { MediaDb } from '../store/media-db.ts';
import { type CodePorts, noticeCode, takeCarriedCode } from './carried-codes.ts';
import { storageCode } from './storage-errors.ts';

export interface CarryPorts extends CodePorts {
  readonly answers: OutboxStore & Courier;
  readonly media: BlobReader & Pick<MediaDb, 'home' | 'look' | 'size'>;
  /** `Engine.take`. */
  readonly take: (transport: Transport, shelves: readonly string[]) => Promise<number>;
  /** `Engine.refused`. */
  readonly refused: (error: unknown) => Promise<void>;
  /** Bytes that the browser still gives. */
  readonly room: () => Promise<number>;
}

/** Told how many bytes are done, of how many. */
type OnStep = (done: number, total: number) => void;
type OnRefused = CarryPorts['refused'];

/** Letters of a file's name that the log keeps: its end has its kind. */
const MOST_NAME = 80;

/** Between two words on how far it is. */
const TELL_MS = 250;

/** Answers of others that a device carries at most, in bytes. */
const MOST_CARRIED = 32 << 20;
/** Between two looks at how much room there is. */
const LOOK_EVERY = 25;
/** Bytes that are left free: this device's own answers need room. */
const RESERVE = 20_000_000;
/** Another page may have a sync under way. */
const BUSY_MS = 60_000;
const AGAIN_MS = 500;

/**
 * What goes by hand, from this device to a stick or another phone and back.
 *
 * Invariants: what is taken is verified as over a link; answers of others stay sealed, and are offered as own ones are; one part that cannot be
 * taken does not keep back the others; what is refused has a line in the log; the same file twice changes nothing.
 */
export class Carry {
  readonly #ports: CarryPorts;

  constructor(ports: CarryPorts) {
    this.#ports = ports;
  }

  async look(): Promise<CarryView> {
    const { answers, media } = this.#ports;
    const shelves = await this.#whole();
    const [own, ofOthers] = await answers.countWaiting();
    const receipts = (await answers.receipts(MOST_IN_CODES, true)).length;
    return { shelves, media: await media.size(), waiting: own + ofOthers, ofOthers, receipts };
  }

  /** Shelves that are here as the newest table names them, those that somebody wants first. */
  async #whole(): Promise<CarryView['shelves']> {
    const { library } = this.#ports;
    const state = await library.library();
    // What an older app met has nothing with it that vouches for it.
    const table = state?.signed && state.table ? (JSON.parse(fromUtf8(state.table)) as ShelfTable) : {};
    const wanted = await library.wanted();
    const names = [...wanted, ...Object.keys(table).filter((name) => !wanted.includes(name))];
    const whole: CarriedShelf[] = [];
    for (const lang of names) {
      const entry = table[lang];
      // Nothing has to be said of a collection that has nothing of its own in a language.
      if (!entry || (entry.items === 0 && collectionOf(lang) !== undefined)) continue;
      if ((await library.shelf(lang)).hash === entry.hash) whole.push({ lang, bytes: entry.bytes });
    }
    const centre = whole.some(({ lang }) => collectionOf(lang) !== undefined) ? await this.#centre(whole) : undefined;
    return whole.map((shelf) => {
      const id = collectionOf(shelf.lang);
      const name = centre?.collections?.find((one) => one.id === id)?.name ?? id;
      return name === undefined ? shelf : { ...shelf, name };
    });
  }

  /** What the centre says of itself in the first language that is here. */
  async #centre(whole: CarryView['shelves']): Promise<CentreItem | undefined> {
    const lang = whole.find((shelf) => collectionOf(shelf.lang) === undefined)?.lang;
    if (lang === undefined) return undefined;
    const { library } = this.#ports;
    const row = fromBuckets(await library.buckets(lang)).find(({ id }) => id === CENTRE_ID);
    const body = row?.sha256 === undefined ? undefined : (await library.bodies(lang)).get(row.sha256);
    return body && (JSON.parse(fromUtf8(body)) as CentreItem);
  }

  /** Makes a file with the chosen part of the library, with all answers that wait, and with all receipts. */
  out(wish: CarryWish, listener: (state: CarryState<Blob>) => void): Promise<void> {
    return this.#tell((onStep) => this.#out(wish, onStep), listener);
  }

  /** Takes what is in a file. */
  in(file: NamedBlob, listener: (state: CarryState<CarriedIn>) => void): Promise<void> {
    const isCode = file.type === CODE_TYPE;
    const refused = (error: unknown): Promise<void> =>
      this.#ports.refused(withDetails(error, isCode ? { source: 'code' } : { file: file.name.slice(-MOST_NAME) }));
    const work = async (onStep: OnStep): Promise<CarriedIn> => {
      try {
        if (isCode) return await takeCarriedCode(this.#ports, bytesOfCode(await file.text()));
        return await this.#in(file, refused, onStep);
      } catch (error) {
        await refused(error);
        throw error;
      }
    };
    return this.#tell(work, listener);
  }

  async #tell<T>(work: (onStep: OnStep) => Promise<T>, listener: (state: CarryState<T>) => void): Promise<void> {
    const { platform } = this.#ports;
    let told = Number.NEGATIVE_INFINITY;
    try {
      const result = await work((done, total) => {
        if (Math.abs(platform.now() - told) < TELL_MS) return;
        told = platform.now();
        listener({ phase: 'working', done, total });
      });
      listener({ phase: 'done', result });
    } catch (error) {
      listener({ phase: 'failed', code: codeOfAny(error) });
    }
  }

  async #out(wish: CarryWish, onStep: OnStep): Promise<Blob> {
    if (wish.as === 'codes')
      return new Blob([toCodes(await this.#ports.answers.receipts(MOST_IN_CODES, true)).join('\n')]);
    const view = await this.look();
    const texts = view.shelves.filter(({ lang }) => wish.shelves.includes(lang));
    const total = texts.reduce((sum, { bytes }) => sum + bytes, wish.media ? view.media : 0);
    let done = 0;
    const files = this.files(wish);
    const inputs = async function* () {
      for await (const { path, bytes } of files) {
        done += bytes.length;
        onStep(done, total);
        yield { name: path, input: bytes as Uint8Array<ArrayBuffer> };
      }
    };
    const zip = await new Response(makeZip(inputs())).blob();
    if (wish.as === 'zip') return new Blob([zip], { type: 'application/zip' });
    if (zip.size > MOST_ARMOURED) throw new RelaisError('too-large', { what: 'text', size: zip.size });
    const text = await toArmour(new Uint8Array(await zip.arrayBuffer()), wish.words);
    return new Blob([text], { type: 'text/plain' });
  }

  /** What goes into it, one file after the other. */
  async *files(wish: Omit<CarryWish, 'as'>): AsyncGenerator<CarriedFile> {
    const { platform, library, answers, media } = this.#ports;
    yield readme(wish.words);
    const blobs = wish.media ? media : undefined;
    if (wish.shelves.length > 0) yield* libraryFiles({ platform, library, blobs }, wish.shelves);
    yield* answerFiles(answers.waiting());
    yield receiptsFile(await answers.receipts(MOST_RECEIPTS));
  }

  /** Throws where it is none of ours. */
  async #in(file: Blob, refused: OnRefused, onStep: OnStep): Promise<CarriedIn> {
    const archive = await openCarried({
      size: file.size,
      read: async (from, to) => {
        const bytes = await file
          .slice(from, to)
          .arrayBuffer()
          .catch(() => undefined);
        // The stick was pulled out.
        if (!bytes) throw new RelaisError('truncated', { what: 'file', from });
        return new Uint8Array(bytes);
      },
    });
    if (archive.size === 0) throw new RelaisError('malformed', { what: 'nothing of ours', size: file.size });
    const { watched, again } = watchedArchive(archive, onStep);
    return this.take(watched, refused, again);
  }

  /** Takes all of an archive that can be taken. `refused` hears what was not, of each kind the first; `onStep`: it goes on. */
  async take(whole: Archive, refused = this.#ports.refused, onStep = (): void => {}): Promise<CarriedIn> {
    const reads = noteReads(whole);
    const { archive } = reads;
    const refusals: unknown[] = [];
    const attempt = async (work: (noted: (error: unknown) => void) => Promise<number>): Promise<number> => {
      reads.last = undefined;
      let first: unknown;
      const noted = (error: unknown): void => {
        first ??= withPart(error, reads.last);
      };
      const taken = await work(noted).catch((error: unknown) => {
        noted(error);
        return 0;
      });
      if (first !== undefined) refusals.push(first);
      return taken;
    };
    let elsewhere = 0;
    const changed = await attempt(() => this.#takeLibrary(archive, onStep));
    const arrived = await attempt(() => this.#takeReceipts(archive, onStep));
    const answers = await attempt((noted) => this.#takeAnswers(archive, noted, () => elsewhere++));
    const media = await attempt((noted) => this.#takeMedia(archive, noted));
    // Where another page had a sync under way, nothing is wrong with it.
    for (const error of refusals) if (codeOfAny(error) !== 'busy') await refused(error);
    const [first] = refusals;
    const part = isOurs(first) ? first.details.part : undefined;
    const problem = first !== undefined && {
      problem: codeOfAny(first),
      ...(part !== undefined && { part: String(part) }),
    };
    return { changed, media, answers, elsewhere, arrived, ...problem };
  }

  async #takeLibrary(archive: Archive, onStep: () => void): Promise<number> {
    const { platform, library, take } = this.#ports;
    const here = packedShelves(archive.keys());
    if (here.length === 0) return 0;
    const wanted = (await library.wanted()).filter((name) => here.includes(name));
    const shelves = [...wanted, ...here.filter((name) => !wanted.includes(name))];
    const transport = archiveTransport(archive);
    for (let waited = 0; ; waited += AGAIN_MS) {
      try {
        return await take(transport, shelves);
      } catch (error) {
        if (codeOf(error, 'storage') !== 'busy' || waited >= BUSY_MS) throw error;
        onStep();
        await new Promise<void>((resolve) => platform.after(AGAIN_MS, resolve));
      }
    }
  }

  async #takeReceipts(archive: Archive, onStep: () => void): Promise<number> {
    const { platform, library, answers } = this.#ports;
    const state = await library.library();
    return state ? takeReceipts(platform, state, answers, archive, onStep) : 0;
  }

  /** The urgent notices among which this one is, as a code; undefined where they are too long for one, or not those of today any more. */
  noticeCode(lang: string, id: string): Promise<string | undefined> {
    return noticeCode(this.#ports, lang, id);
  }

  async #takeAnswers(archive: Archive, noted: (error: unknown) => void, onElsewhere: () => void): Promise<number> {
    const { platform, library, answers, room } = this.#ports;
    const state = await library.library();
    const addressees = state ? addresseesOf(state) : [];
    let bytes = await answers.carriedBytes();
    let taken = 0;
    for await (const envelope of answersIn(platform, archive, (part) => noted(damagedAnswers(part)))) {
      const { to, size } = envelope.header;
      // To others nothing is passed on from here.
      if (!addressees.includes(to)) onElsewhere();
      else if (await answers.carry(envelope)) {
        bytes += size * 1024;
        const isFull = bytes > MOST_CARRIED || (taken % LOOK_EVERY === 0 && (await room()) < RESERVE);
        taken++;
        if (!isFull) continue;
        noted(new RelaisError('full', { what: 'answers', bytes }));
        break;
      }
    }
    return taken;
  }

  /** Pictures and recordings that texts on this device name, and that nobody has taken away from it. */
  async #takeMedia(archive: Archive, noted: (error: unknown) => void): Promise<number> {
    const { platform, library, media, room } = this.#ports;
    const transport = archiveTransport(archive);
    const named = new Map<string, BlobRef>();
    for (const shelf of packedShelves(archive.keys()))
      for (const body of (await library.bodies(shelf)).values())
        for (const blob of blobsOf(JSON.parse(fromUtf8(body)) as ItemBody).filter(isBlobRef))
          if (archive.has(blobFile(blob.hash))) named.set(blob.hash, blob);
    let taken = 0;
    for (const blob of named.values()) {
      const { leaves, dropped } = await media.look(blob.hash);
      if (dropped || leaves >= leafCount(blob.bytes)) continue;
      if ((await room()) < RESERVE + blob.bytes) throw new RelaisError('full', { what: 'pictures' });
      try {
        await fetchBlob({ platform, store: await media.home(blob), transport }, blob, new AbortController().signal);
        taken++;
      } catch (error) {
        // One that is damaged must not keep the others back.
        if (storageCode(error)) throw error;
        noted(error);
      }
    }
    return taken;
  }
}

const codeOfAny = (error: unknown): ErrorCode => storageCode(error) ?? codeOf(error, 'storage');

/** Tells how much of an archive has been read; `again` tells the same once more. */
const watchedArchive = (
  archive: Archive,
  onStep: OnStep,
): { readonly watched: Archive; readonly again: () => void } => {
  const total = [...archive.values()].reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const again = (): void => onStep(done, total);
  const watched = new Map(
    [...archive].map(([path, file]) => [
      path,
      {
        size: file.size,
        read: async (from: number, to: number) => {
          const bytes = await file.read(from, to);
          done = Math.min(total, done + bytes.length);
          again();
          return bytes;
        },
      },
    ]),
  );
  return { watched, again };
};
