import type { AnswerState, ViewContext } from './context.ts';
import { Icon } from './icon.tsx';

const SHAPES: Readonly<Record<AnswerState, string>> = {
  draft: 'pencil',
  kept: 'clock',
  held: 'arrow',
  centre: 'tick',
  organisation: 'two-ticks',
  reply: 'bubble',
  attention: 'hand',
};

interface BadgeProps {
  readonly v: ViewContext;
  readonly state: AnswerState;
  /** Who has it, for `organisation`. */
  readonly organisation?: string;
}

/** Where an answer is: a shape and a word; colour is only the third sign. */
export function StateBadge({ v, state, organisation = '' }: BadgeProps) {
  return (
    <span class={`state is-${state}`}>
      <Icon v={v} name={SHAPES[state]} />
      {v.t(`state.${state}`, { organisation })}
    </span>
  );
}
