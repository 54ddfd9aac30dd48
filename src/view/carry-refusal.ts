import type { ViewContext } from './context.ts';

/** A file or code that was brought by hand and refused, or not all of it. */
export interface Refused {
  /** What the file is called; undefined where nobody knows. */
  readonly name?: string | undefined;
  /** The file in it that is at fault, where it is one. */
  readonly part?: string | undefined;
  /** Bytes that a file may have, where it has more itself, and not what it unpacks to. */
  readonly most?: number | undefined;
  /** It was photographed, and is no file. */
  readonly isCode?: boolean | undefined;
}

/** Which file, and which part of it, before what is said of it. */
export const aboutFile = ({ name, part }: Refused, words: string): string =>
  // Names of files are anybody's, and of any direction.
  [...[name, part].flatMap((one) => (one ? [`\u2068${one}\u2069`] : [])), words].join(' · ');

/** What is wrong with the file itself, and what to do; undefined where it is nothing of its own. */
export const fileWords = (v: ViewContext, code: string): string | undefined => {
  switch (code) {
    case 'malformed':
      return v.t('carry.foreign');
    case 'truncated':
      return `${v.t('carry.cut')} ${v.t('carry.again')}`;
    case 'tampered':
      return `${v.t('network.why.tampered')} ${v.t('carry.again')}`;
    case 'too-large':
      return `${v.t('carry.unpacks')} ${v.t('carry.other')}`;
    case 'foreign-root':
    case 'rollback':
      return `${v.t(`network.why.${code}`)} ${v.t('carry.other')}`;
    default:
      return undefined;
  }
};

const UNREADABLE: readonly string[] = ['malformed', 'truncated', 'tampered', 'too-large'];

/** The same of what was photographed. Only without a library there is `no-link`: nobody can tell whose word it is. */
const codeWords = (v: ViewContext, code: string): string | undefined => {
  if (code === 'no-link') return v.t('network.libraryNo');
  return UNREADABLE.includes(code) ? v.t('carry.badCode') : undefined;
};

/** Why a phone has not taken something: what, which part of it, what is wrong with it, and what to do. */
export const refusedWords = (v: ViewContext, code: string, refused: Refused): string =>
  aboutFile(refused, (refused.isCode ? codeWords : fileWords)(v, code) ?? v.t(`network.why.${code}`));

/** What a log's details (JSON, as the code's own) say of what was refused. Lines of older apps have words there. */
export const refusedIn = (details = '{}'): Refused => {
  try {
    const { file, part, what, most, source } = JSON.parse(details) as Readonly<Record<string, unknown>>;
    return {
      ...(typeof file === 'string' && { name: file }),
      ...(typeof part === 'string' && { part }),
      ...(what === 'file' && typeof most === 'number' && { most }),
      ...(source === 'code' && { isCode: true }),
    };
  } catch {
    return {};
  }
};
