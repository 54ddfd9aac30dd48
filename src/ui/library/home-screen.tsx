import type { LibraryView } from '../../core/api/worker-api.ts';
import { languageName } from '../../i18n/translator.ts';
import { Home } from '../../view/home.tsx';
import { pathOf } from '../route.ts';
import type { App } from '../shell/app.ts';
import { Coming } from './coming.tsx';

/** The first page, from the store. */
export function HomeScreen({ app, library }: { readonly app: App; readonly library: LibraryView | undefined }) {
  const v = app.context.value;
  if (!library) return null;
  const languages = library.languages.map(({ lang }) => ({
    lang,
    name: languageName(lang),
    href: pathOf(app.route.value, lang),
    heard: library.heard.includes(lang),
  }));
  return (
    <Home
      v={v}
      centre={library.centre ?? ''}
      items={library.cards}
      early={library.early}
      coming={library.coming && <Coming app={app} />}
      news={library.news}
      today={library.today}
      names={library.names}
      languages={languages}
    />
  );
}
