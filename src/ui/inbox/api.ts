import type { FormItem } from '../../core/protocol/item.ts';

/** An answer as the hub opened it (`server/hub/answer-store.ts`). */
export interface InboxAnswer {
  /** The hub's own sequence: the order of arrival. */
  readonly seq: number;
  readonly number: string;
  /** False where the hub could not open it: every field below is then empty. */
  readonly readable: boolean;
  readonly form: string;
  readonly item: string;
  /** Of the item, in the operator's language where there is one. */
  readonly title: string;
  readonly lang: string;
  readonly answers: Readonly<Record<string, string>>;
  /** Seconds since 1970: the device's clock (0 where unknown), and the hub's. */
  readonly filled: number;
  readonly received: number;
}

/** No reply, or one that is not ours: a captive portal, a proxy's page, a hub in trouble. */
interface Unreachable {
  readonly kind: 'unreachable';
}

export type SignInResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'wrong-code' }
  | { readonly kind: 'wait'; readonly seconds: number }
  | Unreachable;

export type SignOutResult = { readonly kind: 'done' } | Unreachable;

export interface AnswersPage {
  readonly kind: 'page';
  /** In order of arrival. */
  readonly answers: readonly InboxAnswer[];
  readonly forms: readonly FormItem[];
  readonly more: boolean;
}

export type AnswersResult = AnswersPage | { readonly kind: 'signed-out' } | Unreachable;

export interface InboxApi {
  readonly signIn: (code: string) => Promise<SignInResult>;
  readonly signOut: () => Promise<SignOutResult>;
  /** Answers that came after the sequence number `after`; labels of forms in `lang`. `acted`: a person is at the page. */
  readonly answers: (after: number, lang: string, acted: boolean) => Promise<AnswersResult>;
}

/** A plain link: the browser downloads it. */
export const EXPORT_HREF = '/inbox/api/export.csv';

const SESSION = '/inbox/api/session';
const TIMEOUT_MS = 20_000;
const LONGEST_WAIT = 600;

const UNREACHABLE: Unreachable = { kind: 'unreachable' };

/** The hub's door over `fetch`, same origin: the session is a cookie that scripts cannot see. */
export const inboxApi = (fetcher: typeof fetch = (...args) => fetch(...args)): InboxApi => {
  const ask = async (url: string, init: RequestInit = {}): Promise<Response | undefined> => {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      const headers = { 'content-type': 'application/json', 'x-relais': 'inbox' };
      const response = await fetcher(url, { ...init, headers, signal: abort.signal });
      // Read here, so that the limit covers a body that stops half-way.
      return new Response(response.status === 204 ? null : await response.text(), response);
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    async signIn(code) {
      const response = await ask(SESSION, { method: 'POST', body: JSON.stringify({ code }) });
      if (response?.status === 204) return { kind: 'done' };
      if (response?.status === 429) return { kind: 'wait', seconds: secondsOf(response.headers.get('retry-after')) };
      if (response?.status === 401 && (await errorOf(response)) === 'code') return { kind: 'wrong-code' };
      return UNREACHABLE;
    },
    async signOut() {
      const response = await ask(SESSION, { method: 'DELETE' });
      // Not signed in any more is what was asked for.
      const out = response?.status === 204 || (response?.status === 401 && (await errorOf(response)) === 'signed-out');
      return out ? { kind: 'done' } : UNREACHABLE;
    },
    async answers(after, lang, acted) {
      const query = `after=${after}&lang=${encodeURIComponent(lang)}${acted ? '&acted=1' : ''}`;
      const response = await ask(`/inbox/api/answers?${query}`);
      if (response?.status === 200) return pageOf(await bodyOf(response));
      if (response?.status === 401 && (await errorOf(response)) === 'signed-out') return { kind: 'signed-out' };
      return UNREACHABLE;
    },
  };
};

const bodyOf = async (response: Response): Promise<Record<string, unknown>> => {
  const body: unknown = await response.json().catch(() => undefined);
  return isRecord(body) ? body : {};
};

const errorOf = async (response: Response): Promise<unknown> => (await bodyOf(response)).error;

const secondsOf = (header: string | null): number => {
  const seconds = Math.ceil(Number(header ?? 60));
  return seconds > 0 && seconds <= LONGEST_WAIT ? seconds : 60;
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Our own hub sends this: the check is for a foreign page in its place, not for every field. */
const pageOf = ({ answers, forms, more }: Record<string, unknown>): AnswersResult => {
  if (!Array.isArray(answers) || !answers.every(isAnswer) || !Array.isArray(forms)) return UNREACHABLE;
  return { kind: 'page', answers, forms: forms.filter(isForm), more: more === true };
};

const isAnswer = (value: unknown): value is InboxAnswer =>
  isRecord(value) &&
  Number.isSafeInteger(value.seq) &&
  typeof value.received === 'number' &&
  typeof value.filled === 'number' &&
  [value.number, value.form, value.item, value.title, value.lang].every((text) => typeof text === 'string') &&
  typeof value.readable === 'boolean' &&
  isRecord(value.answers) &&
  Object.values(value.answers).every((text) => typeof text === 'string');

const isForm = (value: unknown): value is FormItem =>
  isRecord(value) && typeof value.id === 'string' && Array.isArray(value.questions);
