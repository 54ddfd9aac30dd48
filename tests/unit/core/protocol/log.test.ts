import { expect, it } from 'vitest';
import { asOne, type LogEntry } from '../../../../src/core/protocol/log.ts';

const entry = (rest: Partial<LogEntry>): LogEntry => ({ at: 1, by: 'page', ok: false, sent: 0, changed: 0, ...rest });

it('tries that failed in the same way are one line, which adds up what they cost', () => {
  const first = entry({ code: 'rollback', up: 400, down: 60_000, ms: 4_000 });
  const second = entry({ at: 2, code: 'rollback', up: 300, down: 50_000, details: '{}' });
  expect(asOne(first, second)).toEqual({ ...second, up: 700, down: 110_000, ms: 4_000 });
});

it('nothing new is one line, with what the last look cost', () => {
  const last = entry({ at: 2, ok: true, up: 3, down: 4 });
  expect(asOne(entry({ ok: true, up: 1, down: 2 }), last)).toBe(last);
});

it('each file or code that was brought by hand and refused has its own line, and a sync beside it too', () => {
  const refused = entry({ by: 'carried', code: 'truncated' });
  expect(asOne(refused, { ...refused, at: 2 })).toBeUndefined();
  expect(asOne(refused, entry({ at: 2, code: 'truncated' }))).toBeUndefined();
  expect(asOne(entry({ code: 'truncated' }), refused)).toBeUndefined();
});

it('what each says of its own stays: the first of all, other ends, and what was achieved', () => {
  expect(asOne(undefined, entry({}))).toBeUndefined();
  expect(asOne(entry({ code: 'cut' }), entry({ code: 'no-link' }))).toBeUndefined();
  expect(asOne(entry({ ok: true, changed: 1 }), entry({ ok: true }))).toBeUndefined();
  expect(asOne(entry({ ok: true }), entry({ ok: true, sent: 1 }))).toBeUndefined();
  expect(asOne(entry({ code: 'full', changed: 2 }), entry({ code: 'full' }))).toBeUndefined();
});
