import { effect } from '@preact/signals';
import { render } from 'preact';
import { direction } from './i18n/direction.ts';
import { formatters } from './i18n/formatters.ts';
import type { Strings } from './i18n/pseudo.ts';
import { translator } from './i18n/translator.ts';
import { inboxApi } from './ui/inbox/api.ts';
import { InboxState } from './ui/inbox/inbox-state.ts';
import { InboxPage } from './ui/inbox/page.tsx';
import { followTheme } from './ui/shell/settings.ts';
import './view/styles/page.css';
import './view/styles/inbox.css';

/** The address of the sprite, put in by the build. */
declare const __SPRITE_URL__: string;

const LANGUAGES: Readonly<Record<string, () => Promise<{ readonly default: Strings }>>> = {
  fr: () => import('../locales/fr.json'),
  en: () => import('../locales/en.json'),
};

/** The first of the browser's languages that the interface has. */
const pageLanguage = (): string => {
  const wanted = navigator.languages.map((tag) => tag.toLowerCase().split('-')[0] ?? '');
  return wanted.find((lang) => lang in LANGUAGES) ?? 'fr';
};

followTheme(document.documentElement);

const start = async (): Promise<void> => {
  const lang = pageLanguage();
  const strings = await LANGUAGES[lang]?.();
  const root = document.getElementById('inbox');
  if (!strings || !root) return;

  const dir = direction(lang);
  const t = translator(lang, strings.default);
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

  render(<InboxPage v={{ lang, dir, t, icon: __SPRITE_URL__, formatters: formatters(lang) }} state={state} />, root);
  show();
};

void start();
