import { relatedTo } from '../../src/core/protocol/card.ts';
import { Article } from '../../src/view/article.tsx';
import { AnswerForm } from '../../src/view/form.tsx';
import type { PageMaker } from './pages.tsx';

/** A page for each item: in its own words, or in those that stand in for them. */
export const itemPages = ({ v, lang, items, cards, forms, today, everywhere, languagesOf, add }: PageMaker): void => {
  for (const item of items) {
    const form = forms.find(({ id }) => id === item.form);
    const written = everywhere(item.id).filter((other) => languagesOf(item.id).includes(other.lang));
    add({
      path: item.id,
      title: item.title,
      description: item.summary,
      alternates: written,
      ...(item.lang !== lang && { canonical: `/${item.lang}/${item.id}` }),
      body: (
        <>
          <Article v={v} item={item} today={today} related={relatedTo(item, cards, today)} languages={written} />
          {form && <AnswerForm v={v} form={form} itemId={item.id} />}
        </>
      ),
    });
  }
};
