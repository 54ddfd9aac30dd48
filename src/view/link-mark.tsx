import type { ViewContext } from './context.ts';

/** `off`: no link; `on`: the centre answers; `busy`: something is on its way. */
export type LinkState = 'off' | 'on' | 'busy';

interface MarkProps {
  readonly v: ViewContext;
  readonly state: LinkState;
}

const ARCS = ['M7 25C16 15 40 15 49 25', 'M7 25C16 8 40 8 49 25', 'M7 25C16 1 40 1 49 25'];

/** Dots of a link that is not there; written as attributes, since the policy forbids styles on elements. */
const DOTTED = { 'stroke-dasharray': '.1 4.4' };

/** Two dots joined by three radio arcs: dotted without a link and while busy, drawn with one. Its words are for screen readers. */
export function LinkMark({ v, state }: MarkProps) {
  return (
    <span class="link">
      <svg class="mark flip" viewBox="0 0 56 32" aria-hidden="true">
        {ARCS.map((d) => (
          <path key={d} d={d} {...(state === 'on' ? {} : DOTTED)} />
        ))}
        <circle class="dot" cx="6" cy="26" r="4" />
        <circle class={state === 'off' ? 'ring' : 'dot'} cx="50" cy="26" r="4" />
      </svg>
      <span class="vh">{v.t(`link.${state}`)}</span>
    </span>
  );
}
