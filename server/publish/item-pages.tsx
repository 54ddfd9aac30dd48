import { relater } from '../../src/core/protocol/card.ts';
import type { FormItem } from '../../src/core/protocol/item.ts';
import { Article } from '../../src/view/article.tsx';
import type { ViewContext } from '../../src/view/context.ts';
import { AnswerForm } from '../../src/view/form.tsx';
import { pageLanguage } from '../../src/view/language.ts';
import type { PageMaker } from './pages.tsx';

/** A form whose button is closed sends nothing, by Enter neither. */
const noteBelow = (v: ViewContext, form: FormItem) => (
  <p class="sub" id="answer-plain" {...pageLanguage(v, form.lang)}>
    {v.t('form.plain')}
  </p>
);

/** A page for each item: in its own words, or in those that stand in for them. */
export const itemPages = (maker: PageMaker): void => {
  const {
    v,
    lang,
    centre,
    items,
    hashes,
    cards,
    collections,
    forms,
    today,
    fingerprint,
    isStatic,
    everywhere,
    languagesOf,
    add,
  } = maker;
  const relatedTo = relater(cards, today);
  // What is in a collection leads to what is beside it too; from the rest of the library nothing leads into hundreds of sheets by itself.
  const inCollections = new Map(
    collections.flatMap(({ cards: own }) => {
      const related = relater([...cards, ...own], today);
      return own.map(({ id }) => [id, related] as const);
    }),
  );
  for (const item of items) {
    const form = forms.find(({ id }) => id === item.form);
    const there = languagesOf(item.id);
    const written = everywhere(item.id).filter((other) => there.includes(other.lang));
    const related = (inCollections.get(item.id) ?? relatedTo)(item);
    add({
      path: item.id,
      title: item.title,
      description: item.summary,
      alternates: written,
      ...(item.lang !== lang && { canonical: `/${item.lang}/${item.id}` }),
      // Only a notice looks at the day.
      from: [fingerprint, hashes.get(item.id), form && hashes.get(form.id), related, item.kind === 'bulletin' && today],
      body: () => (
        <>
          <Article
            v={v}
            fingerprint={fingerprint}
            item={item}
            centre={centre}
            today={today}
            related={related}
            languages={written}
          />
          {form && <AnswerForm v={v} form={form} itemId={item.id} {...(isStatic && { note: noteBelow(v, form) })} />}
        </>
      ),
    });
  }
};
