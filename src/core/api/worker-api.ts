import type { ErrorCode } from '../errors.ts';
import type { FormProblem } from '../forms/validate.ts';
import type { Card } from '../protocol/card.ts';
import type { CarriedIn, CarryView, CarryWish, NamedBlob } from '../protocol/carried.ts';
import type { BlobRef, FacetNames, FormItem, LibraryItem } from '../protocol/item.ts';
import type { LogEntry } from '../protocol/log.ts';
import type { ScreenFit } from '../protocol/media.ts';
import type { NearMet } from '../protocol/near.ts';
import type { AheadView, Link, NetworkView, Policy, Progress } from '../protocol/network.ts';
import type { Excerpt } from '../search/snippet.ts';
import type { AppCost } from './app-cost.ts';

/**
 * The data worker's interface, as the page sees it through Comlink. Not part of the wire version: page and worker come from one build.
 * Errors that a person has to hear of are results, since an error loses its code on the way between realms.
 */
export interface WorkerApi {
  /** Answers at once: the handshake, and the heartbeat afterwards. */
  ping(): 'ready';
  /**
   * Opens the store and starts the sync loop. `installId` is what the page finds in localStorage: where it is not the
   * store's own, one of the two was evicted.
   */
  open(page: { readonly installId: string | null }): Promise<Opened>;
  /** What the person does: a page is visible or not. */
  attend(visible: boolean): void;
  /** A link that came back, or (`asked`) a tap: what was set about the link does not hold it back. */
  sendNow(asked: boolean): void;
  /** Changes what the link may be used for; `undefined` takes a setting away. A pause ends what is under way. */
  setPolicy(change: PolicyChange): Promise<void>;
  /**
   * Looks for this library at a hub on this Wi-Fi, by its address as it was typed or scanned, and tells what came of it. One that has it comes first from
   * then on (`Policy.near`). The browser may ask the person meanwhile.
   */
  meetNear(address: string, listener: (met: NearMet) => void): Promise<void>;
  /** Whether the link may be used for the app's own files: asked here, since a service worker that opened the store would hold it open. */
  mayFetchApp(): Promise<boolean>;
  /** Pages and files of the app took so much from the link. */
  spent(cost: AppCost): Promise<void>;
  watchNetwork(listener: (network: NetworkView) => void): Promise<Unwatch>;
  /** The person chose a language: its shelf is wanted first from now on. Or a collection: its shelf is wanted behind all languages. */
  want(shelf: string): Promise<void>;
  /** The person wants a language, with its collections, or a collection no more: it goes, once no sync is under way that would bring it back. Throws `busy` where that takes long. */
  release(shelf: string): Promise<void>;
  watchLibrary(shelf: string, listener: (library: LibraryView) => void): Promise<Unwatch>;
  watchItem(shelf: string, id: string, listener: (item: ItemView) => void): Promise<Unwatch>;
  watchStatus(listener: (status: StatusView) => void): Promise<Unwatch>;
  /** Counts of all answers on this device, and the states of those with these numbers. */
  watchAnswers(numbers: readonly string[], listener: (counts: AnswerCounts) => void): Promise<Unwatch>;
  /** Freezes, seals and stores an answer. `kept` means that a strictly durable transaction has completed. */
  finish(draft: Draft): Promise<Finished>;
  /** Offers the answers that need attention once more. */
  retry(): Promise<void>;
  /** State of an answer by its number, on this device only. */
  find(number: string): Promise<AnswerState | 'unknown'>;
  /** Somebody has read that these went for lack of room. */
  readGivenUp(what: readonly GivenUp[]): Promise<void>;
  /** Forgets the pinned library and takes the one at this address. Answers stay. */
  replaceLibrary(): Promise<void>;
  /** How much of a picture or a recording is on this device. */
  watchBlob(blob: BlobRef, listener: (state: BlobState) => void): Promise<Unwatch>;
  /** Begins to fetch it, or goes on. What comes of it tells `watchBlob`. */
  fetchBlob(blob: BlobRef, why: Wish): Promise<void>;
  /** All of it; undefined where it is not whole. */
  readBlob(blob: BlobRef): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Takes them from this device. */
  dropBlobs(hashes: readonly string[]): Promise<void>;
  /** What is here of all pictures and recordings of the texts on this device. `fit`: as this screen shows them. */
  watchAhead(fit: ScreenFit, listener: (view: AheadView) => void): Promise<Unwatch>;
  /** Takes all pictures and recordings from this device; one that is looked at comes again. */
  dropMedia(): Promise<void>;
  /** The last syncs, newest first. */
  log(): Promise<readonly LogEntry[]>;
  /** What of this device can be carried by hand. */
  carryView(): Promise<CarryView>;
  /** Begins to make a file of it; tells how far that is, and ends with the file. */
  carryOut(wish: CarryWish, listener: (state: CarryState<Blob>) => void): Promise<void>;
  /** Begins to take what is in such a file; the same twice changes nothing. */
  carryIn(file: NamedBlob, listener: (state: CarryState<CarriedIn>) => void): Promise<void>;
  /** The urgent notices of a language among which this one is, as a code to be photographed; undefined where they are too long, or over. */
  noticeCode(lang: string, id: string): Promise<string | undefined>;
  /** Full text of everything on this device, as far as it is in the index. Rejects where the search itself is not on this device yet. */
  search(question: SearchQuestion): Promise<SearchAnswer>;
  /** Tells how much of the library can be searched: a new `revision` may find more. Rejects as `search` does. */
  watchSearch(listener: (state: SearchState) => void): Promise<Unwatch>;
}

