import { fromUtf8, utf8 } from '../protocol/bytes.ts';
import type { Answers, FormItem, Question } from '../protocol/item.ts';

/** Why an answer to a question cannot be taken. `choice`: not one of the form's choices. */
export type Refusal = 'required' | 'choice' | 'too-long' | 'unknown';

export interface FormProblem {
  /** Question's name; undefined where it concerns the whole form. */
  readonly question?: string;
  readonly why: Refusal | 'empty';
}

const refusalOf = (question: Question, answer: string | undefined): Refusal | undefined => {
  if (answer === undefined) return question.required ? 'required' : undefined;
  if (question.type === 'text') return answer.length > question.max ? 'too-long' : undefined;
  return question.choices.some((choice) => choice.name === answer) ? undefined : 'choice';
};

/** Answers as they are kept: trimmed, line ends as LF, half characters (a cut emoji) replaced, questions without an answer left out. */
export const cleanAnswers = (raw: Readonly<Record<string, string>>): Answers =>
  Object.fromEntries(
    Object.entries(raw)
      .map(([name, value]) => [name, fromUtf8(utf8(value)).replaceAll('\r\n', '\n').trim()] as const)
      .filter(([, value]) => value !== ''),
  );

/** What is wrong with cleaned answers; empty: they can be sent. Used alike on the device and at the hub. */
export const problemsOf = (form: FormItem, answers: Answers): readonly FormProblem[] => {
  const problems: FormProblem[] = [];
  for (const question of form.questions) {
    const why = refusalOf(question, answers[question.name]);
    if (why) problems.push({ question: question.name, why });
  }
  const names = new Set(form.questions.map(({ name }) => name));
  for (const name of Object.keys(answers)) if (!names.has(name)) problems.push({ question: name, why: 'unknown' });
  if (Object.keys(answers).length === 0) problems.push({ why: 'empty' });
  return problems;
};
