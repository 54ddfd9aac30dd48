import { describe, expect, it, vi } from 'vitest';
import { RelaisError } from '../../../src/core/errors.ts';
import { steadily, storageCode } from '../../../src/engine/storage-errors.ts';

/** An error as Dexie has it: its own name, and the browser's error inside. */
const wrapped = (name: string, inner?: unknown): unknown => ({ name, inner });
const dom = (name: string): DOMException => new DOMException('x', name);

describe('storageCode', () => {
  it.each([
    ['a quota, as Chromium tells it', dom('QuotaExceededError')],
    ['a quota, as old Firefox tells it', wrapped('NS_ERROR_DOM_QUOTA_REACHED')],
    ['a quota inside an abort, as Dexie tells it', wrapped('AbortError', dom('QuotaExceededError'))],
    ['a quota two layers down', wrapped('OpenFailedError', wrapped('AbortError', dom('QuotaExceededError')))],
  ])('says "full" of %s', (_, error) => {
    expect(storageCode(error)).toBe('full');
  });

  it.each([
    'AbortError',
    'DatabaseClosedError',
    'InvalidStateError',
    'MissingAPIError',
    'OpenFailedError',
    'UnknownError',
    'VersionError',
    'TransactionInactiveError',
  ])('says "storage" of %s, bare and wrapped', (name) => {
    expect(storageCode(dom(name))).toBe('storage');
    expect(storageCode(wrapped('Error', dom(name)))).toBe('storage');
  });

  it.each([
    ['an error of ours', new RelaisError('tampered')],
    ['a mistake in the code', new TypeError('x is not a function')],
    ['a failed fetch', new TypeError('Failed to fetch')],
    ['nothing', undefined],
    ['null', null],
    ['a text', 'QuotaExceededError'],
  ])('says nothing of %s', (_, error) => {
    expect(storageCode(error)).toBeUndefined();
  });

  it('ends where an error contains itself', () => {
    const error: { name: string; inner?: unknown } = { name: 'Error' };
    error.inner = error;
    expect(storageCode(error)).toBeUndefined();
  });
});

describe('steadily', () => {
  it('does once what works', async () => {
    const operation = vi.fn(async () => 'done');
    expect(await steadily(operation)).toBe('done');
    expect(operation).toHaveBeenCalledTimes(1);
  });

  it.each(['DatabaseClosedError', 'InvalidStateError', 'UnknownError'])('tries once more after %s', async (name) => {
    const operation = vi.fn(async () => 'done').mockRejectedValueOnce(wrapped('OpenFailedError', dom(name)));
    expect(await steadily(operation)).toBe('done');
    expect(operation).toHaveBeenCalledTimes(2);
  });

  it('tries no third time', async () => {
    const operation = vi.fn().mockRejectedValue(dom('UnknownError'));
    await expect(steadily(operation)).rejects.toMatchObject({ name: 'UnknownError' });
    expect(operation).toHaveBeenCalledTimes(2);
  });

  it.each(['QuotaExceededError', 'AbortError', 'ConstraintError'])('does not try again after %s', async (name) => {
    const operation = vi.fn().mockRejectedValue(dom(name));
    await expect(steadily(operation)).rejects.toMatchObject({ name });
    expect(operation).toHaveBeenCalledTimes(1);
  });
});
