import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { direction } from '../../src/i18n/direction.ts';
import css from '../../src/view/styles/page.css?inline';
import { type AppFiles, symbols } from './site.ts';

/** One page as HTML: text first, one inlined sheet, only the drawings it uses, the script last. */
export interface PageInput {
  /** Of the texts. */
  readonly lang: string;
  /** Of the interface's words. */
  readonly words: string;
  readonly title: string;
  readonly description: string;
  readonly body: VNode;
  readonly app: AppFiles | undefined;
  /** Other languages of the same page. */
  readonly alternates: readonly { readonly lang: string; readonly href: string }[];
  /** The one address of this text: `?online` is none, nor is a page that only stands in for it. */
  readonly canonical?: string | undefined;
}

/** The sheet inside every page; its hash stands in the hub's policy. */
export const pageStyle: string = css.trim();

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const usedSymbols = (html: string): string => {
  const names = new Set(Array.from(html.matchAll(/<use href="#([\w-]+)"/g), ([, name]) => name ?? ''));
  return [...names].map((name) => symbols.get(name) ?? '').join('');
};

export const renderPage = ({
  lang,
  words,
  title,
  description,
  body,
  app,
  alternates,
  canonical,
}: PageInput): string => {
  const html = renderToString(body);
  const links = alternates
    .map((other) => `<link rel="alternate" hreflang="${other.lang}" href="${other.href}">`)
    .join('');
  const own = canonical === undefined ? '' : `<link rel="canonical" href="${canonical}">`;
  const texts = lang === words ? '' : ` data-lang="${lang}"`;
  const script = app
    ? `<script defer src="${app.list}"></script><script type="module" src="${app.script}"></script>`
    : '';
  return [
    `<!doctype html><html lang="${words}" dir="${direction(words)}"${texts}><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escapeHtml(title)}</title><meta name="description" content="${escapeHtml(description)}">`,
    '<meta name="theme-color" content="#1B2450"><link rel="icon" href="/icon.svg" type="image/svg+xml">',
    `<link rel="manifest" href="/manifest.webmanifest">${links}${own}<style>${pageStyle}</style></head>`,
    `<body>${html}<svg class="defs" aria-hidden="true">${usedSymbols(html)}</svg>${script}</body></html>`,
  ].join('');
};
