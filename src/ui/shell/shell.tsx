import { useEffect } from 'preact/hooks';
import type { LibraryView } from '../../core/api/worker-api.ts';
import { Bar, Header, SkipLink } from '../../view/frame.tsx';
import { Missing } from '../../view/missing.tsx';
import { AnswersScreen } from '../answer/answers-screen.tsx';
import { AllScreen } from '../library/all-screen.tsx';
import { HomeScreen } from '../library/home-screen.tsx';
import { LazyMore } from '../more/lazy-more.tsx';
import { ItemScreen } from '../reader/item-screen.tsx';
import type { App } from './app.ts';
import { GoneLine } from './gone-line.tsx';
import { useLive } from './hooks.ts';
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
    if (route.page === 'answers' || route.page === 'more' || route.page === 'all') {
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
        {route.page === 'item' && (
          <ItemScreen key={`${route.lang}/${route.id}`} app={app} lang={route.lang} id={route.id} centre={centre} />
        )}
        {route.page === 'answers' && <AnswersScreen app={app} />}
        {route.page === 'all' && <AllScreen app={app} library={library} />}
        {route.page === 'more' && <LazyMore app={app} library={library} />}
        {route.page === 'unknown' && <Missing v={v} known={false} />}
      </main>
      <GoneLine app={app} />
      <Bar v={v} {...(current && { current })} />
    </>
  );
}
