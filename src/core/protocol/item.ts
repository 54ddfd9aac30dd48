/**
 * The body of a library item: a typed tree, never HTML.
 *
 * An item's bytes are the canonical JSON (RFC 8785) of `ItemBody`; the catalogue names their SHA-256. Whoever
 * renders a tree writes text nodes only, and leaves out what it does not know, so that an old page can show a
 * newer item.
 */

/** A run of text, or one inline element. */
export type Inline =
  | string
  | { readonly t: 'b' | 'i'; readonly c: readonly Inline[] }
  | { readonly t: 'a'; readonly href: string; readonly c: readonly Inline[] }
  /** A reference to a source; `s` is the `id` of one of the item's `sources`. */
  | { readonly t: 'cite'; readonly s: string };

/** One block of an item. */
export type Block =
  | { readonly t: 'h'; readonly l: 2 | 3; readonly c: readonly Inline[] }
  | { readonly t: 'p'; readonly c: readonly Inline[] }
  | { readonly t: 'ul' | 'ol'; readonly c: readonly (readonly Inline[])[] }
  | {
      readonly t: 'table';
      readonly head: readonly (readonly Inline[])[];
      readonly rows: readonly (readonly (readonly Inline[])[])[];
    }
  /** A call-out. `unsure`: what the sources leave open; `note`: anything else worth setting apart. */
  | { readonly t: 'note'; readonly k: 'note' | 'unsure'; readonly c: readonly Block[] }
  /** Lines of arithmetic, each of its own. */
  | { readonly t: 'formula'; readonly lines: readonly string[] }
  /** A paper register: its columns, worked example lines, and how many ruled lines are printed. */
  | {
      readonly t: 'register';
      readonly title: string;
      readonly columns: readonly string[];
      readonly example: readonly (readonly string[])[];
      readonly lines: number;
    }
  | Figure;

/** A picture or a recording: a file of the tree, named by its SHA-256. Trusted as the item that names it is. */
export interface BlobRef {
  /** SHA-256 of all its bytes, base64url: its address is `blobPath(hash)`. */
  readonly hash: string;
  /** Length in bytes. */
  readonly bytes: number;
  readonly type: PictureType | 'audio/ogg';
  /** SHA-256 of its list of leaves, base64url; absent where the whole is one leaf. See `media.ts`. */
  readonly leaves?: string;
}

export type PictureType = 'image/avif' | 'image/webp';

/** One file of a picture: the same drawing in another format or width. */
export interface PictureFile extends BlobRef {
  readonly type: PictureType;
  /** In pixels of the file. */
  readonly width: number;
  readonly height: number;
}

/** A picture, with what it says in words: there is no picture without. */
export interface Figure {
  readonly t: 'figure';
  /** What it shows, for whoever does not see it. */
  readonly alt: string;
  /** The line under it; empty where it has none. */
  readonly c: readonly Inline[];
  /** A tiny WebP of it, base64, to stand there until the picture has come. */
  readonly preview: string;
  /** Smallest first; of one width AVIF comes before WebP. At least one is WebP. */
  readonly files: readonly PictureFile[];
}

/** The text, or the sum of it, as somebody says it. */
export interface Recording {
  /** Ogg Opus. */
  readonly file: BlobRef & { readonly type: 'audio/ogg' };
  /** Whole seconds, rounded up. */
  readonly seconds: number;
  readonly by: string;
  readonly voice: 'person' | 'synthetic';
}

/** How sure we are of what a source says. `seed`: the summit's own documents; `unsure`: weak, second-hand or inferred. */
export type Certainty = 'says' | 'unsure';

/** One source of an item. */
export interface Source {
  readonly id: string;
  readonly title: string;
  readonly by?: string;
  /** As the source prints it: `2005`, `2005-08`. */
  readonly date?: string;
  /** Where it was read; shown as text, since old addresses may be gone. */
  readonly at?: string;
  readonly certainty: Certainty;
  /** What is uncertain about it, in the item's language. */
  readonly note?: string;
}

