import { KINDS, LANGUAGES } from './corpus.ts';

/** What one engine did with one query. */
export interface QueryResult {
  readonly lang: string;
  readonly kind: string;
  readonly ms: number;
  /** Without typing errors; undefined where the engine has none. */
  readonly plain: number | undefined;
  /** Share of the answers that were found. */
  readonly recall: number;
  readonly found: number;
}

export interface EngineResult {
  readonly name: string;
  readonly note: string;
  readonly queries: number;
  readonly buildMs: number;
  readonly heapBytes: number;
  readonly storedBytes: number;
  readonly results: readonly QueryResult[];
}

const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
};
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const rounded = (value: number, digits = 3): number => Number(value.toFixed(digits));

/** Recall by script and kind, times in ms, sizes in bytes. */
export const summaryOf = ({ results, ...engine }: EngineResult) => {
  const plain = results.flatMap((one) => one.plain ?? []);
  const recall = Object.fromEntries(
    Object.entries(LANGUAGES).map(([lang, { script }]) => {
      const own = results.filter((one) => one.lang === lang);
      const kinds = KINDS.filter((kind) => own.some((one) => one.kind === kind));
      const byKind = kinds.map((kind) => [
        kind,
        rounded(mean(own.filter((one) => one.kind === kind).map((one) => one.recall))),
      ]);
      return [script, Object.fromEntries(byKind)];
    }),
  );
  return {
    ...engine,
    p50Ms: rounded(
      percentile(
        results.map(({ ms }) => ms),
        0.5,
      ),
      2,
    ),
    p95Ms: rounded(
      percentile(
        results.map(({ ms }) => ms),
        0.95,
      ),
      2,
    ),
    ...(plain.length > 0 && { p95MsWithoutTypos: rounded(percentile(plain, 0.95), 2) }),
    meanFound: rounded(mean(results.map(({ found }) => found)), 1),
    recallAll: rounded(mean(results.map(({ recall: one }) => one))),
    recall,
  };
};

export type Summary = ReturnType<typeof summaryOf>;

const table = (cells: readonly (readonly string[])[]): string => {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const lineOf = (line: readonly string[]): string =>
    line.map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return cells.map((line) => lineOf(line).trimEnd()).join('\n');
};
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** Both tables, for people. */
export const tablesOf = (summaries: readonly Summary[]): string => {
  const costs = [
    ['engine', 'queries', 'recall', 'p50 ms', 'p95 ms', 'p95 no typos', 'build s', 'heap MB', 'stored MB', 'found'],
    ...summaries.map((one) => [
      one.name,
      String(one.queries),
      one.recallAll.toFixed(3),
      one.p50Ms.toFixed(2),
      one.p95Ms.toFixed(2),
      one.p95MsWithoutTypos?.toFixed(2) ?? '-',
      (one.buildMs / 1000).toFixed(1),
      megabytes(one.heapBytes),
      megabytes(one.storedBytes),
      one.meanFound.toFixed(1),
    ]),
  ];
  const scripts = Object.values(LANGUAGES).map(({ script }) => script);
  const rows = scripts.flatMap((script) =>
    KINDS.filter((kind) => summaries[0]?.recall[script]?.[kind] !== undefined).map((kind) => [
      `${script}: ${kind}`,
      ...summaries.map((one) => one.recall[script]?.[kind]?.toFixed(2) ?? '-'),
    ]),
  );
  return `${table(costs)}\n\n${table([['recall', ...summaries.map(({ name }) => name)], ...rows])}`;
};
