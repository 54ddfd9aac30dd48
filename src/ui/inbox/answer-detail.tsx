import { useEffect, useRef } from 'preact/hooks';
import type { ViewContext } from '../../view/context.ts';
import { Icon } from '../../view/icon.tsx';
import { KeepNumber } from '../../view/number.tsx';
import { answerTexts, languageText } from './answer-text.ts';
import type { InboxAnswer } from './api.ts';
import type { InboxProps } from './page.tsx';

/** Dates end there (ECMA-262), and formatting throws. */
const LAST_SECOND = 8.64e12;

interface DetailProps extends InboxProps {
  readonly onClose: () => void;
}

/** Everything about the chosen answer. Read out when it changes: the focus stays in the list, ready for the next row. */
export function AnswerDetail({ v, state, onClose }: DetailProps) {
  const title = useRef<HTMLHeadingElement>(null);
  const answer = state.chosen.value;
  useEffect(() => {
    // On a narrow screen the list is gone, and the focus with it.
    const hidden = document.querySelector<HTMLElement>('.inbox-list')?.offsetParent === null;
    if (answer && hidden) {
      scrollTo({ top: 0, behavior: 'instant' });
      title.current?.focus();
    }
  }, [answer]);

  if (state.shown.value.length === 0) return null;
  return (
    <aside class="inbox-detail" id="detail" aria-label={v.t('inbox.detail')} aria-live="polite">
      {answer ? (
        <>
          <div class="inbox-head">
            <h2 ref={title} tabIndex={-1}>
              {answer.title === '' ? v.t('inbox.detail') : answer.title}
            </h2>
            <button class="act" type="button" onClick={onClose}>
              {v.t('inbox.close')}
            </button>
          </div>
          <Facts v={v} answer={answer} />
          {answer.readable ? (
            <dl class="inbox-answers">
              {answerTexts(answer, state.forms.value.get(answer.form)).map(({ label, text, icon }) => (
                <div key={label}>
                  <dt>{label}</dt>
                  {text === '' ? (
                    <dd class="sub">{v.t('inbox.noAnswer')}</dd>
                  ) : (
                    <dd dir="auto">
                      {icon !== undefined && <Icon v={v} name={icon} />}
                      {text}
                    </dd>
                  )}
                </div>
              ))}
            </dl>
          ) : (
            <p class="inbox-face">
              <Icon v={v} name="hand" />
              {v.t('inbox.unreadable')}
            </p>
          )}
        </>
      ) : (
        <p class="sub">{v.t('inbox.choose')}</p>
      )}
    </aside>
  );
}

function Facts({ v, answer }: { readonly v: ViewContext; readonly answer: InboxAnswer }) {
  const { number, lang, received, filled } = answer;
  const when = new Intl.DateTimeFormat(v.lang, { dateStyle: 'long', timeStyle: 'short' });
  const facts = [
    { name: 'language', text: languageText(lang, v.lang) },
    { name: 'received', text: when.format(received * 1000) },
    // The device's clock, which may be wrong: shown as it is, beside the hub's, if it is a time at all.
    { name: 'sent', text: filled > 0 && filled < LAST_SECOND ? when.format(filled * 1000) : '' },
  ];
  return (
    <dl class="inbox-facts">
      <div class="inbox-number">
        <dt>{v.t('inbox.column.number')}</dt>
        <dd>
          <KeepNumber number={number} />
        </dd>
      </div>
      {facts
        .filter(({ text }) => text !== '')
        .map(({ name, text }) => (
          <div key={name}>
            <dt>{v.t(`inbox.column.${name}`)}</dt>
            <dd>{text}</dd>
          </div>
        ))}
    </dl>
  );
}
