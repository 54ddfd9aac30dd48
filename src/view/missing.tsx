import type { ComponentChildren } from 'preact';
import type { ViewContext } from './context.ts';
import { Icon } from './icon.tsx';

interface MissingProps {
  readonly v: ViewContext;
  /** The catalogue has the item, only this phone does not yet. */
  readonly known: boolean;
  /** Where it may be instead. */
  readonly children?: ComponentChildren;
}

/** Nothing to show here, and a way home. */
export function Missing({ v, known, children }: MissingProps) {
  const kind = known ? 'later' : 'never';
  return (
    <section class="missing">
      <Icon v={v} name={known ? 'clock' : 'hand'} size="l" />
      <h1>{v.t(`missing.${kind}.title`)}</h1>
      {children || <p>{v.t(`missing.${kind}.text`)}</p>}
      <a class="act go" href={`/${v.lang}/`}>
        <Icon v={v} name="house" />
        {v.t('missing.home')}
      </a>
    </section>
  );
}
