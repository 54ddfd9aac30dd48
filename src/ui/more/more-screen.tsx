import { useEffect, useState } from 'preact/hooks';
import type { LibraryView } from '../../core/api/worker-api.ts';
import { APP_VERSION, PROTOCOL_VERSION } from '../../core/protocol/version.ts';
import { languageName } from '../../i18n/translator.ts';
import { INTERFACE, isDraft } from '../../i18n/words.ts';
import { More } from '../../view/more.tsx';
import type { App } from '../shell/app.ts';
import { useGoing, useLazy } from '../shell/hooks.ts';
import { sounds, type Theme, theme, words } from '../shell/settings.ts';
import { play, prepareTones } from '../shell/tones.ts';

const WORDS_IN = INTERFACE.map((lang) => ({ lang, name: languageName(lang), draft: isDraft(lang) }));

const loadFonts = async () => (await import('../parts.ts')).fonts;

/** The page behind "Plus", from what this device knows. */
export function MoreScreen({ app, library }: { readonly app: App; readonly library: LibraryView | undefined }) {
  const status = app.client.status.value;
  const [persisted, setPersisted] = useState<boolean>();
  const fonts = useLazy(loadFonts);
  useEffect(() => {
    void navigator.storage?.persisted?.().then(setPersisted, () => {});
  }, [app, status]);
  const { lang: read } = app.context.value;
  const [going, setGoing] = useGoing<string>((shelf) => app.client.release(shelf));
  const languages = (library?.languages ?? []).map(({ lang, kept, coming, standsIn, bytes, collections }) => ({
    lang,
    name: languageName(lang),
    kept,
    coming,
    bytes,
    canGo: (kept || coming) && lang !== read && !standsIn,
    isGoing: lang === going,
    collections: collections.map((line) => ({ ...line, isGoing: line.shelf === going })),
  }));

  // Buttons and choices are the view's; what happens to them bubbles up to here.
  useEffect(() => {
    const onClick = ({ target, detail }: MouseEvent): void => {
      const { id } = target as Element;
      const button = (target as Element).closest<HTMLElement>('button[data-language]');
      // The second tap of two on `Ajouter` takes nothing away again.
      if (button && detail < 2) setGoing('undo' in button.dataset ? undefined : button.dataset.language);
      const keep = (target as Element).closest<HTMLElement>('button[data-keep]')?.dataset.keep;
      if (keep !== undefined) app.client.keep(keep);
      const script = fonts?.kept.value.find((one) => one === (target as HTMLElement).dataset.letters);
      if (script) void fonts?.drop(script);
      if (id === 'persist') void navigator.storage?.persist?.().then(setPersisted, () => {});
      if (id !== 'sounds') return;
      sounds.value = sounds.value === 'on' ? 'off' : 'on';
      prepareTones();
      play('kept');
    };
    const onChange = ({ target }: Event): void => {
      if (target instanceof HTMLInputElement && target.name === 'theme') theme.value = target.value as Theme;
      if (!(target instanceof HTMLSelectElement && target.name === 'words')) return;
      words.value = target.value;
      void app.speakOwn();
      app.shell.warm(target.value || app.context.value.lang, true);
    };
    addEventListener('click', onClick);
    addEventListener('change', onChange);
    return () => {
      removeEventListener('click', onClick);
      removeEventListener('change', onChange);
    };
  }, [fonts]);

  return (
    <More
      v={app.context.value}
      languages={languages}
      fingerprint={status?.fingerprint}
      persisted={persisted}
      settings={{
        theme: theme.value,
        sounds: sounds.value,
        words: words.value,
        wordsIn: WORDS_IN,
      }}
      letters={(fonts?.kept.value ?? []).map((script) => ({
        script,
        name: fonts?.scriptName(script, app.context.value.words) ?? script,
      }))}
      version={`${APP_VERSION}.${PROTOCOL_VERSION}`}
    />
  );
}
