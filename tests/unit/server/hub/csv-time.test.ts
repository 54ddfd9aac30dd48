import { expect, it } from 'vitest';
import type { InboxAnswer } from '../../../../server/hub/answer-store.ts';
import { csvLine } from '../../../../server/hub/csv.ts';

it('leaves out a time that no calendar has, and keeps the answer', () => {
  const answer: InboxAnswer = {
    seq: 1,
    number: '47291806',
    readable: true,
    form: 'short',
    version: 1,
    item: 'pump',
    lang: 'fr',
    answers: {},
    filled: 9e15,
    received: 1_795_000_000,
  };
  expect(csvLine(answer, [])).toContain('"1","47291806","2026-11-18T');
});
