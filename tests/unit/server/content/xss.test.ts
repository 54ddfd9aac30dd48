import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import { ContentError } from '../../../../server/content/problems.ts';
import { renderPage } from '../../../../server/publish/document.ts';
import { viewContext } from '../../../../server/publish/site.ts';
import { isReadable, type LibraryItem } from '../../../../src/core/protocol/item.ts';
import { Article } from '../../../../src/view/article.tsx';
import { ITEM, lines, MATTER, read, SHARED, SHARED_FILE, TEXT, withLine } from './content-folder.ts';

/** Whatever stands in the source of an item, its page has our elements, our attributes, and addresses of the kinds that we follow. */

const URLS = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'java\tscript:alert(1)',
  '\u0001javascript:alert(1)',
  'javascript&colon;alert(1)',
  '&#106;&#97;vascript:alert(1)',
  'vbscript:msgbox(1)',
  'data:text/html,<script>alert(1)</script>',
  'data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==',
  'data:image/svg+xml,<svg onload=alert(1)>',
  'blob:https://example.org/1',
  'file:///etc/passwd',
  'intent://scan/#Intent;scheme=zxing;end',
  'ftp://example.org',
  'http://example.org',
  '//example.org',
  '\\\\example.org',
  '/\\example.org',
  'https:evil',
  'https://',
  'tel:',
  'mailto:a@example.org',
  '../inbox',
  '/inbox',
  '?online',
  '#answer',
];

const HTML = [
  '<script>alert(1)</script>',
  '<ScRiPt src=https://example.org/x.js></sCrIpT>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<math><mtext></mtext><a href=javascript:alert(1)>x</a></math>',
  '<body onload=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '<form action=https://example.org><input name=words></form>',
  '<style>*{background:url(https://example.org)}</style>',
  '<link rel=stylesheet href=https://example.org>',
  '<meta http-equiv=refresh content="0;url=https://example.org">',
  '<base href=https://example.org>',
  '<object data=x></object><embed src=x>',
  '<!--><script>alert(1)</script>-->',
  '<![CDATA[<script>alert(1)</script>]]>',
  '</article><script>alert(1)</script>',
  '"><script>alert(1)</script>',
  "' onmouseover=alert(1) x='",
  '<details ontoggle=alert(1) open>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '\u003cscript\u003ealert(1)\u003c/script\u003e',
  '{{constructor.constructor("alert(1)")()}}',
  '$' + '{alert(1)}',
  'javascript:alert(1)',
];

const MARKDOWN = [
  ...HTML,
  ...URLS.flatMap((url) => [`[x](${url})`, `[x](<${url}>)`, `![x](${url})`, `<${url}>`, `[x][y]\n\n[y]: ${url}`]),
  ...URLS.map((url) => `**[x](${url} "title")**`),
  '```html\n<script>alert(1)</script>\n```',
  '```register\ntitle: <script>alert(1)</script>\ncolumns: ["<img src=x onerror=alert(1)>"]\nrows: 2\nexample: [["</td><script>alert(1)</script>"]]\n```',
  '```formula\n<img src=x onerror=alert(1)> = 2\n```',
  '| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |',
  '> [!note] <script>alert(1)</script>',
  '> [!<script>] x',
  'x[^<script>alert(1)</script>]',
  'x[^visit" onclick="alert(1)]',
  '[^visit]: <script>alert(1)</script>',
];

const ELEMENTS = new Set(
  'a article b bdi button dd details dfn div dl dt figcaption figure form h1 h2 h3 i li ol p section small span summary sup svg table tbody td th thead tr ul use'.split(
    ' ',
  ),
);
const ATTRIBUTES = new Set(
  'aria-hidden aria-label class colspan data-sheet dir href hreflang id lang role scope tabindex type viewBox'.split(
    ' ',
  ),
);
const ADDRESS = /^(?:#[\w-]+|\/[a-z]{2}\/[\w/-]*|https:\/\/\S+|tel:\S+)$/;

/** What the page of an item has that it may not have. */
const foreignIn = (item: LibraryItem): string[] => {
  const v = viewContext('fr');
  const html = renderToString(
    h(Article, { v, item, centre: '', fingerprint: undefined, today: '2026-05-01', related: [] }),
  );
  const found: string[] = [];
  for (const [, name = '', attributes = ''] of html.matchAll(/<(?!\/)([^\s>/]*)((?:"[^"]*"|[^>"])*)>/g)) {
    if (!ELEMENTS.has(name)) found.push(`<${name}>`);
    for (const [, key = '', value = ''] of attributes.matchAll(/\s([^\s=>]+)(?:="([^"]*)")?/g)) {
      if (!ATTRIBUTES.has(key)) found.push(`<${name} ${key}>`);
      if (key === 'href' && !ADDRESS.test(value)) found.push(value);
    }
  }
  return found;
};

