import type { ErrorCode } from '../errors.ts';

/** What is carried by hand, as pages show it. Stays on the machine that made it. */

/** What can be carried by hand, as far as it is on this device. */
export interface CarryView {
  /** Languages and collections that are whole here. */
  readonly shelves: readonly CarriedShelf[];
  /** Bytes of pictures and recordings, to 16 kB. */
  readonly media: number;
  /** Answers without a receipt, of whomever. */
  readonly waiting: number;
  /** Those of others among them. */
  readonly ofOthers: number;
  /** Receipts of others' answers that can be shown as codes. */
  readonly receipts: number;
}

/** A shelf that can be carried. */
export interface CarriedShelf {
  /** Its name: a language, or a collection in one. */
  readonly lang: string;
  /** What the collection is called. */
  readonly name?: string;
  /** Of its texts. */
  readonly bytes: number;
}

export interface CarryWish {
  readonly shelves: readonly string[];
  readonly media: boolean;
  /** `text`: for a phone that shares no ZIP. `codes`: the newest receipts of others' answers, a line for each code. */
  readonly as: 'zip' | 'text' | 'codes';
  /** For people who open the file. */
  readonly words: string;
}

/** A file, as far as every realm knows it; a code that was photographed has no name. */
export type NamedBlob = Blob & { readonly name: string };

/** What came of a file that was taken. */
export interface CarriedIn {
  /** Items that are new or changed. */
  readonly changed: number;
  /** Pictures and recordings that came. */
  readonly media: number;
  /** Answers of others, that are passed on from here. */
  readonly answers: number;
  /** Answers that are for a centre which this library does not know: they go no further from here. */
  readonly elsewhere: number;
  /** Answers that got their receipt. */
  readonly arrived: number;
  /** Where an urgent notice is read that another phone showed. */
  readonly notice?: { readonly lang: string; readonly id: string };
  /** What did not come, and why; all else did. */
  readonly problem?: ErrorCode;
  /** The file in it that this is about, where it is one. */
  readonly part?: string;
}
