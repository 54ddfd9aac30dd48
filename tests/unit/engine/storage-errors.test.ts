import { describe, expect, it, vi } from 'vitest';
import { RelaisError } from '../../../src/core/errors.ts';
import { steadily, storageCode } from '../../../src/engine/storage-errors.ts';

const dom = (name: string): DOMException => new DOMException('x', name);

describe('storageCode', () => {
  it.each([
    ['a quota, as Chromium tells it', dom('QuotaExceededError')],
    ['a quota, as old Firefox tells it', { name: 'NS_ERROR_DOM_QUOTA_REACHED' }],
  ])('says "full" of %s', (_, error) => {
    expect(storageCode(error)).toBe('full');
  });

  it.each([
    ...['AbortError', 'InvalidStateError', 'UnknownError', 'VersionError', 'TransactionInactiveError'],
    ...['SecurityError', 'NotReadableError', 'NotFoundError', 'ConstraintError'],
  ])('says "storage" of %s', (name) => {
    expect(storageCode(dom(name))).toBe('storage');
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
});

describe('steadily', () => {
  it('does once what works', async () => {
    const operation = vi.fn(async () => 'done');
    expect(await steadily(operation)).toBe('done');
    expect(operation).toHaveBeenCalledTimes(1);
  });

  it.each(['InvalidStateError', 'UnknownError'])('tries once more after %s', async (name) => {
    const operation = vi.fn(async () => 'done').mockRejectedValueOnce(dom(name));
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