export type CarryState<T> =
  | { readonly phase: 'working'; readonly done: number; readonly total: number }
  | { readonly phase: 'done'; readonly result: T }
  | { readonly phase: 'failed'; readonly code: ErrorCode };

export type PolicyChange = { readonly [K in keyof Policy]?: Policy[K] | undefined };

/** Ends a subscription. */
export type Unwatch = () => void;

export interface Opened {
  readonly installId: string;
  /** The browser has thrown away what this device held. */
  readonly evicted: boolean;
  /** The store cannot be opened: read from the network, and say so. */
  readonly broken?: ErrorCode;
}

export interface LibraryView {
  /** The centre's own name, from any language that has been here; undefined before it has come. */
  readonly centre: string | undefined;
  /** In the library's order, those that stand in from other languages among them. */
  readonly cards: readonly Card[];
  /** Urgent notices of shelves that have not been here whole yet: they are told, and are no list of topics. */
  readonly early: readonly Card[];
  /** Topics are still to come: its shelf, or one that stands in for its gaps, has never been here whole. */
  readonly coming: boolean;
  /** Ids of what came lately, newest first. */
  readonly news: readonly string[];
  /** Today's ISO day, as far as this device and the library's own clock know. */
  readonly today: string;
  /** What the codes of tags are called. */
  readonly names: readonly FacetNames[];
  /** All of the shelf is stored, and what stands in for its gaps. */
  readonly whole: boolean;
  /** Languages of the library. */
  readonly languages: readonly LanguageView[];
  /** Languages in which something can be heard. */
  readonly heard: readonly string[];
  /** The library's collections in this language. */
  readonly collections: readonly CollectionView[];
}

export interface LanguageView {
  readonly lang: string;
  /** Something of it is on this device. */
  readonly kept: boolean;
  /** Somebody chose it, and nothing of it is here yet. */
  readonly coming: boolean;
  /** Another one is wanted whose gaps it fills. */
  readonly standsIn: boolean;
  /** On the wire, with what stands in for its gaps and is not on this device; 0 where the library does not say. */
  readonly bytes: number;
  /** Its collections, where somebody reads it on this device. */
  readonly collections: readonly CollectionView[];
}

/** A collection in one language, with what stands in for its gaps. */
export interface CollectionView {
  readonly id: string;
  readonly shelf: string;
  readonly name: string;
  /** How many items it has. */
  readonly items: number;
  /** On the wire: all of it where somebody chose it, else what is not on this device; 0 where the library does not say. */
  readonly bytes: number;
  /** `coming`: somebody chose it, and it is not whole here. */
  readonly state: 'away' | 'coming' | 'kept';
}

