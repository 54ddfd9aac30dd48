import type { LogLevel } from './config.ts';

/** Structured log: one JSON object a line on stderr. Never what people wrote, never addresses. */
export type Log = (
  level: LogLevel,
  event: string,
  details?: Readonly<Record<string, string | number | boolean>>,
) => void;

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export const createLog =
  (least: LogLevel, write: (line: string) => void = (line) => process.stderr.write(line)): Log =>
  (level, event, details = {}) => {
    if (ORDER.indexOf(level) < ORDER.indexOf(least)) return;
    write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...details })}\n`);
  };
