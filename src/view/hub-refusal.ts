import { aboutFile, fileWords, type Refused } from './carry-refusal.ts';
import type { ViewContext } from './context.ts';
import { sizeText } from './size.ts';

/** Why a hub has not taken a file, for its operator: which one, which part of it, what is wrong with it, and what to do. */
export const hubRefusedWords = (v: ViewContext, code: string, refused: Refused): string => {
  const words = hubWords(v, code, refused) ?? fileWords(v, code) ?? v.t(`network.why.${code}`);
  return aboutFile(refused, words);
};

/** What is the hub's own matter, or that of the way to it. */
const hubWords = (v: ViewContext, code: string, { most }: Refused): string | undefined => {
  switch (code) {
    case 'busy':
      return v.t('inbox.stick.busy');
    case 'full':
      return v.t('inbox.stick.full');
    case 'storage':
      return v.t('inbox.stick.storage');
    case 'no-link':
      return v.t('inbox.stick.cut');
    case 'too-large':
      // What it unpacks to is told as a phone tells it.
      if (most === undefined) return undefined;
      return `${v.t('inbox.stick.tooLarge', { size: sizeText(v, most) })} ${v.t('carry.other')}`;
    default:
      return undefined;
  }
};
