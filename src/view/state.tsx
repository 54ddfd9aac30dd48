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
  /** The hub in between that has it, for `held`, where its name is known. */
  readonly holder?: string | undefined;
}

/** Where an answer is: a shape and a word; colour is only the third sign. */
export function StateBadge({ v, state, organisation = '', holder }: BadgeProps) {
  return (
    <span class={`state is-${state}`}>
      <Icon v={v} name={SHAPES[state]} />
      {state === 'held' && holder ? v.t('state.heldBy', { name: holder }) : v.t(`state.${state}`, { organisation })}
    </span>
  );
}
