import { HIGH_TONE, insertion, LOW_TONE, lettersOf } from '../../core/text/letters.ts';
import type { Translate } from '../../i18n/translator.ts';
import { adopt } from '../shell/adopt.ts';
import css from './letter-bar.css?inline';

/**
 * A bar of letters above a field, as a toolbar: one stop for Tab, arrows between its keys. The field is the form's own: nothing of it is rendered again, and
 * it hears of a letter as of one that was typed.
 */

export type TextField = HTMLTextAreaElement | HTMLInputElement;

/** More keys than this do not stand in two rows of a narrow screen. */
const FEW = 10;

/** Puts a letter where the caret is. Typed rather than set where the browser lets it, so that it can be undone. */
const type = (field: TextField, letter: string): void => {
  const { value, selectionStart, selectionEnd, maxLength } = field;
  const end = selectionEnd ?? value.length;
  const change = insertion({ value, start: selectionStart ?? end, end }, letter, maxLength);
  if (!change) return;
  field.setSelectionRange(change.from, change.to);
  if (document.execCommand('insertText', false, change.text)) return;
  field.setRangeText(change.text, change.from, change.to, 'end');
  field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertText', data: change.text }));
};

/** Adds the bar of `lang` above `field`. Returns a function that takes it away. */
export const addLetterBar = (field: TextField, lang: string, t: Translate): (() => void) => {
  adopt(css);
  const letters = lettersOf(lang);
  const bar = document.createElement('div');
  bar.className = letters.length + 1 > FEW ? 'letters many' : 'letters';
  bar.setAttribute('role', 'toolbar');
  bar.setAttribute('aria-label', t('letters.bar'));
  if (field.id) bar.setAttribute('aria-controls', field.id);
  let capitals = false;

  const key = (name: string): HTMLButtonElement => {
    const button = document.createElement('button');
    button.type = 'button';
    button.tabIndex = -1;
    if (name) button.setAttribute('aria-label', name);
    bar.append(button);
    return button;
  };
  const toneNames: Readonly<Record<string, string>> = {
    [HIGH_TONE]: t('letters.high'),
    [LOW_TONE]: t('letters.low'),
  };
  const keys = letters.map(([small]) => key(toneNames[small] ?? ''));
  // Letters are the text's, whatever the page speaks.
  for (const button of keys) if (!button.ariaLabel) button.lang = lang;
  const hasCase = letters.some(([small, capital]) => small !== capital);
  const shift = hasCase ? key(t('letters.capitals')) : undefined;
  if (shift) shift.className = 'shift';
  const draw = (): void => {
    letters.forEach(([small, capital], i) => {
      const letter = capitals ? capital : small;
      // A tone needs something to stand on.
      keys[i]?.replaceChildren(small in toneNames ? `◌${letter}` : letter);
    });
    shift?.setAttribute('aria-pressed', String(capitals));
    shift?.replaceChildren(capitals ? 'ABC' : 'abc');
  };
  draw();

  const all = [...keys, ...(shift ? [shift] : [])];
  const stopAt = (button: HTMLButtonElement | undefined): void => {
    for (const one of all) one.tabIndex = one === button ? 0 : -1;
  };
  stopAt(all[0]);

  // The focus, and with it the phone's keyboard, stays in the field.
  bar.addEventListener('pointerdown', (event) => event.preventDefault());
  bar.addEventListener('mousedown', (event) => event.preventDefault());
  bar.addEventListener('click', ({ target }) => {
    const button = (target as Element).closest('button');
    if (!button) return;
    if (button === shift) {
      capitals = !capitals;
      return draw();
    }
    const pair = letters[keys.indexOf(button)];
    if (!pair) return;
    const byKey = document.activeElement === button;
    field.focus({ preventScroll: true });
    type(field, capitals ? pair[1] : pair[0]);
    if (byKey) button.focus({ preventScroll: true });
  });
  bar.addEventListener('keydown', (event) => {
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const forward = getComputedStyle(bar).direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: forward === 'ArrowLeft' ? at + 1 : at - 1,
      ArrowRight: forward === 'ArrowRight' ? at + 1 : at - 1,
      Home: 0,
      End: all.length - 1,
    };
    const step = steps[event.key];
    if (at < 0 || step === undefined) return;
    event.preventDefault();
    const next = all[(step + all.length) % all.length];
    stopAt(next);
    next?.focus();
  });
  field.before(bar);
  return () => bar.remove();
};
