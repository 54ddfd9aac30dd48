import * as v from 'valibot';
import { isMap, LineCounter, parseDocument } from 'yaml';
import type { Problems } from './problems.ts';

/**
 * Reads YAML against a shape. Every problem is reported with its line (`firstLine` is the line of the text's first). Returns
 * undefined where there was one.
 */
export const readYaml = <S extends v.GenericSchema>(
  text: string,
  firstLine: number,
  schema: S,
  problems: Problems,
): v.InferOutput<S> | undefined => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const lineAt = (offset: number): number => lines.linePos(offset).line + firstLine - 1;
  if (document.errors.length > 0) {
    for (const error of document.errors) {
      problems.add(
        lineAt(error.pos[0]),
        `This is not YAML: ${firstSentence(error.message)}`,
        'Mend the line, or put the text in quotes.',
      );
    }
    return undefined;
  }
  const result = v.safeParse(schema, document.toJS());
  if (result.success) return result.output;
  for (const issue of result.issues) {
    const path = (issue.path ?? []).map(({ key }) => key as string | number);
    problems.add(lineAt(offsetOf(document, path)), describe(path, issue), remedyOf(issue));
  }
  return undefined;
};

const firstSentence = (message: string): string => `${message.split(/\n| at line/)[0]?.trim()}.`;

type Document = ReturnType<typeof parseDocument>;

/** Where the deepest part of a path stands that is in the document. */
const offsetOf = (document: Document, path: readonly (string | number)[]): number => {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true);
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => String((key as { value?: unknown }).value ?? key) === String(path[depth - 1]))
      : undefined;
    const key = pair?.key as { range?: [number, number, number] } | undefined;
    if (key?.range) return key.range[0];
    const node = document.getIn(path.slice(0, depth), true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return node.range[0];
  }
  return 0;
};

const describe = (path: readonly (string | number)[], issue: v.BaseIssue<unknown>): string => {
  const name = path.join('.') || 'the file';
  if (issue.type === 'strict_object' && issue.expected === 'never') return `Unknown field "${name}".`;
  if (issue.received === 'undefined') return `The field "${name}" is missing.`;
  return `"${name}" is not right: ${issue.message}.`;
};

const remedyOf = (issue: v.BaseIssue<unknown>): string => {
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return 'Take it out, or correct its name: see docs/content.md.';
  if (issue.received === 'undefined') return 'Add it: see docs/content.md.';
  return `Expected: ${issue.expected ?? 'something else'}. See docs/content.md.`;
};
