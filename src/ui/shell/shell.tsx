import { useEffect } from 'preact/hooks';
import type { LibraryView } from '../../core/api/worker-api.ts';
import { Bar, Header, SkipLink } from '../../view/frame.tsx';
import { Missing } from '../../view/missing.tsx';
import { AnswersScreen } from '../answer/answers-screen.tsx';
import { HomeScreen } from '../library/home-screen.tsx';
import { pathOf, type Route } from '../route.ts';
import type { App } from './app.ts';
import { GoneLine } from './gone-line.tsx';
import { SAY_COMING_MS, useLate, useLazy, useLive } from './hooks.ts';
import { LinkIsland, NewsLine } from './link-island.tsx';
import { ONLINE } from './links.ts';
import { Notices } from './notices.tsx';

/** The whole page as the device renders it. */
export function Shell({ app }: { readonly app: App }) {
  const v = app.context.value;
  const route = app.route.value;
  const library = useLive<LibraryView>((listener) => app.client.watchLibrary(route.lang, listener), [route.lang]);
  const centre = library?.centre ?? '';
  useEffect(() => {
    if (route.page === 'home' && centre) document.title = centre;
    if (route.page !== 'home' && route.page !== 'item' && route.page !== 'tag' && route.page !== 'unknown') {
      document.title = v.t('title.page', { title: v.t(`${route.page}.title`), centre });
    }
  }, [route, centre, v]);
  const current = route.page === 'home' ? 'home' : route.page === 'answers' ? 'answers' : undefined;
  return (
    <>
      <SkipLink v={v} />
      <Header v={v} title={centre} sub={<NewsLine app={app} />}>
        <LinkIsland app={app} />
      </Header>
      <main id="main" tabindex={-1}>
        <Notices app={app} />
        {app.client.opened.value?.broken && (
          <a class="act" href={ONLINE}>
            {v.t('notice.readOnline')}
          </a>
        )}
        {route.page === 'home' && <HomeScreen app={app} library={library} />}
        {route.page === 'answers' && <AnswersScreen app={app} />}
        {isLazy(route) && <Lazy app={app} route={route} library={library} centre={centre} />}
        {route.page === 'unknown' && <Missing v={v} known={false} />}
      </main>
      <GoneLine app={app} />
      <Bar v={v} {...(current && { current })} />
    </>
  );
}

const isLazy = ({ page }: Route): boolean => page !== 'home' && page !== 'answers' && page !== 'unknown';

interface LazyProps {
  readonly app: App;
  readonly route: Route;
  readonly library: LibraryView | undefined;
  readonly centre: string;
}

function Coming({ app }: { readonly app: App }) {
  const isLate = useLate(SAY_COMING_MS);
  return <p role="status">{isLate && app.context.value.t('link.busy')}</p>;
}

/** What few open comes in a file of its own. */
export function LazyNetwork({ app, page }: { readonly app: App; readonly page: 'network' | 'carry' }) {
  const part = useLazy(async () => (await Promise.all([import('../network/network-pages.ts'), app.learn()]))[0]);
  if (part === undefined) return <Coming app={app} />;
  if (!part) return <Missing v={app.context.value} known />;
  return page === 'carry' ? <part.CarryScreen app={app} /> : <part.NetworkScreen app={app} />;
}

/** Screens that few open first: a page that came whole has its own already. */
function Lazy({ app, route, library, centre }: LazyProps) {
  if (route.page === 'network' || route.page === 'carry') return <LazyNetwork app={app} page={route.page} />;
  const screens = useLazy(async () => (await Promise.all([import('../screens.ts'), app.learn()]))[0]);
  if (screens === undefined) return <Coming app={app} />;
  if (screens === null) return <Missing v={app.context.value} known />;
  const key = pathOf(route, route.lang);
  if (route.page === 'item')
    return <screens.ItemScreen key={key} app={app} lang={route.lang} id={route.id} centre={centre} />;
  if (route.page === 'more') return <screens.MoreScreen app={app} library={library} />;
  return <screens.ListScreen key={key} app={app} route={route} library={library} />;
}