/** Who wrote and who checked a text, shown behind "Where does this text come from?". */
export interface Review {
  readonly state: 'machine-draft' | 'human-draft' | 'reviewed';
  readonly by?: string;
  /** ISO date. */
  readonly on?: string;
  /** The language it was translated from; absent where it was written in its own. */
  readonly of?: string;
}

/** A value of a project sheet; `inferred` where the source document does not say it and we concluded it. */
export interface SheetField {
  readonly key: string;
  readonly label: string;
  readonly value: SheetValue;
  readonly inferred?: true;
  /** What a reader should know about the value. */
  readonly note?: string;
}

/** What a field of a project sheet holds. */
export type SheetValue =
  | { readonly t: 'text'; readonly v: string }
  | { readonly t: 'list'; readonly v: readonly string[] }
  | { readonly t: 'money'; readonly amount: number; readonly currency: string; readonly estimate: boolean }
  /** Months, `YYYY-MM`. */
  | { readonly t: 'period'; readonly from: string; readonly to: string }
  /** Codes with their titles, such as action lines. */
  | { readonly t: 'codes'; readonly v: readonly { readonly code: string; readonly title: string }[] };

/**
 * What items are filed under. `need`: the six pictures of the home page. `door`: what communities need, as the summit's papers have it. `wsis`, `target`,
 * `istanbul`: action lines and targets of Geneva, programmes of Istanbul.
 */
export const FACETS = ['need', 'door', 'audience', 'region', 'wsis', 'target', 'istanbul'] as const;
export type Facet = (typeof FACETS)[number];

/** `{facet}:{code}`, such as `need:money` or `wsis:C7`. */
export type Tag = `${Facet | 'collection'}:${string}`;

/** The needs that the home page has a picture for, in its order. */
export const NEEDS = ['livestock', 'fields', 'health', 'money', 'school', 'notices'] as const;
export type Need = (typeof NEEDS)[number];

interface Common {
  readonly v: 1;
  readonly id: string;
  /** BCP 47 tag. */
  readonly lang: string;
  /** Grows by one with each published change of this variant. */
  readonly rev: number;
  readonly title: string;
}

interface Article extends Common {
  /** One sentence of at most 160 characters. */
  readonly summary: string;
  /** Where it happened, in words. */
  readonly place: string;
  /** Name of a drawing in the icon sprite. */
  readonly picture: string;
  /** Position in lists; smaller comes first. */
  readonly order: number;
  /** What the item is filed under, sorted: see `Tag`. */
  readonly tags: readonly Tag[];
  /** Written at this centre, for the people around it. */
  readonly local?: true;
  /** Ids of items to read next. */
  readonly related: readonly string[];
  readonly body: readonly Block[];
  /** What can be heard instead of read, in the language of the text. */
  readonly recording?: Recording;
  readonly sources: readonly Source[];
  readonly review: Review;
  readonly licence: string;
  /** Id of the form that stands under the item. */
  readonly form: string;
}

/** A best-practice case study. */
export interface CaseItem extends Article {
  readonly kind: 'case';
}

/** A project sheet: structured fields, then free text. */
export interface SheetItem extends Article {
  readonly kind: 'sheet';
  readonly fields: readonly SheetField[];
}

/** How to do something: who does it, how long it takes, what it takes, then the steps. */
export interface GuideItem extends Article {
  readonly kind: 'guide';
  readonly who?: string;
  readonly time?: string;
  readonly tools?: readonly string[];
}

/** A notice for an area. After its last day it stays, and says that it no longer holds. */
export interface BulletinItem extends Article {
  readonly kind: 'bulletin';
  readonly area: string;
  /** 1 is the most urgent. */
  readonly urgency: 1 | 2 | 3;
  /** ISO days; `until` is the last one on which it holds. */
  readonly issued: string;
  readonly until: string;
  /** The second person who approved it. */
  readonly approved?: { readonly by: string; readonly on: string };
  /** What a presenter says; where a part is absent, one made of the notice stands in. */
  readonly script?: BulletinScript;
}

