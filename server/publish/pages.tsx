import type { FormItem, LibraryItem } from '../../src/core/protocol/item.ts';
import { APP_VERSION, PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { languageName } from '../../src/i18n/translator.ts';
import { All } from '../../src/view/all.tsx';
import { MyAnswers } from '../../src/view/answers.tsx';
import { Article } from '../../src/view/article.tsx';
import type { Language } from '../../src/view/context.ts';
import { AnswerForm } from '../../src/view/form.tsx';
import { Home } from '../../src/view/home.tsx';
import { Missing } from '../../src/view/missing.tsx';
import { More } from '../../src/view/more.tsx';
import { renderPage } from './document.ts';
import { Frame } from './frame.tsx';
import { type AppFiles, viewContext } from './site.ts';

/** The plain pages: what people first see, readable before any script, and all there is where no script ever runs. */
export interface PagesInput {
  readonly app: AppFiles;
  /** Identity of the root that signs the library. */
  readonly fingerprint: string;
  readonly centre: Readonly<Record<string, string>>;
  readonly languages: readonly string[];
  /** Items and forms by language. */
  readonly shelves: ReadonlyMap<
    string,
    { readonly items: readonly LibraryItem[]; readonly forms: readonly FormItem[] }
  >;
}

/** Page path (`fr/index`, `fr/akashganga`, without ending) -> HTML. */
export type Pages = ReadonlyMap<string, string>;

const languagesAt = (languages: readonly string[], path: string): readonly Language[] =>
  languages.map((lang) => ({ lang, name: languageName(lang), href: `/${lang}/${path}` }));

export const renderPages = ({ app, fingerprint, centre, languages, shelves }: PagesInput): Pages => {
  const pages = new Map<string, string>();
  for (const [lang, { items, forms }] of shelves) {
    const v = viewContext(lang);
    const name = centre[lang] ?? Object.values(centre)[0] ?? '';
    const sorted = [...items].sort((a, b) => a.order - b.order);
    const common = { lang, app };
    const homes = languagesAt(languages, '');
    pages.set(
      `${lang}/index`,
      renderPage({
        ...common,
        title: name,
        description: sorted.map(({ title }) => title).join(', '),
        alternates: homes,
        body: (
          <Frame v={v} centre={name} current="home">
            <Home v={v} centre={name} items={sorted} languages={homes} moreHref={`/${lang}/-/more`} />
          </Frame>
        ),
      }),
    );
    for (const item of sorted) {
      const here = languagesAt(
        languages.filter((other) => shelves.get(other)?.items.some(({ id }) => id === item.id)),
        item.id,
      );
      const form = forms.find(({ id }) => id === item.form);
      pages.set(
        `${lang}/${item.id}`,
        renderPage({
          ...common,
          title: v.t('title.page', { title: item.title, centre: name }),
          description: item.summary,
          alternates: here,
          body: (
            <Frame v={v} centre={name}>
              <Article v={v} item={item} languages={here} />
              {form && <AnswerForm v={v} form={form} itemId={item.id} />}
            </Frame>
          ),
        }),
      );
    }
    pages.set(
      `${lang}/-/answers`,
      renderPage({
        ...common,
        title: v.t('title.page', { title: v.t('answers.title'), centre: name }),
        description: v.t('answers.title'),
        alternates: languagesAt(languages, '-/answers'),
        body: (
          <Frame v={v} centre={name} current="answers">
            <MyAnswers v={v} mine={[]} counts={{ kept: 0, arrived: 0, attention: 0 }} plain />
          </Frame>
        ),
      }),
    );
    pages.set(
      `${lang}/-/more`,
      renderPage({
        ...common,
        title: v.t('title.page', { title: v.t('more.title'), centre: name }),
        description: v.t('more.title'),
        alternates: languagesAt(languages, '-/more'),
        body: (
          <Frame v={v} centre={name}>
            <More
              v={v}
              languages={languagesAt(languages, '')}
              fingerprint={fingerprint}
              version={`${APP_VERSION}.${PROTOCOL_VERSION}`}
            />
          </Frame>
        ),
      }),
    );
    pages.set(
      `${lang}/-/all`,
      renderPage({
        ...common,
        title: v.t('title.page', { title: v.t('all.title'), centre: name }),
        description: v.t('all.title'),
        alternates: languagesAt(languages, '-/all'),
        body: (
          <Frame v={v} centre={name}>
            <All v={v} items={sorted} />
          </Frame>
        ),
      }),
    );
    pages.set(
      `${lang}/-/missing`,
      renderPage({
        ...common,
        title: v.t('title.page', { title: v.t('missing.never.title'), centre: name }),
        description: v.t('missing.never.title'),
        alternates: [],
        body: (
          <Frame v={v} centre={name}>
            <Missing v={v} known={false} />
          </Frame>
        ),
      }),
    );
  }
  return pages;
};
