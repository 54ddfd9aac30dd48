import type { ComponentChildren } from 'preact';
import type { Language, ViewContext } from './context.ts';
import { Icon } from './icon.tsx';

/** First thing in `<body>`: jumps to `<main id="main" tabindex="-1">`. */
export function SkipLink({ v }: { readonly v: ViewContext }) {
  return (
    <a class="skip" href="#main">
      {v.t('a11y.skip')}
    </a>
  );
}

interface HeaderProps {
  readonly v: ViewContext;
  /** The centre's own name. Not a heading: the page's `h1` is in `main`, which is what changes. */
  readonly title: string;
  readonly sub?: ComponentChildren;
  /** What stands in the link-state slot until an island takes it. */
  readonly children?: ComponentChildren;
}

/** The centre's band, its name, and the slot for the state of the link. */
export function Header({ title, sub, children }: HeaderProps) {
  return (
    <header class="top">
      <div class="name">
        <p>
          <bdi>{title}</bdi>
        </p>
        <small id="news">{sub}</small>
      </div>
      <div id="link">{children}</div>
    </header>
  );
}

export type BarSlot = 'home' | 'answers';

/** The bar that stays where it is: home, my answer, and leaving without a trace. */
export function Bar({ v, current }: { readonly v: ViewContext; readonly current?: BarSlot }) {
  const home = `/${v.lang}/`;
  const here = (slot: BarSlot) => (slot === current ? { 'aria-current': 'page' as const } : {});
  return (
    <nav class="bar" aria-label={v.t('a11y.bar')}>
      <a href={home} {...here('home')}>
        <Icon v={v} name="house" />
        {v.t('bar.home')}
      </a>
      <a href={`${home}-/answers`} {...here('answers')}>
        <Icon v={v} name="bubble" />
        {v.t('bar.answers')}
      </a>
      <a href={home} id="done">
        <Icon v={v} name="door" />
        {v.t('bar.done')}
      </a>
    </nav>
  );
}

interface LanguagesProps {
  readonly v: ViewContext;
  readonly languages: readonly Language[];
}

/** Languages by their own names in one row, the chosen one first: the pictures below stay where they are. Nothing where there is no choice. */
export function Languages({ v, languages }: LanguagesProps) {
  if (languages.length < 2) return null;
  const inOrder = [...languages].sort((a, b) => Number(b.lang === v.lang) - Number(a.lang === v.lang));
  return (
    <nav class="langs" aria-label={v.t('a11y.languages')}>
      {inOrder.map(({ lang, name, href, heard }) => (
        <a key={lang} href={href} lang={lang} hreflang={lang} aria-current={lang === v.lang ? 'true' : undefined}>
          {heard && <Icon v={v} name="speaker" />}
          {name}
        </a>
      ))}
    </nav>
  );
}