/** Words for the radio, by part. */
export interface BulletinScript {
  readonly greeting?: string;
  readonly what?: string;
  readonly when?: string;
  /** At most three. */
  readonly do?: readonly string[];
  readonly help?: string;
  readonly close?: string;
}

/** A true account by a named community: told in public before (`told`, the id of a source), or with a consent record. */
export interface StoryItem extends Article {
  readonly kind: 'story';
  readonly community: string;
  readonly told?: string;
  readonly consent?: { readonly record: string; readonly on: string };
}

/** A framework, programme, document or essay that others refer to; or a glossary, which has `terms`. */
export interface ReferenceItem extends Article {
  readonly kind: 'reference';
  readonly type: ReferenceType;
  /** It is described as its source knew it, and may no longer exist. */
  readonly gone?: true;
  readonly terms?: readonly Term[];
}

export const REFERENCE_TYPES = ['framework', 'programme', 'document', 'glossary', 'essay'] as const;
export type ReferenceType = (typeof REFERENCE_TYPES)[number];

/** A word and what it means. */
export interface Term {
  readonly term: string;
  readonly says: string;
}

/** One choice of a select question. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  /** Name of a drawing in the icon sprite. */
  readonly icon?: string;
}

/** A question of a form. Types and appearances are named as in XLSForm. */
export type Question =
  | {
      readonly type: 'select_one';
      readonly name: string;
      readonly label: string;
      readonly required: boolean;
      readonly appearance: 'faces' | 'list';
      readonly choices: readonly Choice[];
    }
  | {
      readonly type: 'text';
      readonly name: string;
      readonly label: string;
      readonly required: boolean;
      readonly hint?: string;
      /** Longest answer, in characters (UTF-16 code units, as `maxlength` counts). */
      readonly max: number;
    };

/** A form: published and versioned like any item; page, validation, envelope and export columns come from it. */
export interface FormItem extends Common {
  readonly kind: 'form';
  /** Version of the questions' meaning, the same in every language; written into each envelope. */
  readonly version: number;
  readonly addressee: 'centre';
  readonly submit: string;
  readonly questions: readonly Question[];
}

/** The access point itself: its name, in one language, is the title. One on every shelf, with the id `centre`. */
export interface CentreItem extends Common {
  readonly kind: 'centre';
  /** Languages of the library, in the order in which they are offered. */
  readonly languages: readonly string[];
  /** What the codes of tags are called in this language, by facet, in the order in which they are offered. */
  readonly names: readonly FacetNames[];
  /** Languages in which something can be heard; absent where there is none. */
  readonly heard?: readonly string[];
  /** The library's collections, in its order; absent where there is none. */
  readonly collections?: readonly CollectionName[];
  /** About how many bytes the full pack of each shelf has, all languages and collections; absent in older libraries. */
  readonly sizes?: Readonly<Record<string, number>>;
}

/** A collection that has something: what it is called in this language. */
export interface CollectionName {
  readonly id: string;
  readonly name: string;
  /** How many items it has, each counted once, whatever languages it is in. */
  readonly items: number;
}

/** The names of one facet's codes: `[code, name]`. */
export interface FacetNames {
  readonly facet: Facet;
  readonly values: readonly (readonly [string, string])[];
}

/** Id of the centre's own item. */
export const CENTRE_ID = 'centre';

export type LibraryItem = CaseItem | SheetItem | GuideItem | BulletinItem | StoryItem | ReferenceItem;
export type ItemBody = LibraryItem | FormItem | CentreItem;

/** Kinds for reading: they have a page, and stand in lists. */
export const READABLE_KINDS = ['case', 'sheet', 'guide', 'bulletin', 'story', 'reference'] as const;

export const isReadable = (item: ItemBody): item is LibraryItem => item.kind !== 'form' && item.kind !== 'centre';
export type ItemKind = ItemBody['kind'];

/** Answers to a form by question name. A question without an answer is absent. */
export type Answers = Readonly<Record<string, string>>;
