import { describe, expect, it } from 'vitest';
import type { GivenUp } from '../../../src/core/api/worker-api.ts';
import { type Need, Room, type Sacrifice } from '../../../src/engine/room.ts';

/** A full disk, and what may go from it. */

const full = (): Error => new DOMException('no room', 'QuotaExceededError');

const WHAT = ['search', 'recordings', 'pictures', 'collections', 'languages', 'kept'] as const;

/** A disk on which `count` of each thing stand, and which has room once `enough` of them are gone. */
const diskOf = (count: Partial<Record<Sacrifice['what'], number>>, enough = Number.POSITIVE_INFINITY) => {
  const left = new Map(WHAT.map((what) => [what, count[what] ?? 0]));
  const gone: string[] = [];
  const noted: GivenUp[] = [];
  const sacrifices = WHAT.map((what) => ({
    what,
    free: async () => {
      const there = left.get(what) ?? 0;
      if (there === 0) return false;
      left.set(what, there - 1);
      gone.push(what);
      return true;
    },
  }));
  const library = { gaveUpAt, giveUp: async (what: GivenUp) => void noted.push(what) };
  const room = new Room({ now: () => 7 } as never, library, sacrifices);
  let tries = 0;
  const write = (need: Need): Promise<string> =>
    room.for(need, async () => {
      tries++;
      if (gone.length < enough) throw full();
      return 'written';
    });
  return { room, gone, noted, write, tries: () => tries };
};

const gaveUpAt = async (): Promise<undefined> => undefined;

const ONE_EACH = { search: 1, recordings: 1, pictures: 1, collections: 1, languages: 1, kept: 1 };

describe('room on a full disk', () => {
  it('is made by one thing after the other, what is missed least first, and by no more than is needed', async () => {
    const { gone, write } = diskOf({ ...ONE_EACH, recordings: 2 }, 4);
    expect(await write('answer')).toBe('written');
    expect(gone).toEqual(['search', 'recordings', 'recordings', 'pictures']);
  });

  it.each([
    ['answer', ['search', 'recordings', 'pictures', 'collections', 'languages', 'kept']],
    ['text', ['search', 'recordings', 'pictures', 'collections', 'languages']],
    ['media', ['search', 'recordings', 'pictures']],
  ] as const)('for %s takes nothing but what may go for it', async (need, may) => {
    const { gone, write, tries } = diskOf(ONE_EACH);
    await expect(write(need)).rejects.toThrow('no room');
    expect(gone).toEqual(may);
    // Nobody tries again for nothing.
    expect(tries()).toBe(may.length + 1);
  });

  it('notes what went, but not a copy that nobody misses', async () => {
    const { noted, write } = diskOf(ONE_EACH, 3);
    await write('answer');
    expect(noted).toEqual(['recordings', 'pictures']);
  });

  it('is made also where what went cannot be noted, or something cannot go', async () => {
    const { room } = diskOf({});
    expect(await room.make('answer')).toBe(false);
    const refuses = async () => Promise.reject(full());
    const stubborn = new Room({ now: () => 7 } as never, { gaveUpAt, giveUp: refuses }, [
      { what: 'recordings', free: refuses },
      { what: 'pictures', free: async () => true },
    ]);
    expect(await stubborn.make('answer')).toBe(true);
  });

  it('notes what went once there is room for the note', async () => {
    const noted: GivenUp[] = [];
    let isFull = true;
    const giveUp = async (what: GivenUp): Promise<void> => {
      if (isFull) throw full();
      noted.push(what);
    };
    let left = 1;
    const room = new Room({ now: () => 7 } as never, { gaveUpAt, giveUp }, [
      { what: 'pictures', free: async () => left-- > 0 },
    ]);
    await expect(room.for('answer', () => Promise.reject(full()))).rejects.toThrow('no room');
    expect(noted).toEqual([]);
    isFull = false;
    await room.for('answer', async () => {});
    await room.for('answer', async () => {});
    expect(noted).toEqual(['pictures']);
  });

  it('that may come later is waited for: an hour lies between two such things, whoever asks', async () => {
    let now = 1_000_000_000_000;
    let languages = 5;
    let at: number | undefined;
    const library = {
      giveUp: async (_: GivenUp, when: number) => {
        at = when;
      },
      gaveUpAt: async () => at,
    };
    const ask = async (): Promise<number> => {
      // As after a reload of the page.
      const room = new Room({ now: () => now } as never, library, [
        { what: 'languages', isSlow: true, free: async () => languages-- > 0 },
      ]);
      await expect(room.for('text', () => Promise.reject(full()))).rejects.toThrow('no room');
      return languages;
    };
    expect([await ask(), await ask()]).toEqual([4, 4]);
    now += 3_599_000;
    expect(await ask()).toBe(4);
    now += 2_000;
    expect(await ask()).toBe(3);
    // The clock was set back by years.
    now -= 100_000_000_000;
    expect(await ask()).toBe(2);
  });

  it('that may come later is waited for also where it was of another kind: a collection, then a language an hour later', async () => {
    let now = 1_000_000_000_000;
    const at = new Map<GivenUp, number>();
    const library = {
      giveUp: async (what: GivenUp, when: number) => void at.set(what, when),
      gaveUpAt: async (what: GivenUp) => at.get(what),
    };
    let collections = 1;
    const gone: string[] = [];
    const room = new Room({ now: () => now } as never, library, [
      { what: 'collections', isSlow: true, free: async () => collections-- > 0 && gone.push('collection') > 0 },
      { what: 'languages', isSlow: true, free: async () => gone.push('language') > 0 },
    ]);
    expect([await room.make('text'), await room.make('text')]).toEqual([true, false]);
    now += 3_601_000;
    expect([await room.make('text'), await room.make('text')]).toEqual([true, false]);
    expect(gone).toEqual(['collection', 'language']);
  });

  it('that takes long to make ends before the page takes the worker for dead', async () => {
    let now = 0;
    let portions = 0;
    const room = new Room({ now: () => now } as never, { gaveUpAt, giveUp: async () => {} }, [
      {
        what: 'pictures',
        free: async () => {
          now += 2_500;
          return ++portions > 0;
        },
      },
    ]);
    await expect(room.for('answer', () => Promise.reject(full()))).rejects.toThrow('no room');
    expect(portions).toBe(3);
  });

  it('is not made for what failed for another reason', async () => {
    const { room, gone } = diskOf(ONE_EACH);
    await expect(room.for('answer', () => Promise.reject(new Error('torn')))).rejects.toThrow('torn');
    expect(gone).toEqual([]);
  });

  it('has an end where what went comes back each time', async () => {
    const endless = new Room({ now: () => 7 } as never, { gaveUpAt, giveUp: async () => {} }, [
      { what: 'pictures', free: async () => true },
    ]);
    await expect(endless.for('answer', () => Promise.reject(full()))).rejects.toThrow('no room');
  });
});
