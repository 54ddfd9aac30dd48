import type { Formatters } from '../i18n/formatters.ts';

/** What every view needs besides its data. Passed as `v`, so that a view reads no global and no hook. */
export interface ViewContext {
  /** BCP 47 tag of the texts: the one in the address. */
  readonly lang: string;
  /** BCP 47 tag of the interface's words, and so of the page. */
  readonly words: string;
  /** Reading direction of the page. */
  readonly dir: 'ltr' | 'rtl';
  /** The words are a draft. */
  readonly draft: boolean;
  /** An interface string by its key in `locales/`. */
  readonly t: (key: string, values?: Readonly<Record<string, string | number>>) => string;
  /** Prefix of icon addresses: empty for symbols inlined in the page, `/assets/sprite-x.svg` on the device. */
  readonly icon: string;
  readonly formatters: Formatters;
}

/** A language that can be chosen. `name` is its own name for itself, `href` the same page in it. */
export interface Language {
  readonly lang: string;
  readonly name: string;
  readonly href: string;
  /** Something can be heard in it. */
  readonly heard?: boolean;
}

/** The six states of an answer, each a shape and a word. */
export type AnswerState = 'draft' | 'kept' | 'held' | 'centre' | 'organisation' | 'reply' | 'attention';
