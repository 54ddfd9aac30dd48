import { createHash } from 'node:crypto';
import type { VNode } from 'preact';
import type { Card } from '../../src/core/protocol/card.ts';
import type { FacetNames, FormItem, LibraryItem } from '../../src/core/protocol/item.ts';
import { APP_VERSION, PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { languageName } from '../../src/i18n/translator.ts';
import { MyAnswers } from '../../src/view/answers.tsx';
import { PlainCarry } from '../../src/view/carry.tsx';
import type { Language, ViewContext } from '../../src/view/context.ts';
import type { BarSlot } from '../../src/view/frame.tsx';
import { Home } from '../../src/view/home.tsx';
import { Missing } from '../../src/view/missing.tsx';
import { More } from '../../src/view/more.tsx';
import { PlainNetwork } from '../../src/view/network.tsx';
import { renderPage } from './document.ts';
import { Frame } from './frame.tsx';
import { itemPages } from './item-pages.tsx';
import { listPages } from './list-pages.tsx';
import { type AppFiles, viewContext } from './site.ts';
import { forFiles } from './static-page.ts';

/** The plain pages: what people first see, readable before any script, and all there is where no script ever runs. */
export interface PagesInput {
  readonly app: AppFiles;
  /** Identity of the root that signs the library. */
  readonly fingerprint: string;
  readonly languages: readonly string[];
  /** ISO day of the publication. */
  readonly today: string;
  readonly shelves: ReadonlyMap<string, Reading>;
  /** Hash of the inlined sheet. */
  readonly styleHash: string;
  /** For a host of files without a hub. */
  readonly isStatic: boolean;
  /** Which build makes them: another one may make other pages of the same texts. */
  readonly build: string;
}

/** The library as a reader of one language has it. */
export interface Reading {
  /** The centre's own name. */
  readonly centre: string;
  readonly names: readonly FacetNames[];
  /** Languages in which something can be heard. */
  readonly heard: readonly string[];
  /** Each item in the closest language that it exists in, those of collections behind all others. */
  readonly items: readonly LibraryItem[];
  /** SHA-256 of items and forms, by id. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Cards of those that are in no collection, in the library's order. */
  readonly cards: readonly Card[];
  /** Collections that have something here, each with its cards in the library's order. */
  readonly collections: readonly ReadCollection[];
  readonly forms: readonly FormItem[];
}

/** A collection in one language. */
export interface ReadCollection {
  readonly id: string;
  readonly name: string;
  readonly cards: readonly Card[];
}

/** A page that is rendered only where it is not there yet. */
export interface Page {
  /** `fr/index`, `fr/akashganga`, without ending. */
  readonly path: string;
  /** Changes whenever the page does. */
  readonly key: string;
  readonly render: () => string;
}

/** What a page is made of besides its frame. */
export interface PageParts {
  /** Path below the language: `index`, `akashganga`, `-/all`. */
  readonly path: string;
  readonly title: string;
  readonly description: string;
  readonly body: () => VNode;
  /** All that the body is made from, as JSON: the page is made anew where it says something else. */
  readonly from: unknown;
  /** Other languages of the same page. */
  readonly alternates: readonly Language[];
  /** Where the text itself stands, if this page only stands in for it; else the page's own address. */
  readonly canonical?: string;
  readonly current?: BarSlot;
}

/** One language's pages in the making. */
export interface PageMaker extends Reading {
  readonly v: ViewContext;
  readonly lang: string;
  readonly today: string;
  readonly fingerprint: string;
  readonly isStatic: boolean;
  /** The same page in each language of the library. */
  readonly everywhere: (path: string) => readonly Language[];
  /** The languages that an item has a text in. */
  readonly languagesOf: (id: string) => readonly string[];
  readonly add: (parts: PageParts) => void;
}

/** Stands at every address that is none. */
const MISSING = '-/missing';

/** All pages of the library. */
export const pagesOf = (input: PagesInput): Page[] => {
  const { app, fingerprint, languages, today, shelves, styleHash, isStatic, build } = input;
  const pages: Page[] = [];
  const texts = new Map<string, string[]>();
  for (const [lang, { items }] of shelves)
    for (const { id } of items.filter((item) => item.lang === lang)) texts.set(id, [...(texts.get(id) ?? []), lang]);
  for (const [lang, reading] of shelves) {
    const v = viewContext(lang, isStatic);
    const frame = [build, styleHash, app, reading.centre];
    const maker: PageMaker = {
      ...reading,
      v,
      lang,
      today,
      fingerprint,
      isStatic,
      everywhere: (path) =>
        languages.map((other) => ({ lang: other, name: languageName(other), href: `/${other}/${path}` })),
      languagesOf: (id) => texts.get(id) ?? [],
      add: ({ body, from, current, ...parts }) => {
        const path = `${lang}/${parts.path}`;
        const title =
          parts.path === 'index' ? parts.title : v.t('title.page', { title: parts.title, centre: reading.centre });
        const html = (): string =>
          renderPage({
            lang,
            words: v.words,
            app,
            description: parts.description,
            alternates: parts.alternates,
            canonical:
              parts.canonical ??
              (parts.path === MISSING ? undefined : `/${lang}/${parts.path === 'index' ? '' : parts.path}`),
            title,
            body: (
              <Frame v={v} centre={reading.centre} {...(current && { current })}>
                {body()}
              </Frame>
            ),
          });
        const render = isStatic ? () => forFiles(html(), languages, styleHash) : html;
        pages.push({ path, key: hashOf([frame, path, title, parts, from]), render });
      },
    };
    ownPages(maker, fingerprint);
    itemPages(maker);
    listPages(maker);
  }
  return pages;
};

const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);

/** Pages that every library has, whatever is in it. */
const ownPages = (maker: PageMaker, fingerprint: string): void => {
  const { v, centre, cards, names, heard, today, everywhere, add } = maker;
  const homes = everywhere('').map((home) => ({ ...home, heard: heard.includes(home.lang) }));
  add({
    path: 'index',
    title: centre,
    description: v.formatters.list(cards.slice(0, 6).map(({ title }) => title)),
    alternates: homes,
    current: 'home',
    from: [cards, today, names],
    body: () => <Home v={v} centre={centre} items={cards} today={today} names={names} languages={homes} />,
  });
  add({
    path: '-/answers',
    title: v.t('answers.title'),
    description: v.t('answers.title'),
    alternates: everywhere('-/answers'),
    current: 'answers',
    from: null,
    body: () => <MyAnswers v={v} mine={[]} counts={{ kept: 0, held: 0, arrived: 0, attention: 0 }} plain />,
  });
  add({
    path: '-/more',
    title: v.t('more.title'),
    description: v.t('more.title'),
    alternates: everywhere('-/more'),
    from: [fingerprint, APP_VERSION, PROTOCOL_VERSION],
    body: () => (
      <More v={v} languages={homes} fingerprint={fingerprint} version={`${APP_VERSION}.${PROTOCOL_VERSION}`} />
    ),
  });
  add({
    path: '-/network',
    title: v.t('network.title'),
    description: v.t('network.title'),
    alternates: everywhere('-/network'),
    from: null,
    body: () => <PlainNetwork v={v} />,
  });
  add({
    path: '-/carry',
    title: v.t('carry.title'),
    description: v.t('carry.title'),
    alternates: everywhere('-/carry'),
    from: null,
    body: () => <PlainCarry v={v} />,
  });
  add({
    path: MISSING,
    title: v.t('missing.never.title'),
    description: v.t('missing.never.title'),
    alternates: [],
    from: null,
    body: () => <Missing v={v} known={false} />,
  });
};
