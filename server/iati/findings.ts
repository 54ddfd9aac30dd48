/** What is wrong with an activity, or not as it should be: where, what, and what to do about it. */
export interface Finding {
  /** An error stops an import or a publication; a warning is told and counted. */
  readonly severity: 'error' | 'warning';
  readonly kind: FindingKind;
  readonly file: string;
  readonly line: number;
  readonly what: string;
  readonly remedy: string;
}

export type FindingKind =
  /** Not XML, or XML that is not read. */
  | 'xml'
  /** Not as the schema has it. */
  | 'schema'
  /** Against a rule of the standard. */
  | 'rule'
  | 'missing-translation'
  /** Stands in the file and is not taken over. */
  | 'left-out'
  /** A person has to look at it. */
  | 'to-complete';

/** So many are collected: a hostile file has a million faults, and a person mends none of them one by one. */
const MOST = 10_000;

/** Collects findings of one file. */
export class Findings {
  readonly all: Finding[] = [];
  readonly #file: string;
  constructor(file: string) {
    this.#file = file;
  }
  error(line: number, kind: FindingKind, what: string, remedy: string): void {
    this.#add({ severity: 'error', kind, file: this.#file, line, what, remedy });
  }
  warn(line: number, kind: FindingKind, what: string, remedy: string): void {
    this.#add({ severity: 'warning', kind, file: this.#file, line, what, remedy });
  }
  /** The last one is an error: what was not looked at is not fine. */
  #add(finding: Finding): void {
    if (this.all.length < MOST) this.all.push(finding);
    else if (this.all.length === MOST)
      this.all.push({
        ...finding,
        severity: 'error',
        what: `There are more than ${MOST} findings.`,
        remedy: 'Mend what comes again and again first.',
      });
  }
}

export const isError = ({ severity }: Finding): boolean => severity === 'error';

/** Each line of the file from top to bottom; errors before warnings on the same line. */
export const inOrder = (findings: readonly Finding[]): readonly Finding[] =>
  [...findings].sort((a, b) => a.line - b.line || a.severity.localeCompare(b.severity));

export const written = ({ severity, file, line, what, remedy }: Finding): string =>
  `${file}:${line}: ${severity === 'warning' ? 'Warning: ' : ''}${what} ${remedy}`;

/** How many there are of what, as one line for people. */
export const counted = (findings: readonly Finding[]): string => {
  const several = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
  const warnings = findings.filter((finding) => !isError(finding));
  const kinds = new Map<FindingKind, number>();
  for (const { kind } of warnings) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const each = [...kinds].map(([kind, count]) => `${count} × ${kind}`).join(', ');
  const errors = several(findings.length - warnings.length, 'error');
  return `${errors}, ${several(warnings.length, 'warning')}${each && ` (${each})`}`;
};
