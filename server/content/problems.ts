/** What is wrong with the library's source: where, what, and what to do about it. */
export interface ContentProblem {
  readonly file: string;
  readonly line: number;
  readonly what: string;
  readonly remedy: string;
}

/** Kinds of what is not as it should be, and is published all the same. */
export type WarningKind =
  | 'missing-translation'
  | 'outdated-translation'
  | 'missing-source'
  | 'missing-item'
  | 'long-sentence'
  | 'reading-age'
  | 'held-back'
  | 'iati';

export interface ContentWarning extends ContentProblem {
  readonly kind: WarningKind;
}

const written = ({ file, line, what, remedy }: ContentProblem): string => `${file}:${line}: ${what} ${remedy}`;

/** Stops a publication. Carries every problem, so that an author mends all of them in one go. */
export class ContentError extends Error {
  readonly problems: readonly ContentProblem[];
  constructor(problems: readonly ContentProblem[]) {
    super(problems.map(written).join('\n'));
    this.name = 'ContentError';
    this.problems = problems;
  }
}

/** Where problems and warnings of all files are collected. */
export interface Findings {
  readonly problems: ContentProblem[];
  readonly warnings: ContentWarning[];
}

/** Collects problems of one file. */
export class Problems {
  /** As problems name it. */
  readonly file: string;
  readonly #into: Findings;
  constructor(file: string, into: Findings) {
    this.file = file;
    this.#into = into;
  }
  add(line: number, what: string, remedy: string): void {
    this.#into.problems.push({ file: this.file, line, what, remedy });
  }
  warn(line: number, kind: WarningKind, what: string, remedy: string): void {
    this.#into.warnings.push({ kind, file: this.file, line, what, remedy });
  }
}

/** The line on which something stands, from 1. */
export const lineOf = (text: string, what: string): number =>
  Math.max(
    0,
    text.split('\n').findIndex((line) => line.includes(what)),
  ) + 1;

/** Warnings as lines for people: how many of each kind, and each where `all` is asked for. */
export const summary = (warnings: readonly ContentWarning[], all: boolean): readonly string[] => {
  const counts = new Map<WarningKind, number>();
  for (const { kind } of warnings) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...(all ? warnings.map(written) : []), ...[...counts].map(([kind, count]) => `${count} × ${kind}`)];
};
