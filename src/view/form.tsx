import type { ComponentChildren } from 'preact';
import type { FormItem, Question } from '../core/protocol/item.ts';
import type { ViewContext } from './context.ts';
import { Icon } from './icon.tsx';
import { ownLanguage, pageLanguage } from './language.ts';

interface QuestionProps<Type extends Question['type']> {
  readonly v: ViewContext;
  readonly question: Extract<Question, { type: Type }>;
}

function Choices({ v, question }: QuestionProps<'select_one'>) {
  const faces = question.appearance === 'faces';
  return (
    <fieldset>
      <legend>{question.label}</legend>
      <div class={faces ? 'faces' : 'choices'}>
        {question.choices.map(({ name, label, icon }) => (
          <label key={name}>
            <input type="radio" name={question.name} value={name} required={question.required} />
            <span>
              {icon !== undefined && <Icon v={v} name={icon} size={faces ? 'm' : 's'} />}
              {label}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Words({ v, question }: QuestionProps<'text'>) {
  const id = `q-${question.name}`;
  const hint = question.hint === undefined ? undefined : `${id}-hint`;
  return (
    <div class="words">
      <label for={id}>
        <Icon v={v} name="pencil" />
        {question.label}
      </label>
      {hint !== undefined && (
        <p class="sub" id={hint}>
          {question.hint}
        </p>
      )}
      <textarea
        id={id}
        name={question.name}
        rows={3}
        maxlength={question.max}
        required={question.required}
        autocomplete="off"
        aria-describedby={hint}
        dir="auto"
      />
    </div>
  );
}

interface FormProps {
  readonly v: ViewContext;
  readonly form: FormItem;
  readonly itemId: string;
  /** Nobody takes it at this address: it waits for a script that does, and this says what to do without one. Below it: nothing moves when it goes. */
  readonly note?: ComponentChildren;
}

/**
 * A form that works before any script comes, and that a script takes over. Its controls are uncontrolled: no value
 * is set from here, so that rendering it again never loses what somebody typed.
 */
export function AnswerForm({ v, form, itemId, note }: FormProps) {
  return (
    <form class="form" method="post" action="/o/plain" id="answer" autocomplete="off" {...ownLanguage(v, form.lang)}>
      <input type="hidden" name="form" value={form.id} />
      <input type="hidden" name="version" value={form.version} />
      <input type="hidden" name="item" value={itemId} />
      <input type="hidden" name="lang" value={v.lang} />
      <h2>{form.title}</h2>
      {form.questions.map((question) => {
        if (question.type === 'select_one') return <Choices key={question.name} v={v} question={question} />;
        if (question.type === 'text') return <Words key={question.name} v={v} question={question} />;
        return null;
      })}
      <p role="alert" class="err" id="answer-error" {...pageLanguage(v, form.lang)} />
      <button class="act go" type="submit" disabled={!!note}>
        {form.submit}
      </button>
      {note}
    </form>
  );
}
