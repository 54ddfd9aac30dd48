import type { ViewContext } from './context.ts';
import { KeepNumber } from './number.tsx';
import { StateBadge } from './state.tsx';

interface KeptProps {
  readonly v: ViewContext;
  /** The eight digits to keep. */
  readonly number: string;
  readonly state: 'kept' | 'held' | 'centre';
  /** Where it is kept; else on this phone. */
  readonly where?: string;
  /** The hub in between that has it, where its name is known. */
  readonly holder?: string | undefined;
}

/** After sending: where the answer is, the number to keep, and a way to leave. */
export function Kept({ v, number, state, where, holder }: KeptProps) {
  return (
    <section class="kept">
      <h1 id="kept-title" tabindex={-1}>
        {v.t(state === 'centre' ? 'kept.title.centre' : 'kept.title.kept')}
      </h1>
      {state === 'kept' && <p class="sub">{where ?? v.t('kept.where')}</p>}
      <p>
        <StateBadge v={v} state={state} holder={holder} />
      </p>
      <p>{v.t(`kept.next.${state}`)}</p>
      <p class="keep">
        {v.t('kept.number')}
        <b>
          <KeepNumber number={number} />
        </b>
      </p>
      <a class="act go" id="kept-done" href={`/${v.lang}/`}>
        {v.t('bar.done')}
      </a>
    </section>
  );
}
