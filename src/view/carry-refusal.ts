import type { ErrorCode } from '../core/errors.ts';
import { refusalWords } from './carry-parts.tsx';
import type { ViewContext } from './context.ts';

/** A file that a hub has not taken, or not all of it. */
export interface RefusedFile {
  /** What it is called; undefined where nobody knows. */
  readonly name?: string | undefined;
  /** The file in it that is at fault, where it is one. */
  readonly part?: string | undefined;
}

/** Which file, and which part of it, before what is said of it. */
export const aboutFile = ({ name, part }: RefusedFile, words: string): string =>
  // Names of files are anybody's, and of any direction.
  [...[name, part].flatMap((one) => (one === undefined ? [] : [`\u2068${one}\u2069`])), words].join(' · ');

/** Another file is needed: this one will never do here, however often it is copied. */
const OTHER: readonly ErrorCode[] = ['foreign-root', 'rollback', 'too-large'];

/** Why a hub has not taken a file, for its operator: which one, what is wrong with it, and what to do. `most`: bytes of a file at most. */
export const refusedText = (
  v: ViewContext,
  { code, most, ...file }: RefusedFile & { readonly code: ErrorCode; readonly most: number },
): string => {
  // The file itself is not too large, but what a part of it unpacks to.
  const isPart = code === 'too-large' && file.part !== undefined;
  const why = isPart ? v.t('network.why.too-large') : refusalWords(v, code, most);
  return aboutFile(file, OTHER.includes(code) ? `${why} ${v.t('inbox.stick.other')}` : why);
};
