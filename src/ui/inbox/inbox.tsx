import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../../view/icon.tsx';
import { AnswerDetail } from './answer-detail.tsx';
import { AnswerList } from './answer-list.tsx';
import { EXPORT_HREF } from './api.ts';
import type { InboxProps } from './page.tsx';
import { Stick } from './stick.tsx';

/** To a row, the first one by default; at once, since a list that glides by says nothing. */
const goToRow = (list: HTMLElement | null, seq?: number): void => {
  const row = list?.querySelector(seq === undefined ? '[data-seq]' : `[data-seq="${seq}"]`);
  row?.querySelector('button')?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: 'nearest', behavior: 'instant' });
};

/** The list, and beside it what was chosen; on a narrow screen one or the other. */
export function Inbox({ v, state }: InboxProps) {
  const list = useRef<HTMLElement>(null);
  const chosen = state.chosen.value;
  const [isCarrying, setCarrying] = useState(false);

  useEffect(() => {
    state.isAtRows = () => scrollY > 0 || list.current?.matches(':hover, :focus-within') === true;
    return () => {
      state.isAtRows = () => false;
    };
  }, [state]);

  const close = () => {
    const seq = state.chosenSeq.value;
    state.unchoose();
    // The row may be hidden until the next frame, and a hidden row takes no focus.
    requestAnimationFrame(() => goToRow(list.current, seq));
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // Escape in the search field empties it first.
      const searching = event.target instanceof HTMLInputElement && event.target.value !== '';
      if (event.key === 'Escape' && !searching && state.chosenSeq.value !== undefined) close();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [state]);

  const showHeld = () => {
    state.showHeld();
    requestAnimationFrame(() => goToRow(list.current));
  };

  if (isCarrying) {
    const end = () => {
      setCarrying(false);
      requestAnimationFrame(() => document.getElementById('carry')?.focus());
    };
    return <Stick v={v} onClose={end} />;
  }
  return (
    <div class={chosen ? 'inbox has-chosen' : 'inbox'}>
      <Tools v={v} state={state} onCarry={() => setCarrying(true)} />
      <div class="inbox-find">
        <label class="vh" for="find">
          {v.t('inbox.find')}
        </label>
        <input
          id="find"
          type="search"
          autocomplete="off"
          placeholder={v.t('inbox.find')}
          value={state.filter.value}
          onInput={(event) => state.setFilter(event.currentTarget.value)}
        />
        <News v={v} state={state} onShow={showHeld} />
      </div>
      <AnswerList v={v} state={state} section={list} />
      <AnswerDetail v={v} state={state} onClose={close} />
    </div>
  );
}

function Tools({ v, state, onCarry }: InboxProps & { readonly onCarry: () => void }) {
  const unread = state.unread.value;
  return (
    <div class="inbox-tools">
      <h1>
        {v.t('inbox.title')}
        {unread > 0 && <small> · {v.t('inbox.toRead', { count: v.formatters.number(unread) })}</small>}
      </h1>
      <a class="act" href={EXPORT_HREF} download>
        {v.t('inbox.export')}
      </a>
      <button class="act" type="button" id="carry" onClick={onCarry}>
        {v.t('carry.title')}
      </button>
      <button class="act" type="button" onClick={() => void state.signOut()}>
        <Icon v={v} name="door" />
        {v.t('inbox.signOut')}
      </button>
    </div>
  );
}

/** Has its place whether it says something or not: it must not push the rows it speaks of. */
function News({ v, state, onShow }: InboxProps & { readonly onShow: () => void }) {
  const held = state.held.value.length;
  const count = held || state.fresh.value;
  return (
    <div class="inbox-new">
      <p role="status">{count > 0 && v.t('inbox.newAnswers', { count })}</p>
      {held > 0 && (
        <button class="act" type="button" onClick={onShow}>
          {v.t('inbox.refresh')}
        </button>
      )}
    </div>
  );
}
