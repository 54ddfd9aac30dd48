import { describe, expect, it } from 'vitest';
import { Sessions } from '../../../../server/hub/sessions.ts';

const HOUR = 3_600_000;

describe('a session', () => {
  it('ends two hours after somebody last did something, however often the page asks by itself', () => {
    const sessions = new Sessions();
    const token = sessions.open(0);
    for (let at = 0; at <= 2 * HOUR; at += 5_000) expect(sessions.isOpen(token, false, at)).toBe(true);
    expect(sessions.isOpen(token, false, 2 * HOUR + 1)).toBe(false);
  });

  it('goes on for whoever is at it, twelve hours at most', () => {
    const sessions = new Sessions();
    const token = sessions.open(0);
    for (let at = 0; at <= 12 * HOUR; at += HOUR) expect(sessions.isOpen(token, true, at)).toBe(true);
    expect(sessions.isOpen(token, true, 12 * HOUR + 1)).toBe(false);
  });

  it('is of nobody else, and ends when it is closed', () => {
    const sessions = new Sessions();
    const token = sessions.open(0);
    expect(sessions.isOpen(`${token}x`, true, 1)).toBe(false);
    sessions.close(token);
    expect(sessions.isOpen(token, true, 1)).toBe(false);
  });
});