/** Reads a library with this source: whether it was refused, and what its page has that it may not have. */
const judge = (files: Readonly<Record<string, string>>): { readonly refused: boolean; readonly foreign: string[] } => {
  try {
    const items = read(files).items.map((item) => ({ ...item, rev: 1 }) as LibraryItem);
    return { refused: false, foreign: items.filter(isReadable).flatMap(foreignIn) };
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    return { refused: true, foreign: [] };
  }
};

const quoted = (text: string): string => JSON.stringify(text);

describe('in the text', () => {
  it.each(MARKDOWN)('%j', (vector) => {
    expect(judge({ [ITEM]: lines(...MATTER, vector) }).foreign).toEqual([]);
    expect(judge({ [ITEM]: lines(...MATTER, `Une pompe ${vector} au village.`) }).foreign).toEqual([]);
  });

  it('an address that we do not follow is refused, and none of them passes as text', () => {
    for (const url of URLS.filter((one) => /^[!-~]+$/.test(one)))
      expect([url, judge({ [ITEM]: lines(...MATTER, `[x](<${url}>)`) }).refused]).toEqual([url, true]);
  });

  it('HTML is refused', () => {
    for (const vector of HTML.filter((one) => /^<(?:script|img|svg|iframe|a |form|style|base|!--)/i.test(one)))
      expect([vector, judge({ [ITEM]: lines(...MATTER, vector) }).refused]).toEqual([vector, true]);
  });
});

describe('in the fields', () => {
  it.each(HTML)('%j', (vector) => {
    const short = vector.slice(0, 60);
    const matter = withLine(withLine(MATTER, 2, `title: ${quoted(short)}`), 4, `place: ${quoted(vector.slice(0, 80))}`);
    expect(judge({ [ITEM]: lines(...matter, ...TEXT) }).foreign).toEqual([]);
    const source = withLine(
      SHARED,
      6,
      `    title: ${quoted(vector)}`,
      `    at: ${quoted(vector)}`,
      `    by: ${quoted(short)}`,
    );
    expect(judge({ [SHARED_FILE]: lines(...source) }).foreign).toEqual([]);
  });

  it('titles and descriptions cannot leave the head of the page', () => {
    let harmless: readonly string[] | undefined;
    for (const vector of ['La pompe', ...HTML]) {
      const html = renderPage({
        lang: 'fr',
        words: 'fr',
        title: vector,
        description: vector,
        body: h('p', null, 'x'),
        app: undefined,
        alternates: [],
      });
      const tags = html.match(/<(?!\/)[^\s>]*(?:"[^"]*"|[^>"])*>/g)?.map((tag) => tag.replace(/content="[^"]*"/, ''));
      harmless ??= tags;
      expect(tags).toEqual(harmless);
    }
  });
});

it('the rules would find a script, a handler and an address', () => {
  const item = judge({}).foreign;
  expect(item).toEqual([]);
  const { items } = read();
  const pump = { ...items.find(({ id }) => id === 'pump'), rev: 1 } as LibraryItem;
  // A tree from a hostile writer: the renderer has to hold by itself.
  const body = [{ t: 'p' as const, c: [{ t: 'a' as const, href: 'javascript:alert(1)', c: ['x'] }] }];
  expect(foreignIn({ ...pump, body })).toEqual([]);
  expect(ADDRESS.test('javascript:alert(1)')).toBe(false);
  expect(ELEMENTS.has('script')).toBe(false);
  expect(ATTRIBUTES.has('onclick')).toBe(false);
});
