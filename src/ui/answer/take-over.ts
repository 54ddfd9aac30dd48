import { isStatic } from '../../core/api/hosting.ts';
import type { FormProblem } from '../../core/forms/validate.ts';
import type { Translate } from '../../i18n/translator.ts';
import { play, prepareTones } from '../shell/tones.ts';
import type { AnswerService, Outcome } from './answer-service.ts';
import { newToken, type Session, type Typed } from './session.ts';

/**
 * Takes over a form that works without scripts: what is typed is kept in memory, and sending goes through the store. Its controls are never
 * rendered again, so that nothing typed is lost to a script that arrives late.
 */
export interface TakeOverOptions {
  readonly session: Session;
  readonly service: AnswerService;
  readonly t: Translate;
  readonly title: string;
  /** The answer is kept or has arrived. */
  readonly onSent: () => void;
}

/** What takes longer than this is said to be under way. */
const SAY_SENDING_MS = 500;

/** Form, version, item and language stand in hidden fields; everything else is an answer. */
const META = ['form', 'version', 'item', 'lang'] as const;

const valuesOf = (form: HTMLFormElement): Record<string, string> =>
  Object.fromEntries(
    [...new FormData(form)].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );

/** What was typed, without what the form says of itself. */
const typedIn = (form: HTMLFormElement): Typed => {
  const values = valuesOf(form);
  for (const name of META) delete values[name];
  return values;
};

const keyOf = (form: HTMLFormElement): string => {
  const { form: id, item, lang } = valuesOf(form);
  return `${lang}/${item}/${id}`;
};

/** Puts a draft of this visitor back into a form. */
const restore = (form: HTMLFormElement, typed: Typed): void => {
  for (const [name, value] of Object.entries(typed)) {
    const field = form.elements.namedItem(name);
    if (field instanceof RadioNodeList || field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) {
      field.value = value;
    }
  }
};

/** Returns a function that lets go of the form. */
export const takeOver = (form: HTMLFormElement, options: TakeOverOptions): (() => void) => {
  const { session, service, t } = options;
  const key = keyOf(form);
  const error = form.querySelector<HTMLElement>('#answer-error');
  const button = form.querySelector<HTMLButtonElement>('button[type=submit]');
  const label = button?.firstChild as Text | null | undefined;
  const usual = label?.data ?? '';
  let token = newToken();
  let sending = false;
  let soon: ReturnType<typeof setTimeout> | undefined;
  let left = false;

  const say = (text: string): void => {
    if (error) error.textContent = text;
  };

  const name = (text: string): void => {
    if (label) label.data = text;
  };

  /** A tap does nothing more, and the button keeps its focus. */
  const setSending = (is: boolean): void => {
    sending = is;
    if (is) button?.setAttribute('aria-disabled', 'true');
    else button?.removeAttribute('aria-disabled');
    clearTimeout(soon);
    if (is) soon = setTimeout(() => name(t('form.sending')), SAY_SENDING_MS);
    else name(usual);
  };

  const onInput = (): void => {
    token = session.type(key, typedIn(form)).token;
    say('');
  };

  const onSubmit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (sending) return;
    setSending(true);
    say('');
    prepareTones();
    const visitor = session.visitor.value;
    const { form: id = '', version = '0', item = '', lang = '', ...answers } = valuesOf(form);
    const draft = { token, form: id, version: Number(version), item, lang, answers };
    const outcome = await service.send(draft).catch((): Outcome => ({ sent: false, why: 'not-sent' }));
    // Whoever sent it has left meanwhile: the next person sees nothing of it.
    if (session.visitor.value !== visitor) return;
    setSending(false);
    if (!left) play(!outcome.sent ? 'refused' : outcome.state === 'centre' ? 'arrived' : 'kept');
    if (outcome.sent) {
      // Words that were typed since are another draft, and stay.
      if (token === draft.token) form.reset();
      session.send(key, draft.token, { number: outcome.number, title: options.title, state: outcome.state });
      if (!left) options.onSent();
    } else if (outcome.why === 'problems') {
      say(describe(t, form, outcome.problems));
      focusFirst(form, outcome.problems);
    } else if (outcome.why === 'full') {
      say(t('notice.full'));
      offerShare(form, t);
    } else {
      say(t('form.notSent'));
      // No other way leads to a centre from here.
      if (isStatic) offerShare(form, t);
    }
  };

  // What was typed before the script came counts more than an older draft.
  const typedBefore = Object.values(typedIn(form)).some((value) => value !== '');
  if (typedBefore) onInput();
  // Now, and for each next visitor: an empty form, or the draft that a way back brought.
  const stop = session.visitor.subscribe(() => {
    setSending(false);
    say('');
    form.querySelector('#answer-share')?.remove();
    const draft = session.draft(key);
    if (draft) restore(form, draft.typed);
    token = draft?.token ?? newToken();
  });

  form.addEventListener('input', onInput);
  form.addEventListener('submit', onSubmit);
  form.noValidate = true;
  if (isStatic) {
    form.querySelector('#answer-plain')?.remove();
    if (button) button.disabled = false;
  }
  return () => {
    left = true;
    stop();
    clearTimeout(soon);
    form.removeEventListener('input', onInput);
    form.removeEventListener('submit', onSubmit);
  };
};

const describe = (t: Translate, form: HTMLFormElement, problems: readonly FormProblem[]): string => {
  const long = problems.find(({ why }) => why === 'too-long')?.question;
  const field = long === undefined ? null : form.elements.namedItem(long);
  if (field instanceof HTMLTextAreaElement) return t('form.tooLong', { count: field.value.length - field.maxLength });
  return t(problems.some(({ why }) => why === 'empty') ? 'form.oneNeeded' : 'form.required');
};

const focusFirst = (form: HTMLFormElement, problems: readonly FormProblem[]): void => {
  const name = problems.find(({ question }) => question)?.question;
  const field =
    name === undefined ? form.querySelector('input:not([type=hidden]), textarea') : form.elements.namedItem(name);
  const first = field instanceof RadioNodeList ? field[0] : field;
  if (first instanceof HTMLElement) first.focus();
};

/** What stands on the screen, as text: questions and what was answered. */
const asText = (form: HTMLFormElement): string => {
  const lines = [form.querySelector('h2')?.textContent ?? ''];
  for (const [name, value] of Object.entries(typedIn(form))) {
    const field = form.elements.namedItem(name);
    const chosen = form.querySelector<HTMLInputElement>(`input[name="${name}"]:checked`);
    const words = field instanceof RadioNodeList || chosen ? (chosen?.closest('label')?.textContent ?? value) : value;
    if (value !== '') lines.push(words.trim());
  }
  return lines.join('\n');
};

/** A button beside the message: passes the answer on as text, since this phone cannot keep it. */
const offerShare = (form: HTMLFormElement, t: Translate): void => {
  if (form.querySelector('#answer-share')) return;
  const button = document.createElement('button');
  button.id = 'answer-share';
  button.type = 'button';
  button.className = 'act';
  button.textContent = t('notice.share');
  button.addEventListener('click', () => {
    const text = asText(form);
    if (navigator.share) void navigator.share({ text }).catch(() => {});
    else void navigator.clipboard?.writeText(text).then(() => button.replaceChildren(t('notice.copied')));
  });
  form.querySelector('#answer-error')?.after(button);
};
