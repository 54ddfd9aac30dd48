import type { ViewContext } from './context.ts';

/** `off`: no link; `on`: the centre answers; `busy`: something is on its way. */
export type LinkState = 'off' | 'on' | 'busy';

interface MarkProps {
  readonly v: ViewContext;
  readonly state: LinkState;
  /** Share of the transfer that is here, 0 to 1. Only shown while busy. */
  readonly progress?: number;
}

const ARCS = ['M7 25C16 15 40 15 49 25', 'M7 25C16 8 40 8 49 25', 'M7 25C16 1 40 1 49 25'];

/** Dots of a link that is not there; written as attributes, since the policy forbids styles on elements. */
const DOTTED = { 'stroke-dasharray': '.1 4.4' };

/** Two dots joined by three radio arcs: dotted without a link, drawn with one, drawn in part while busy. */
function Mark({ state, progress = 0 }: Omit<MarkProps, 'v'>) {
  const share = Math.round(Math.min(1, Math.max(0, progress)) * 100);
  return (
    <svg class="mark flip" viewBox="0 0 56 32" aria-hidden="true">
      {ARCS.map((d) => (
        <path key={d} d={d} {...(state === 'on' ? {} : DOTTED)} />
      ))}
      {state === 'busy' &&
        share > 0 &&
        ARCS.map((d) => <path key={d} d={d} pathLength={100} stroke-dasharray={`${share} 200`} />)}
      <circle class="dot" cx="6" cy="26" r="4" />
      <circle class={state === 'off' ? 'ring' : 'dot'} cx="50" cy="26" r="4" />
    </svg>
  );
}

function words({ v, state, progress }: MarkProps): string {
  if (state === 'busy' && progress !== undefined) {
    return v.t('link.part', { percent: v.formatters.number(Math.round(progress * 100)) });
  }
  return v.t(`link.${state}`);
}

/** The mark alone, its words for screen readers. */
export function LinkMark(props: MarkProps) {
  return (
    <span class="link">
      <Mark {...props} />
      <span class="vh">{words(props)}</span>
    </span>
  );
}

interface LineProps extends MarkProps {
  /** When news last came, in words (`formatters.date`); absent before the first time. */
  readonly lastNews?: string;
}

/** The mark with its words beside, and when news last came. */
export function LinkLine({ lastNews, ...props }: LineProps) {
  return (
    <p class="link-line">
      <Mark {...props} />
      <span>
        {words(props)}
        {lastNews !== undefined && <small>{props.v.t('link.lastNews', { when: lastNews })}</small>}
      </span>
    </p>
  );
}
