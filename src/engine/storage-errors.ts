import type { ErrorCode } from '../core/errors.ts';

/** What an error of the browser's stores is to a person; undefined: it is none. */
export const storageCode = (error: unknown): ErrorCode | undefined => {
  const name = nameOf(error);
  if (name === 'QuotaExceededError' || name === 'NS_ERROR_DOM_QUOTA_REACHED') return 'full';
  return STORAGE.has(name) ? 'storage' : undefined;
};

const STORAGE = new Set([
  'AbortError',
  'InvalidStateError',
  'UnknownError',
  'VersionError',
  'TransactionInactiveError',
  'SecurityError',
  'NotReadableError',
  'NotFoundError',
  'ConstraintError',
]);

const nameOf = (error: unknown): string => String((error as { readonly name?: unknown } | undefined | null)?.name);

/** A browser may lose its database in the background (iOS: "connection lost"): it is opened again at the next use, so one more try is enough. */
const LOST = new Set(['InvalidStateError', 'UnknownError']);

/** Runs an idempotent storage operation, once more where the connection was lost. */
export const steadily = async <T>(operation: () => Promise<T>): Promise<T> => {
  try {
    return await operation();
  } catch (error) {
    if (!LOST.has(nameOf(error))) throw error;
    return operation();
  }
};
