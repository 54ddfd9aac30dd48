/** What is wrong with the library's source: where, what, and what to do about it. */
export interface ContentProblem {
  readonly file: string;
  readonly line: number;
  readonly what: string;
  readonly remedy: string;
}

/** Stops a publication. Carries every problem, so that an author mends all of them in one go. */
export class ContentError extends Error {
  readonly problems: readonly ContentProblem[];
  constructor(problems: readonly ContentProblem[]) {
    super(problems.map(({ file, line, what, remedy }) => `${file}:${line}: ${what} ${remedy}`).join('\n'));
    this.name = 'ContentError';
    this.problems = problems;
  }
}

/** Collects problems of one file. */
export class Problems {
  readonly #file: string;
  readonly #into: ContentProblem[];
  constructor(file: string, into: ContentProblem[]) {
    this.#file = file;
    this.#into = into;
  }
  add(line: number, what: string, remedy: string): void {
    this.#into.push({ file: this.#file, line, what, remedy });
  }
}
