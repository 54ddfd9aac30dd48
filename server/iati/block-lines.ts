import { isMap, LineCounter, parseDocument } from 'yaml';

export type LineOf = (path: readonly (string | number)[]) => number;

/** Lines of a YAML text by path, from 1: of the deepest part of a path that is there. `under` is put before each path. */
export const linesIn = (yaml: string, ...under: readonly (string | number)[]): LineOf => {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines });
  return (path) => {
    const full = [...under, ...path];
    for (let depth = full.length; depth > 0; depth--) {
      const parent = document.getIn(full.slice(0, depth - 1), true);
      const key = isMap(parent)
        ? parent.items.find((pair) => String((pair.key as { value?: unknown }).value) === String(full[depth - 1]))?.key
        : document.getIn(full.slice(0, depth), true);
      const range = (key as { range?: readonly [number, number, number] } | undefined)?.range;
      if (range) return lines.linePos(range[0]).line;
    }
    return 1;
  };
};
