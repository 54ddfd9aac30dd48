import type { RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import type { ViewContext } from '../../view/context.ts';
import { Icon } from '../../view/icon.tsx';
import { KeepNumber } from '../../view/number.tsx';
import { languageText, summary } from './answer-text.ts';
import type { InboxAnswer } from './api.ts';
import type { InboxState } from './inbox-state.ts';
import type { InboxProps } from './page.tsx';

const COLUMNS = ['state', 'item', 'answer', 'language', 'received'] as const;

interface ListProps extends InboxProps {
  readonly section: RefObject<HTMLElement | null>;
}

/** The table. One row is a stop for Tab; the arrows go from row to row. */
export function AnswerList({ v, state, section }: ListProps) {
  // The row that Tab comes back to.
  const last = useRef<number | undefined>(undefined);
  const rows = state.rows.value;
  const stop = rows.find(({ seq }) => seq === last.current)?.seq ?? rows[0]?.seq;
  const older = state.matching.value.length - rows.length;

  return (
    <section class="inbox-list" ref={section} aria-label={v.t('inbox.list')}>
      {rows.length === 0 && (
        <p class="inbox-empty">{v.t(state.shown.value.length === 0 ? 'inbox.empty' : 'inbox.noMatch')}</p>
      )}
      {rows.length > 0 && (
        <table aria-label={v.t('inbox.list')}>
          <thead>
            <tr>
              {COLUMNS.map((name) => (
                <th key={name} scope="col">
                  {v.t(`inbox.column.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((answer) => (
              <Row
                key={answer.seq}
                v={v}
                state={state}
                answer={answer}
                isStop={answer.seq === stop}
                onFocus={() => {
                  last.current = answer.seq;
                }}
              />
            ))}
          </tbody>
        </table>
      )}
      {older > 0 && (
        <button class="act" type="button" onClick={() => state.showOlder()}>
          {v.t('inbox.older')}
        </button>
      )}
    </section>
  );
}

interface RowProps extends InboxProps {
  readonly answer: InboxAnswer;
  readonly isStop: boolean;
  readonly onFocus: () => void;
}

/** Clicks anywhere in the row count; the keyboard and screen readers have the button in it. */
function Row({ v, state, answer, isStop, onFocus }: RowProps) {
  const { seq, title, number, lang, received } = answer;
  const chosen = state.chosenSeq.value === seq;
  const at = received * 1000;
  return (
    <tr
      data-seq={seq}
      aria-current={chosen ? 'true' : undefined}
      onClick={() => state.choose(seq)}
      onKeyDown={moveFocus}
      onFocusIn={onFocus}
    >
      <td class="inbox-state">
        <ReadState v={v} isRead={state.read.value.has(seq)} />
      </td>
      <td class="inbox-item">
        <button type="button" tabIndex={isStop ? 0 : -1} aria-expanded={chosen} aria-controls="detail">
          <b>{title === '' ? '—' : title}</b> <KeepNumber number={number} />
        </button>
      </td>
      <td class="inbox-answer">
        <Summary v={v} state={state} answer={answer} />
      </td>
      <td class="inbox-lang">{languageText(lang, v.lang)}</td>
      <td class="inbox-at">
        <time dateTime={new Date(at).toISOString()}>{v.formatters.date(at)}</time>
      </td>
    </tr>
  );
}

/** A shape and a word: what nobody opened yet, and what was opened in this session. */
function ReadState({ v, isRead }: { readonly v: ViewContext; readonly isRead: boolean }) {
  return (
    <span class={isRead ? 'state is-read' : 'state is-new'}>
      <Icon v={v} name={isRead ? 'tick' : 'bubble'} />
      {v.t(isRead ? 'inbox.read' : 'inbox.new')}
    </span>
  );
}

function Summary({ v, state, answer }: { v: ViewContext; state: InboxState; answer: InboxAnswer }) {
  if (!answer.readable) {
    return (
      <span class="inbox-face">
        <Icon v={v} name="hand" />
        {v.t('inbox.unreadable')}
      </span>
    );
  }
  const parts = summary(answer, state.forms.value.get(answer.form));
  if (parts.length === 0) return <span class="sub">{v.t('inbox.noAnswer')}</span>;
  return (
    <>
      {parts.map(({ label, text, icon }) =>
        icon === undefined ? (
          // Strangers write in any script: each text finds its own direction.
          <p key={label} class="inbox-words">
            <bdi>{text}</bdi>
          </p>
        ) : (
          <span key={label} class="inbox-face">
            <Icon v={v} name={icon} />
            {text}
          </span>
        ),
      )}
    </>
  );
}

/** Arrow up and down, Home and End: along the rows. */
function moveFocus(event: KeyboardEvent): void {
  const row = event.currentTarget as HTMLElement;
  const to = {
    ArrowUp: row.previousElementSibling,
    ArrowDown: row.nextElementSibling,
    Home: row.parentElement?.firstElementChild,
    End: row.parentElement?.lastElementChild,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  to?.querySelector('button')?.focus();
}
