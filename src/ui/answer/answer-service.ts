import type { Client } from '../../client/client.ts';
import type { AppShell } from '../../client/service-worker.ts';
import { isStatic } from '../../core/api/hosting.ts';
import type { Draft } from '../../core/api/worker-api.ts';
import type { FormProblem } from '../../core/forms/validate.ts';
import type { SentState } from './session.ts';

export type Outcome =
  | { readonly sent: true; readonly number: string; readonly state: SentState }
  | { readonly sent: false; readonly why: 'problems'; readonly problems: readonly FormProblem[] }
  /** `full`: this phone stores nothing more. `not-sent`: neither stored nor sent; it stays on the screen. */
  | { readonly sent: false; readonly why: 'full' | 'not-sent' };

/** How long a person waits for a store that is still opening, before the answer goes straight to the centre; longer where there is none. */
const STORE_WAIT_MS = isStatic ? 20_000 : 4_000;
/** How long the centre may take to answer. */
const REPLY_WAIT_MS = 20_000;

/** What the centre, or a hub in between, replies to `/o/plain`; without `v` it is not the centre that replied. */
interface PlainReply {
  readonly v?: unknown;
  readonly result?: string;
  readonly number?: string;
  readonly problems?: readonly FormProblem[];
}

/**
 * Sends an answer: into the store; or, before there is one or where there is none, straight to the centre, as the plain page would.
 *
 * Both ways lead to one answer: its id comes from the draft's token, so whatever was lost on the way, the centre has it once.
 */
export class AnswerService {
  readonly #client: Client;
  readonly #shell: AppShell;
  constructor(client: Client, shell: AppShell) {
    this.#client = client;
    this.#shell = shell;
  }

  async send(draft: Draft): Promise<Outcome> {
    if (!(await this.#storeIsReady())) return sendPlain(draft);
    const result = await this.#client.finish(draft);
    if (result.kept) {
      void navigator.storage?.persist?.();
      void this.#shell.wakeWhenOnline();
      return { sent: true, number: result.number, state: 'kept' };
    }
    if ('problems' in result) return { sent: false, why: 'problems', problems: result.problems };
    const direct = await sendPlain(draft);
    return direct.sent || (result.code !== 'full' && result.code !== 'storage') ? direct : { sent: false, why: 'full' };
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
}

const sendPlain = async (draft: Draft): Promise<Outcome> => {
  if (isStatic) return { sent: false, why: 'not-sent' };
  const { token, form, version, item, lang, answers } = draft;
  const body = new URLSearchParams({ ...answers, form, version: String(version), item, lang, token });
  try {
    const signal = AbortSignal.timeout(REPLY_WAIT_MS);
    const headers = { Accept: 'application/json' };
    const response = await fetch('/o/plain', { method: 'POST', body, headers, signal });
    const reply = (await response.json()) as PlainReply;
    if (typeof reply.v !== 'number') return { sent: false, why: 'not-sent' };
    if (reply.number !== undefined)
      return { sent: true, number: reply.number, state: reply.result === 'held' ? 'held' : 'centre' };
    if (reply.problems) return { sent: false, why: 'problems', problems: reply.problems };
  } catch {
    // No link, or a portal's page instead of a reply.
  }
  return { sent: false, why: 'not-sent' };
};
