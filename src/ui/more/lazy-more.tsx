import type { LibraryView } from '../../core/api/worker-api.ts';
import { Missing } from '../../view/missing.tsx';
import type { App } from '../shell/app.ts';
import { useLazy } from '../shell/hooks.ts';

const load = () => import('./more-screen.tsx');

/** The page behind "Plus": few open it, so that it is not part of what everybody loads first. */
export function LazyMore(props: { readonly app: App; readonly library: LibraryView | undefined }) {
  const part = useLazy(load);
  if (part === undefined) return null;
  return part ? <part.MoreScreen {...props} /> : <Missing v={props.app.context.value} known />;
}
