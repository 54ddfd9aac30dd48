import type { StatusView } from '../../core/api/worker-api.ts';
import { LinkMark, type LinkState } from '../../view/link-mark.tsx';
import type { App } from './app.ts';

/** Bytes of something large are coming, whatever the try before this one found. */
const isComing = (status: StatusView | undefined): boolean =>
  status?.phase === 'running' && status.progress !== undefined && !(status.reached && status.whole);

/** No network is not an event: the arcs change, nothing moves, and a try that finds none again changes nothing. */
const stateOf = (status: StatusView | undefined): LinkState => {
  if (isComing(status)) return 'busy';
  if (status?.reached === undefined) return navigator.onLine ? 'on' : 'off';
  if (!status.reached) return 'off';
  return status.phase === 'running' && !status.whole ? 'busy' : 'on';
};

/** The state of the link, in the header's slot. */
export function LinkIsland({ app }: { readonly app: App }) {
  return <LinkMark v={app.context.value} state={stateOf(app.client.status.value)} />;
}

/** Date of the last news, under the centre's name. */
export function NewsLine({ app }: { readonly app: App }) {
  const { t, formatters } = app.context.value;
  const status = app.client.status.value;
  if (status?.news === undefined) return null;
  const when = formatters.date(status.news * 1000);
  // One line with a link and without: nothing below it moves.
  return <>{t(status.reached === false && !isComing(status) ? 'link.offNews' : 'link.lastNews', { when })}</>;
}
