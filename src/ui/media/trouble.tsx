import { useRef } from 'preact/hooks';
import type { BlobState } from '../../core/api/worker-api.ts';
import type { ViewContext } from '../../view/context.ts';
import { pageLanguage } from '../../view/language.ts';

interface TroubleProps {
  readonly v: ViewContext;
  /** Of what is around it. */
  readonly lang: string;
  readonly state: BlobState;
  /** How many bytes there are in all. */
  readonly bytes: number;
}

/** Why a picture or a recording does not come, in words. Having no network is not an event: only what was cut on its way says so. */
export function Trouble({ v, lang, state, bytes }: TroubleProps) {
  const last = useRef({ words: '', came: 0 });
  // While another try is under way and nothing new has come, it stays said, so that it is not said again.
  const isSame = state.busy && !state.problem && state.bytes === last.current.came;
  const words = isSame ? last.current.words : wordsFor(v, state, bytes);
  last.current = { words, came: state.bytes };
  return (
    <p class="sub" role="status" {...pageLanguage(v, lang)}>
      {words}
    </p>
  );
}

const wordsFor = (v: ViewContext, { problem, bytes: came }: BlobState, bytes: number): string => {
  switch (problem) {
    case undefined:
      return '';
    case 'full':
      return v.t('media.full');
    case 'no-link':
    case 'busy':
      if (came === 0) return v.t('link.off');
      return v.t('link.cut', { percent: v.formatters.number(Math.floor((came / bytes) * 100)) });
    case 'storage':
      return v.t('media.full');
    default:
      return v.t('media.refused');
  }
};
