import { Gone } from '../../view/gone.tsx';
import type { App } from './app.ts';

/** What a tap on `Fini` did, for a moment; on every page. */
export function GoneLine({ app }: { readonly app: App }) {
  const gone = app.session.gone.value;
  return gone ? <Gone v={app.context.value} undo={gone.undo} /> : null;
}