export type ItemView =
  | { readonly state: 'stored'; readonly item: LibraryItem; readonly form: FormItem | undefined }
  /** Not stored. `known`: it may still come; otherwise the library has no such item. */
  | { readonly state: 'missing'; readonly known: boolean };

export interface StatusView {
  readonly phase: 'waiting' | 'running';
  /** Of what is under way. */
  readonly progress?: Progress;
  /** What the link was like when it was last used. */
  readonly link: Readonly<Link>;
  /** Whether the last try reached a library; undefined before the first. */
  readonly reached: boolean | undefined;
  /** Seconds since 1970, when the newest head was signed. */
  readonly news: number | undefined;
  /** What went wrong in the last try, other than having no link. */
  readonly problem: ErrorCode | undefined;
  readonly needsUpdate: boolean;
  /** Identity of the pinned root, for people to compare. */
  readonly fingerprint: string | undefined;
  /** Whether every wanted shelf is whole. */
  readonly whole: boolean;
  /** Whether something was asked for and has not come. Before anything was asked for, nothing is. */
  readonly owed: boolean;
  /** What went for lack of room, before anybody has read of it; in the order in which such things go. */
  readonly gaveUp: readonly GivenUp[];
}

/**
 * What a full device can give up. `recordings`, `pictures`: what came with being heard or seen. `collections`: of any language. `languages`: other than the one that is read.
 * `kept`: pictures and recordings that a person keeps, which goes for an answer only.
 */
export type GivenUp = 'recordings' | 'pictures' | 'collections' | 'languages' | 'kept';

/** Who wants a picture or a recording: `seen` by a page that shows it; `asked` for by a tap; `kept` here until it is taken away. */
export type Wish = 'seen' | 'asked' | 'kept';

export interface BlobState {
  /** How many bytes are here. */
  readonly bytes: number;
  readonly whole: boolean;
  /** It stays until the person takes it away. */
  readonly kept: boolean;
  /** The person took it away: it does not come back by itself. */
  readonly dropped: boolean;
  readonly busy: boolean;
  /** What keeps it from coming. `no-link` while `busy`: it goes on by itself. */
  readonly problem?: ErrorCode;
}

export interface SearchQuestion {
  /** As typed: every word has to be there, the last one may be the beginning of one. */
  readonly words: string;
  /** The reader's language: what is found in it comes first. */
  readonly lang: string;
  /** `kind:{kind}` and tags, in small letters: an item has to have all of them. */
  readonly codes: readonly string[];
  /** The most hits. */
  readonly limit: number;
}

export interface SearchAnswer {
  /** Best first; each item once. */
  readonly hits: readonly SearchHit[];
  /** How many items there are, shown or not. */
  readonly total: number;
}

/** An item that was found, with where the words stand. */
export interface SearchHit extends Excerpt {
  readonly card: Card;
}

export interface SearchState {
  /** All text of the library can be found. */
  readonly whole: boolean;
  /** How much of it can be, 0 to 1. */
  readonly share: number;
  /** Grows with each change of what can be found. */
  readonly revision: number;
}

/** `held`: a hub in between has a copy, and its receipt is not back. */
export type AnswerState = 'kept' | 'held' | 'centre' | 'attention';

export interface AnswerCounts {
  readonly kept: number;
  readonly held: number;
  readonly centre: number;
  readonly attention: number;
  /** Answers of others that were carried here by hand, and have not been passed on yet. */
  readonly carried: number;
  /** State by number, for the numbers that were asked for. */
  readonly states: Readonly<Record<string, AnswerState>>;
  /** By number: the name of the hub in between that has it, where the library vouches for it. */
  readonly holders: Readonly<Record<string, string>>;
}

export interface Draft {
  /** Random, another one for other words: asked again with the same token, the same answer is meant. */
  readonly token: string;
  readonly form: string;
  readonly version: number;
  readonly item: string;
  readonly lang: string;
  readonly answers: Readonly<Record<string, string>>;
}

export type Finished =
  | { readonly kept: true; readonly number: string }
  | { readonly kept: false; readonly problems: readonly FormProblem[] }
  /** `full` or `storage`: it could not be stored, and is only on the screen. `no-link`: no key to seal to yet. */
  | { readonly kept: false; readonly code: ErrorCode };
