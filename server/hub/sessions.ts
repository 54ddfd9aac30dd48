import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Sessions of the operator: in memory only, so that a restart signs everybody out. */
const LONGEST_MS = 12 * 3_600_000;
const IDLE_MS = 2 * 3_600_000;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether a typed code is the operator's, in constant time; case and dashes do not count. */
export const isCode = (typed: string, code: string): boolean => {
  const bare = (text: string): string => text.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return timingSafeEqual(digest(bare(typed)), digest(bare(code)));
};

export class Sessions {
  readonly #sessions = new Map<string, { readonly ends: number; seen: number }>();

  /** A new session's token. Only its digest is kept. */
  open(now = Date.now()): string {
    const token = randomBytes(32).toString('base64url');
    this.#sessions.set(digest(token).toString('hex'), { ends: now + LONGEST_MS, seen: now });
    return token;
  }

  /** `acted`: a person did something, not only a page that asks by itself. */
  isOpen(token: string, acted: boolean, now = Date.now()): boolean {
    const session = this.#sessions.get(digest(token).toString('hex'));
    if (!session || now > session.ends || now - session.seen > IDLE_MS) return false;
    if (acted) session.seen = now;
    return true;
  }

  close(token: string): void {
    this.#sessions.delete(digest(token).toString('hex'));
  }
}
