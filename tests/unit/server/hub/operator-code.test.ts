import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CodeDoor, type CodeRefusal } from '../../../../server/hub/operator-code.ts';

const CODE = 'ABCD-EFGH-JKMN';
const WRONG = 'ABCD-EFGH-JKMM';

describe('the operator’s code', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  /** Types them all at once. */
  const type = async (door: CodeDoor, ...codes: readonly string[]): Promise<(CodeRefusal | undefined)[]> => {
    const said = Promise.all(codes.map((code) => door.refusalOf(code)));
    await vi.advanceTimersByTimeAsync(400);
    return said;
  };

  it('opens however often, one after the other', async () => {
    const door = new CodeDoor(CODE);
    for (let i = 0; i < 20; i++) expect(await type(door, CODE)).toEqual([undefined]);
  });

  it('is refused past five wrong ones, the right one too, whether they come at once or not', async () => {
    const atOnce = new CodeDoor(CODE);
    expect(await type(atOnce, ...Array(7).fill(WRONG))).toEqual([...Array(5).fill('code'), 'wait', 'wait']);
    expect(await type(atOnce, CODE)).toEqual(['wait']);
    const after = new CodeDoor(CODE);
    const said: unknown[] = [];
    for (let i = 0; i < 6; i++) said.push(...(await type(after, WRONG)));
    expect(said).toEqual([...Array(5).fill('code'), 'wait']);
    expect(await type(after, CODE)).toEqual(['wait']);
    // One more every twelve seconds.
    vi.advanceTimersByTime(12_000);
    expect(await type(after, CODE)).toEqual([undefined]);
    expect(await type(after, WRONG)).toEqual(['code']);
    expect(await type(after, WRONG)).toEqual(['wait']);
  });

  it('gives nobody’s wrong ones back, whoever types it meanwhile', async () => {
    const door = new CodeDoor(CODE);
    expect(await type(door, WRONG, CODE, WRONG, CODE, WRONG, CODE)).toEqual([
      'code',
      undefined,
      'code',
      undefined,
      'code',
      'wait',
    ]);
    const said: unknown[] = [];
    for (let i = 0; i < 4; i++) said.push(...(await type(door, CODE)), ...(await type(door, WRONG)));
    expect(said).toEqual([undefined, 'code', undefined, 'code', 'wait', 'wait', 'wait', 'wait']);
  });
});
