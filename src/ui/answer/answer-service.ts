import type { Client } from '../../client/client.ts';
import type { AppShell } from '../../client/service-worker.ts';
import type { Draft } from '../../core/api/worker-api.ts';
import type { FormProblem } from '../../core/forms/validate.ts';

export type Outcome =
  | { readonly sent: true; readonly number: string; readonly arrived: boolean }
  | { readonly sent: false; readonly why: 'problems'; readonly problems: readonly FormProblem[] }
  /** `full`: this phone stores nothing more. `not-sent`: neither stored nor sent; it stays on the screen. */
  | { readonly sent: false; readonly why: 'full' | 'not-sent' };

/** How long a person waits for a store that is still opening, before the answer goes straight to the centre. */
const STORE_WAIT_MS = 4_000;
/** How long the centre may take to answer. */
const REPLY_WAIT_MS = 20_000;

/**
 * Sends an answer: into the store; or, before there is one or where there is none, straight to the centre, as the plain page would.
 *
 * Invariant: a draft never takes both ways unless the first is known to have failed, since the two would arrive as two answers.
 */
export class AnswerService {
  readonly #client: Client;
  readonly #shell: AppShell;
  /** Tokens of drafts that went straight to the centre, and whose fate is unknown: the same way again, the centre knows them by it. */
  readonly #underWay = new Set<string>();
  constructor(client: Client, shell: AppShell) {
    this.#client = client;
    this.#shell = shell;
  }

  async send(draft: Draft): Promise<Outcome> {
    if (this.#underWay.has(draft.token) || !(await this.#storeIsReady())) return this.#sendPlain(draft);
    const result = await this.#client.finish(draft);
    if (result.kept) {
      void navigator.storage?.persist?.();
      void this.#shell.wakeWhenOnline();
      return { sent: true, number: result.number, arrived: false };
    }
    if ('problems' in result) return { sent: false, why: 'problems', problems: result.problems };
    // A worker that fell silent, or a store that failed in the middle, may have kept it.
    if (result.code === 'worker') return { sent: false, why: 'not-sent' };
    if (result.code === 'storage') return { sent: false, why: 'full' };
    const direct = await this.#sendPlain(draft);
    return direct.sent || result.code !== 'full' ? direct : { sent: false, why: 'full' };
  }

  /** A store that is open, and knows the centre's key. */
  async #storeIsReady(): Promise<boolean> {
    const { opened, status, canStore } = this.#client;
    if (!canStore) return false;
    const ends = Date.now() + STORE_WAIT_MS;
    while (Date.now() < ends) {
      if (opened.value?.broken) return false;
      if (status.value?.fingerprint !== undefined) return true;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return false;
  }

  async #sendPlain(draft: Draft): Promise<Outcome> {
    const { token, form, version, item, lang, answers } = draft;
    const body = new URLSearchParams({ ...answers, form, version: String(version), item, lang, token });
    // Without any network nothing leaves this phone; in every other failure the answer may have arrived, and only the reply got lost.
    if (navigator.onLine) this.#underWay.add(token);
    try {
      const signal = AbortSignal.timeout(REPLY_WAIT_MS);
      const headers = { Accept: 'application/json' };
      const response = await fetch('/o/plain', { method: 'POST', body, headers, signal });
      const reply = (await response.json()) as { v?: unknown; result?: string; number?: string };
      if (typeof reply.v !== 'number') return { sent: false, why: 'not-sent' };
      this.#underWay.delete(token);
      if (reply.number !== undefined) return { sent: true, number: reply.number, arrived: true };
      if (reply.result === 'invalid') return { sent: false, why: 'problems', problems: [{ why: 'empty' }] };
    } catch {
      // No link, or a portal's page instead of a reply.
    }
    return { sent: false, why: 'not-sent' };
  }
}
