import { renderToString } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import type { FormItem, LibraryItem } from '../../../src/core/protocol/item.ts';
import { formatters } from '../../../src/i18n/formatters.ts';
import { Article } from '../../../src/view/article.tsx';
import type { ViewContext } from '../../../src/view/context.ts';
import { AnswerForm } from '../../../src/view/form.tsx';
import { ListPage, Ways } from '../../../src/view/list.tsx';

/** The language of each part of a page, as a screen reader and a font are told it: a French text on an Arabic page, and names in a third language. */

/** Every word of the interface, in this test. */
const WORDS = 'كلمة';
const v: ViewContext = {
  lang: 'ha',
  words: 'ar',
  draft: false,
  dir: 'rtl',
  t: (_key, values) => [WORDS, ...Object.values(values ?? {})].join(' '),
  icon: '',
  formatters: formatters('ar'),
};

interface Told {
  readonly text: string;
  readonly lang: string;
  readonly dir: string;
}

/** All texts and labels of a page, with the language and the direction that hold for them. */
const toldIn = (html: string): readonly Told[] => {
  const open: { lang: string; dir: string }[] = [{ lang: 'ar', dir: 'rtl' }];
  const told: Told[] = [];
  const add = (text: string): void => {
    if (/\p{L}/u.test(text)) told.push({ text, ...(open.at(-1) as { lang: string; dir: string }) });
  };
  for (const [, close, tag = '', attributes = '', text] of html.matchAll(
    /<(\/?)([a-z0-9]+)((?: [^<>]*)?)>|([^<>]+)/gi,
  )) {
    if (text !== undefined) add(text);
    else if (close) open.pop();
    else {
      const of = (name: string): string | undefined => new RegExp(` ${name}="([^"]*)"`).exec(attributes)?.[1];
      const around = open.at(-1) as { lang: string; dir: string };
      const own = { lang: of('lang') ?? around.lang, dir: of('dir') ?? around.dir };
      open.push(own);
      const label = of('aria-label');
      if (label) add(label);
      if (attributes.endsWith('/') || /^(?:input|img|source|br|hr)$/i.test(tag)) open.pop();
    }
  }
  return told;
};

const common = {
  v: 1,
  id: 'well',
  lang: 'fr',
  rev: 3,
  title: 'Le puits',
  summary: 'Résumé',
  place: 'Lieu',
  picture: 'radio',
  order: 1,
  tags: [],
  related: [],
  sources: [],
  review: { state: 'human-draft' },
  licence: 'CC-BY-4.0',
  form: 'short',
  body: [
    { t: 'h', l: 2, c: ['Titre'] },
    { t: 'note', k: 'unsure', c: [{ t: 'p', c: ['Douteux'] }] },
    { t: 'table', head: [['Colonne']], rows: [[['Exemple']]] },
    { t: 'register', title: 'Registre', columns: ['Colonne'], example: [['Exemple']], lines: 2 },
  ],
} as const;

const ITEMS: readonly LibraryItem[] = [
  { ...common, kind: 'case' },
  {
    ...common,
    kind: 'sheet',
    fields: [
      { key: 'a', label: 'Champ', value: { t: 'text', v: 'Valeur' }, inferred: true, note: 'Note' },
      { key: 'b', label: 'Durée', value: { t: 'period', from: '2002-01', to: '2003-01' } },
    ],
  } as unknown as LibraryItem,
  { ...common, kind: 'guide', who: 'Un', time: 'Deux heures', tools: ['Pelle'] },
  { ...common, kind: 'bulletin', urgency: 1, area: 'Zone', issued: '2026-01-01', until: '2999-01-01' },
  { ...common, kind: 'bulletin', urgency: 1, area: 'Zone', issued: '2026-01-01', until: '2026-01-02' },
  { ...common, kind: 'story', community: 'Ceux de Tillia', consent: { record: 'a', on: '2026-01-01' } },
  { ...common, kind: 'reference', type: 'document', gone: true, terms: [{ term: 'Mot', says: 'Sens' }] },
];

describe('a French text on an Arabic page', () => {
  it.each(ITEMS.map((item) => [item.kind, item] as const))('%s: each part says its language', (_, item) => {
    const html = renderToString(
      <Article v={v} item={item} centre="مركز" fingerprint="ABC" today="2026-05-15" related={[]} />,
    );
    const told = toldIn(html);
    const words = told.filter(({ text }) => text.includes(WORDS));
    expect(words.length).toBeGreaterThan(8);
    expect(words.filter(({ lang }) => lang !== 'ar')).toEqual([]);
    // But for the labels of what stands in the line or scrolls from its own first column.
    expect(words.filter(({ dir }) => dir !== 'rtl')).toHaveLength(1);
    const texts = told.filter(({ text }) =>
      /^(?:Le puits|Résumé|Lieu|Titre|Douteux|Registre|Colonne|Exemple|Champ|Durée|Valeur|Note|Un|Deux|Pelle|Zone$|Ceux|Mot|Sens)/.test(
        text,
      ),
    );
    expect(texts.length).toBeGreaterThan(8);
    expect(texts.filter(({ lang, dir }) => lang !== 'fr' || dir === 'rtl')).toEqual([]);
  });

  it('a form in French says its errors in the page’s words', () => {
    const form = { ...common, kind: 'form', submit: 'Envoyer', questions: [] } as unknown as FormItem;
    const html = renderToString(<AnswerForm v={v} form={form} itemId="well" />);
    expect(html).toMatch(/<form [^>]*lang="fr"/);
    expect(html).toMatch(/id="answer-error" lang="ar" dir="rtl"/);
  });
});

it('names of the library are in the language of its texts', () => {
  const names = [{ facet: 'need', values: [['money', 'Kuɗi']] }] as const;
  const card = { ...common, kind: 'case', tags: ['need:money'] } as never;
  const html = renderToString(
    <>
      <ListPage v={v} title="Kuɗi" isName items={[]} />
      <Ways v={v} names={names} items={[card]} />
    </>,
  );
  const told = toldIn(html).filter(({ text }) => text.startsWith('Kuɗi'));
  expect(told).toHaveLength(2);
  expect(told.every(({ lang, dir }) => lang === 'ha' && dir === 'ltr')).toBe(true);
});
