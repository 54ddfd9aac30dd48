import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One measured number beside what it may be at most. */
export interface Row {
  readonly key: string;
  readonly what: string;
  readonly measured: number;
  readonly unit: 'B' | 'times' | 's' | 'ms' | 'trips';
  readonly limit: number;
  readonly requests?: number;
  readonly requestLimit?: number;
  /** What it is made of, for whoever wants to save bytes. */
  readonly detail: unknown;
}

const ratioOf = ({ measured, limit }: Row): number => Number((measured / limit).toFixed(3));

export const isOver = ({ measured, limit, requests, requestLimit }: Row): boolean =>
  measured > limit || (requestLimit !== undefined && (requests ?? 0) > requestLimit);

const numberOf = (value: number, unit: Row['unit']): string => {
  if (unit === 'times') return `${value.toFixed(3)} x`;
  return unit === 's' ? `${value.toFixed(1)} s` : `${value} ${unit}`;
};

const withRequests = (text: string, requests: number | undefined): string =>
  requests === undefined ? text : `${text}, ${requests} req`;

/** The rows as a table for people. */
export const tableOf = (rows: readonly Row[]): string => {
  const cells = [
    ['what', 'measured', 'limit', 'ratio', ''],
    ...rows.map((row) => [
      `${row.key}: ${row.what}`,
      withRequests(numberOf(row.measured, row.unit), row.requests),
      withRequests(numberOf(row.limit, row.unit), row.requestLimit),
      ratioOf(row).toFixed(2),
      isOver(row) ? 'OVER' : 'ok',
    ]),
  ];
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const lineOf = (line: readonly string[]): string =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return cells.map((line) => lineOf(line).trimEnd()).join('\n');
};

const commit = (): string => {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
};

/** Writes results/{name}.json; returns its path. `more`: what has no limit and stands beside the rows. */
export const writeResults = (
  name: string,
  rows: readonly Row[],
  chromium: string,
  more: Readonly<Record<string, unknown>> = {},
): string => {
  const path = fileURLToPath(new URL(`results/${name}.json`, import.meta.url));
  mkdirSync(dirname(path), { recursive: true });
  const result = {
    date: new Date().toISOString(),
    node: process.version,
    chromium,
    commit: commit(),
    rows: rows.map((row) => ({ ...row, ratio: ratioOf(row), over: isOver(row) })),
    ...more,
  };
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
  return path;
};
