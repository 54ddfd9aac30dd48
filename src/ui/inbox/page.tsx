import type { ViewContext } from '../../view/context.ts';
import { Header } from '../../view/frame.tsx';
import { LinkMark } from '../../view/link-mark.tsx';
import { Inbox } from './inbox.tsx';
import type { InboxState } from './inbox-state.ts';
import { SignIn } from './sign-in.tsx';

export interface InboxProps {
  readonly v: ViewContext;
  readonly state: InboxState;
}

/** The whole page: which screen, below a header that stays. */
export function InboxPage({ v, state }: InboxProps) {
  const screen = state.screen.value;
  return (
    <>
      <Header v={v} title={v.t('inbox.desk')} sub="Relais">
        <Link v={v} state={state} />
      </Header>
      <main id="main" tabIndex={-1}>
        {screen === 'list' && <Inbox v={v} state={state} />}
        {screen === 'sign-in' && <SignIn v={v} state={state} />}
        {screen === 'starting' && !state.reachable.value && <p class="inbox-empty">{v.t('inbox.waiting')}</p>}
      </main>
    </>
  );
}

/** One line in both states, so that nothing below moves when the network goes. */
function Link({ v, state }: InboxProps) {
  const on = state.reachable.value;
  const last = state.lastContact.value;
  return (
    <p class="link-line">
      <LinkMark v={v} state={on ? 'on' : 'off'} />
      <span aria-hidden="true">{v.t(on ? 'inbox.on' : 'inbox.off')}</span>
      {!on && last !== undefined && <small>{v.t('link.lastNews', { when: v.formatters.date(last) })}</small>}
    </p>
  );
}
