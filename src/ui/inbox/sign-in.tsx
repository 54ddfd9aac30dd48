import { useEffect, useRef } from 'preact/hooks';
import type { DoorNotice } from './door-state.ts';
import type { InboxProps } from './page.tsx';

const WORDS: Readonly<Record<DoorNotice, string>> = {
  'wrong-code': 'inbox.wrongCode',
  expired: 'inbox.expired',
  unreachable: 'inbox.unreachable',
  leaving: 'inbox.leaving',
};

/** One field. What went wrong stands above it, with what to do. */
export function SignIn({ v, state }: InboxProps) {
  const { door } = state;
  const field = useRef<HTMLInputElement>(null);
  const notice = door.notice.value;
  const wait = door.wait.value;
  const wrong = notice === 'wrong-code';
  // After an attempt the button may be disabled and would lose the focus.
  useEffect(() => {
    if (door.signingIn.value) return;
    field.current?.focus();
    if (wrong) field.current?.select();
  }, [door.signingIn.value, wrong]);

  const submit = (event: Event) => {
    event.preventDefault();
    const code = field.current?.value.trim() ?? '';
    if (code === '') field.current?.focus();
    else void door.signIn(code);
  };

  return (
    <form class="sign-in" onSubmit={submit}>
      <h1>{v.t('inbox.signInTitle')}</h1>
      {/* A clock that is read out every second would drown everything else. */}
      {wait > 0 ? (
        <p class="err" id="sign-in-error" role="timer">
          {v.t('inbox.wait', { count: wait })}
        </p>
      ) : (
        <p class="err" id="sign-in-error" role="alert">
          {notice && v.t(WORDS[notice])}
        </p>
      )}
      <div class="words">
        <label for="code">{v.t('inbox.code')}</label>
        <input
          ref={field}
          id="code"
          type="text"
          dir="ltr"
          required
          autocomplete="off"
          autocapitalize="characters"
          autocorrect="off"
          spellcheck={false}
          aria-describedby="sign-in-error code-hint"
          aria-invalid={wrong}
        />
        <small id="code-hint">{v.t('inbox.codeHint')}</small>
      </div>
      <button class="act go" type="submit" disabled={wait > 0 || door.signingIn.value}>
        {v.t('inbox.signIn')}
      </button>
    </form>
  );
}
