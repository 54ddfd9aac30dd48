import { useEffect, useRef } from 'preact/hooks';
import type { ItemView, LibraryView } from '../../core/api/worker-api.ts';
import { isAlert } from '../../core/protocol/alerts.ts';
import { relatedTo } from '../../core/protocol/card.ts';
import { languageName } from '../../i18n/translator.ts';
import { Article } from '../../view/article.tsx';
import { AnswerForm } from '../../view/form.tsx';
import { Missing } from '../../view/missing.tsx';
import { takeOver } from '../answer/take-over.ts';
import { addLetters } from '../letters/letters.ts';
import { Offers } from '../library/offers.tsx';
import { liveMedia } from '../media/item-media.tsx';
import { pathOf } from '../route.ts';
import type { App } from '../shell/app.ts';
import { useLive } from '../shell/hooks.ts';
import { readAloud } from '../voice/aloud.ts';
import { NoticeCode } from './notice-code.tsx';

export interface ItemScreenProps {
  readonly app: App;
  readonly lang: string;
  readonly id: string;
  readonly centre: string;
}

/** An item with its form, from the store; it shows up by itself when it comes. */
export function ItemScreen({ app, lang, id, centre }: ItemScreenProps) {
  const v = app.context.value;
  const view = useLive<ItemView>((listener) => app.client.watchItem(lang, id, listener), [lang, id]);
  const library = useLive<LibraryView>((listener) => app.client.watchLibrary(lang, listener), [lang]);
  const holder = useRef<HTMLDivElement>(null);
  const stored = view?.state === 'stored' ? view : undefined;
  const title = stored?.item.title;
  const formKey = stored?.form && `${stored.form.id} ${stored.form.rev}`;

  useEffect(() => {
    if (title !== undefined) document.title = v.t('title.page', { title, centre });
  }, [title, centre, v]);

  useEffect(() => {
    const form = holder.current?.querySelector('form');
    if (!form) return;
    return takeOver(form, {
      session: app.session,
      service: app.answers,
      t: v.t,
      title: title ?? '',
      onSent: () => void app.go(`/${lang}/-/answers`, { justSent: true }),
    });
  }, [formKey, lang, id]);

  // Ends when the text is another: nothing is read on that is not there.
  useEffect(
    () => readAloud(app, document.querySelector('main article')),
    [lang, id, v, stored?.item.lang, stored?.item.rev],
  );

  useEffect(() => addLetters(app, holder.current?.querySelectorAll('textarea') ?? []), [formKey, v]);

  if (!view) return null;
  if (!stored) {
    const known = view.state === 'missing' && view.known;
    const elsewhere = (library?.collections ?? []).filter(({ state }) => state !== 'kept');
    return (
      <Missing v={v} known={known || elsewhere.length > 0}>
        {elsewhere.length > 0 && <Offers app={app} lines={elsewhere} title={v.t('all.maybe')} />}
      </Missing>
    );
  }
  const languages = (library?.languages ?? []).map((other) => ({
    lang: other.lang,
    name: languageName(other.lang),
    href: pathOf(app.route.value, other.lang),
  }));
  const today = library?.today ?? '';
  const { item } = stored;
  const live = liveMedia(app, item);
  const isUrgent = item.kind === 'bulletin' && isAlert(item) && item.until >= today;
  const textKey = `${item.lang} ${item.id} ${item.rev}`;
  const related = relatedTo(item, library?.cards ?? [], today);
  return (
    <>
      <Article
        v={v}
        item={item}
        centre={centre}
        fingerprint={app.client.status.value?.fingerprint}
        today={today}
        related={related}
        languages={languages}
        live={{ ...live, keep: isUrgent ? [live.keep, <NoticeCode key={textKey} app={app} item={item} />] : live.keep }}
      />
      <div ref={holder}>{stored.form && <AnswerForm key={formKey} v={v} form={stored.form} itemId={id} />}</div>
    </>
  );
}
