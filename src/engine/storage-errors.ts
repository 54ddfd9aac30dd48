import type { ErrorCode } from '../core/errors.ts';

/** Quota errors are not uniform: Dexie wraps them in AbortError, some browsers name them differently. */
export const storageCode = (error: unknown): ErrorCode | undefined => {
  for (const name of namesOf(error)) {
    if (name === 'QuotaExceededError' || name === 'NS_ERROR_DOM_QUOTA_REACHED') return 'full';
  }
  return namesOf(error).some((name) => STORAGE.has(name)) ? 'storage' : undefined;
};

const STORAGE = new Set([
  'AbortError',
  'DatabaseClosedError',
  'InvalidStateError',
  'MissingAPIError',
  'OpenFailedError',
  'UnknownError',
  'VersionError',
  'TransactionInactiveError',
]);

const namesOf = (error: unknown): readonly string[] => {
  const names: string[] = [];
  let current = error as { name?: string; inner?: unknown } | undefined;
  for (let depth = 0; current && depth < 4; depth++) {
    if (current.name !== undefined) names.push(current.name);
    current = current.inner as typeof current;
  }
  return names;
};

/** A browser may lose its database in the background (iOS: "connection lost"): Dexie opens it again, so one more try is enough. */
const LOST = new Set(['DatabaseClosedError', 'InvalidStateError', 'UnknownError']);

/** Runs an idempotent storage operation, once more where the connection was lost. */
export const steadily = async <T>(operation: () => Promise<T>): Promise<T> => {
  try {
    return await operation();
  } catch (error) {
    if (!namesOf(error).some((name) => LOST.has(name))) throw error;
    return operation();
  }
};
