import { effect } from '@preact/signals';
import { render } from 'preact';
import { fileAddress } from './client/app-files.ts';
import { direction } from './i18n/direction.ts';
import { formatters } from './i18n/formatters.ts';
import type { Strings } from './i18n/pseudo.ts';
import { translator } from './i18n/translator.ts';
import { COMPLETE } from './i18n/words.ts';
import { inboxApi } from './ui/inbox/api.ts';
import { InboxState } from './ui/inbox/inbox-state.ts';
import { InboxPage } from './ui/inbox/page.tsx';
import { followTheme } from './ui/shell/settings.ts';
import './view/styles/page.css';
import './view/styles/inbox.css';

const files = import.meta.glob<Strings>(['../locales/*.json', '!../locales/{notes,review}.json'], {
  import: 'default',
});

/** The first of the browser's languages that all words of the inbox are there in. */
const pageLanguage = (): string => {
  const wanted = navigator.languages.map((tag) => tag.toLowerCase().split('-')[0] ?? '');
  return wanted.find((lang) => COMPLETE.includes(lang)) ?? 'fr';
};

followTheme(document.documentElement);

const start = async (): Promise<void> => {
  const lang = pageLanguage();
  const strings = await files[`../locales/${lang}.json`]?.();
  const root = document.getElementById('inbox');
  if (!strings || !root) return;

  const dir = direction(lang);
  const t = translator(lang, strings);
  document.documentElement.lang = lang;
  document.documentElement.dir = dir;

  const clock = {
    now: () => Date.now(),
    after: (ms: number, fn: () => void) => {
      const timer = setTimeout(fn, ms);
      return () => clearTimeout(timer);
    },
  };
  const state = new InboxState(inboxApi(), clock, lang);
  const show = () => state.setVisible(document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', show);
  for (const kind of ['keydown', 'pointerdown', 'wheel', 'touchmove'] as const) {
    addEventListener(kind, () => state.stir(), { passive: true });
  }
  // A page from the back/forward cache is one that was left: it asks again, and shows nothing if signed out meanwhile.
  addEventListener('pageshow', (event) => event.persisted && show());

  effect(() => {
    const unread = state.screen.value === 'list' ? state.unread.value : 0;
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${t('inbox.title')} · Relais`;
  });

  render(
    <InboxPage
      v={{ lang, words: lang, dir, draft: false, t, icon: fileAddress('sprite.svg'), formatters: formatters(lang) }}
      state={state}
    />,
    root,
  );
  show();
};

void start();
