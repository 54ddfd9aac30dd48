import { computed, effect, type ReadonlySignal } from '@preact/signals';
import type { LibraryView } from '../../core/api/worker-api.ts';
import { parseRoute } from '../route.ts';
import { rememberLanguage, startLanguage } from '../strings.ts';
import type { App } from './app.ts';

/** The language that is being read, as the address names it. */
export const readingOf = (app: App): ReadonlySignal<string> => computed(() => app.route.value.lang);

/**
 * Watches the library in the language that is being read, and judges that language: one that the library has is remembered; one that it does
 * not have, as a sync since has shown, is a mistyped address.
 */
export const followReading = (
  app: App,
  reading: ReadonlySignal<string>,
  onLibrary: (library: LibraryView | undefined) => void,
): void => {
  let languages: readonly string[] = [];
  /** Whether a sync has ended well since this language is being read. */
  let asked: 'no' | 'under-way' | 'yes' = 'no';
  const judge = (): void => {
    const wished = parseRoute(location.pathname, reading.value).lang;
    // The library got that language after all.
    if (app.route.value.page === 'unknown' && wished !== reading.value && languages.includes(wished))
      void app.go(location.pathname);
    else if (languages.includes(reading.value)) rememberLanguage(reading.value);
    else if (asked === 'yes' && (languages.length > 0 || app.client.status.value?.problem === 'not-found'))
      void app.lose(startLanguage(languages.length > 0 ? languages : undefined));
  };
  effect(() => {
    onLibrary(undefined);
    languages = [];
    asked = 'no';
    return app.client.watchLibrary(reading.value, (view) => {
      onLibrary(view);
      languages = view.languages.map(({ lang }) => lang);
      judge();
    });
  });
  effect(() => {
    const status = app.client.status.value;
    if (status?.phase === 'running') asked = asked === 'no' ? 'under-way' : asked;
    else if (asked === 'under-way' && status?.reached) {
      asked = 'yes';
      judge();
    }
  });
};
