import { useRef } from 'preact/hooks';
import type { Progress } from '../../core/protocol/network.ts';
import type { App } from '../shell/app.ts';

/** That topics are still to come, and how far they are. A cut moves nothing: it goes on at the same place. */
export function Coming({ app }: { readonly app: App }) {
  const { t } = app.context.value;
  const last = useRef<Progress | undefined>(undefined);
  last.current = app.client.status.value?.progress ?? last.current;
  const { done = 0, total } = last.current ?? {};
  return (
    <>
      <p>{t('home.empty')}</p>
      <progress max={total ?? 1} value={total ? done : 0} aria-label={t('home.empty')} />
    </>
  );
}
