import type { ComponentChildren } from 'preact';
import type { ViewContext } from './context.ts';
import { Icon } from './icon.tsx';

interface NoticeProps {
  readonly v: ViewContext;
  /** `danger` is for what is lost or false: a changed file, a full phone. No network is not an event. */
  readonly kind: 'info' | 'danger';
  readonly children: ComponentChildren;
}

/** A strip with something to know. */
export function Notice({ v, kind, children }: NoticeProps) {
  const alert = kind === 'danger';
  return (
    <div class={`notice is-${kind}`} role={alert ? 'alert' : 'status'}>
      {alert && <Icon v={v} name="hand" />}
      <div>
        {alert && <b>{v.t('notice.danger')}</b>}
        {children}
      </div>
    </div>
  );
}
