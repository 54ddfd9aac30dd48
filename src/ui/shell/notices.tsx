import { Notice } from '../../view/notice.tsx';
import type { App } from './app.ts';
import { ONLINE } from './links.ts';

/** What a person should know now: at most the most important one of these, above the text. */
export function Notices({ app }: { readonly app: App }) {
  const { client, shell, dismissed, session } = app;
  const v = app.context.value;
  const opened = client.opened.value;
  const problem = client.status.value?.problem;
  const open = (what: string): boolean => !dismissed.value.has(what);

  if (problem === 'foreign-root' && open('foreign')) {
    return (
      <Notice v={v} kind="info">
        <p>{v.t('notice.foreign')}</p>
        <p class="pair">
          <button type="button" class="act" onClick={() => app.dismiss('foreign')}>
            {v.t('notice.foreignKeep')}
          </button>
          <button type="button" class="act" onClick={() => void client.replaceLibrary()}>
            {v.t('notice.foreignReplace')}
          </button>
        </p>
      </Notice>
    );
  }
  if (problem === 'tampered' || problem === 'malformed') {
    return (
      <Notice v={v} kind="danger">
        <p>{v.t('notice.tampered')}</p>
      </Notice>
    );
  }
  // Nobody's fault most times: a hub that has not had the news yet.
  if (problem === 'rollback') {
    return (
      <Notice v={v} kind="info">
        <p>{v.t('notice.older')}</p>
      </Notice>
    );
  }
  const gaveUp = client.status.value?.gaveUp ?? [];
  if (gaveUp.length > 0) {
    return (
      <Notice v={v} kind="info">
        <p>{v.t('notice.gaveUp', { what: v.formatters.list(gaveUp.map((what) => v.t(`notice.gone.${what}`))) })}</p>
        <p>
          <button type="button" class="act" onClick={() => client.readGivenUp(gaveUp)}>
            {v.t('notice.seen')}
          </button>
        </p>
      </Notice>
    );
  }
  if (problem === 'full') {
    return (
      <Notice v={v} kind="info">
        <p>{v.t('notice.fullLibrary')}</p>
      </Notice>
    );
  }
  // A page that was asked of the centre past the app says so before the store was tried once more: nothing moves under a finger that long.
  const broken = opened ? opened.broken : location.search === ONLINE ? 'storage' : undefined;
  if (broken) {
    return (
      <Notice v={v} kind="info">
        <p>{v.t(broken === 'blocked' ? 'notice.otherTab' : 'notice.noStorage')}</p>
      </Notice>
    );
  }
  if (opened?.evicted && open('evicted')) {
    return (
      <Notice v={v} kind="info">
        <p>{v.t('notice.evicted')}</p>
      </Notice>
    );
  }
  // Taking an update loads the page again: not while somebody has typed something.
  if (shell.updateReady.value && !session.touched) {
    return (
      <Notice v={v} kind="info">
        <p>{v.t('notice.update')}</p>
        <p>
          <button type="button" class="act" onClick={() => void shell.update()}>
            {v.t('notice.open')}
          </button>
        </p>
      </Notice>
    );
  }
  if (shell.state.value === 'failed') {
    return (
      <Notice v={v} kind="info">
        <p>{v.t('notice.notOffline')}</p>
      </Notice>
    );
  }
  return <>{app.offer.value}</>;
}
