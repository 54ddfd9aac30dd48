import type { FormItem, Question } from '../../core/protocol/item.ts';
import { containsWords, fold } from '../../core/text/fold.ts';
import { languageName } from '../../i18n/translator.ts';
import type { InboxAnswer } from './api.ts';

/** What a person answered to one question, in words. */
export interface AnswerText {
  readonly label: string;
  /** Empty where the question was left open. */
  readonly text: string;
  /** Name of a drawing in the icon sprite. */
  readonly icon?: string;
}

const textOf = (question: Question, value: string): AnswerText => {
  const { label } = question;
  if (question.type === 'text') return { label, text: value };
  const choice = question.choices.find(({ name }) => name === value);
  const text = choice?.label ?? value;
  return choice?.icon === undefined ? { label, text } : { label, text, icon: choice.icon };
};

/** Every question of the form, then what was answered to questions that this version of the form does not have. */
export const answerTexts = ({ answers }: InboxAnswer, form: FormItem | undefined): readonly AnswerText[] => {
  const questions = form?.questions ?? [];
  const known = new Set(questions.map(({ name }) => name));
  const others = Object.entries(answers).filter(([name]) => !known.has(name));
  return [
    ...questions.map((question) => textOf(question, answers[question.name] ?? '')),
    ...others.map(([label, text]) => ({ label, text })),
  ];
};

/** The one line of a row: the face and the words; anything else only where both are missing. */
export const summary = (answer: InboxAnswer, form: FormItem | undefined): readonly AnswerText[] => {
  const main = (form?.questions ?? []).filter((q) => q.type === 'text' || q.appearance === 'faces');
  const texts = main.map((question) => textOf(question, answer.answers[question.name] ?? ''));
  const given = texts.filter(({ text }) => text !== '');
  return given.length > 0 ? given : answerTexts(answer, form).filter(({ text }) => text !== '');
};

/** Whether every word of `query` is in the answer, accents and case apart; digits are looked for in its number too. */
export const matches = (answer: InboxAnswer, form: FormItem | undefined, query: string): boolean => {
  const digits = fold(query).replace(/\s/g, '');
  if (/^\d+$/.test(digits) && answer.number.includes(digits)) return true;
  const hay = [answer.number, answer.title, ...answerTexts(answer, form).map(({ text }) => text)].join(' ');
  return containsWords(hay, query);
};

/** A language by its speakers' name for it where we know that, else by the page's. */
export const languageText = (lang: string, page: string): string => {
  const own = languageName(lang);
  if (own !== lang || lang === '') return own;
  try {
    const name = new Intl.DisplayNames([page], { type: 'language' }).of(lang) ?? lang;
    return name.charAt(0).toLocaleUpperCase(page) + name.slice(1);
  } catch {
    return lang;
  }
};
