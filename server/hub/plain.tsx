import type { Context } from 'hono';
import * as v from 'valibot';
import { cleanAnswers, type FormProblem, problemsOf } from '../../src/core/forms/validate.ts';
import type { Platform } from '../../src/core/platform.ts';
import { toBase64Url } from '../../src/core/protocol/bytes.ts';
import { canonicalBytes } from '../../src/core/protocol/canonical.ts';
import { centreOf, type Letter, sealLetter } from '../../src/core/protocol/envelope.ts';
import { idFromHash, idOfToken, numberOf } from '../../src/core/protocol/ids.ts';
import type { FormItem } from '../../src/core/protocol/item.ts';
import { slug } from '../../src/core/protocol/shapes.ts';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { Kept } from '../../src/view/kept.tsx';
import { Notice } from '../../src/view/notice.tsx';
import type { Log } from '../log.ts';
import { renderPage } from '../publish/document.ts';
import { Frame } from '../publish/frame.tsx';
import { viewContext } from '../publish/site.ts';
import type { AnswerDesk } from './desk.ts';
import type { PublishedLibrary } from './library.ts';
import { pageHeaders, RateLimit, readLimited } from './security.ts';
import { isDiskFull } from './sqlite.ts';

/**
 * `POST /o/plain`: an ordinary form, for phones and moments without a script. The hub seals it at once, exactly as a device would, and
 * answers with a page that says what happened (or, asked for JSON by a script whose worker is not up yet, with the number).
 */
export interface PlainPorts {
  readonly desk: AnswerDesk;
  readonly library: PublishedLibrary;
  readonly log: Log;
  readonly platform: Platform;
}

/** A long answer in Bengali takes nine signs a letter on its way. */
const MAX_FORM = 64 * 1024;
/** The hub writes for people without a device of their own: one name for all of them, never a sequence. */
const NO_DEVICE = toBase64Url(new Uint8Array(16));
const DAY = 86_400;
const FEW_MINUTES = 300;

type Outcome =
  /** `held`: at a hub in between. */
  | { readonly status: 200; readonly result: 'arrived' | 'already' | 'held'; readonly number: string }
  | { readonly status: 400; readonly result: 'invalid'; readonly problems: readonly FormProblem[] }
  /** `gone`: this library has no such form. `full`: the centre's disk is. */
  | { readonly status: 400 | 413 | 429 | 500 | 507; readonly result: 'gone' | 'large' | 'wait' | 'full' | 'failed' };

export const plainHandler = (ports: PlainPorts): ((context: Context) => Promise<Response>) => {
  const limit = new RateLimit(120, 60_000);
  return async (context) => {
    const body = await readLimited(context, MAX_FORM);
    const fields = new URLSearchParams(new TextDecoder().decode(body ?? new Uint8Array(0)));
    const outcome: Outcome = !body
      ? { status: 413, result: 'large' }
      : limit.take('plain', ports.platform.now())
        ? await store(ports, fields).catch((error: unknown) => failed(ports, error))
        : { status: 429, result: 'wait' };
    if (context.req.header('accept')?.startsWith('application/json')) {
      const { status, ...reply } = outcome;
      return context.json({ v: PROTOCOL_VERSION, ...reply }, status, { 'Cache-Control': 'no-store' });
    }
    return page(ports, context, fields, outcome);
  };
};

const failed = ({ log }: PlainPorts, error: unknown): Outcome => {
  log('error', 'plain.failed', { why: String(error) });
  return isDiskFull(error) ? { status: 507, result: 'full' } : { status: 500, result: 'failed' };
};

const RESERVED = new Set(['form', 'version', 'item', 'lang', 'token']);

const store = async (ports: PlainPorts, fields: URLSearchParams): Promise<Outcome> => {
  const lang = fields.get('lang') ?? '';
  const item = fields.get('item') ?? '';
  const form: FormItem | undefined = ports.library.form(fields.get('form') ?? '', lang);
  const answers = cleanAnswers(Object.fromEntries([...fields].filter(([name]) => !RESERVED.has(name))));
  // An item that has left the library since may be answered all the same, as from a device that has not heard of it.
  if (!form || !v.is(slug, item)) return { status: 400, result: 'gone' };
  const problems = problemsOf(form, answers);
  if (problems.length > 0) return { status: 400, result: 'invalid', problems };
  const at = Math.floor(ports.platform.now() / 1000);
  const letter: Letter = { v: PROTOCOL_VERSION, form: form.id, version: form.version, item, lang, answers, at };
  const id = await idOf(ports.platform, letter, fields.get('token')?.slice(0, 64));
  const centre = centreOf(ports.desk.root());
  const sealed = await sealLetter(ports.platform, centre, letter);
  const header = {
    v: PROTOCOL_VERSION,
    id,
    hash: sealed.hash,
    size: sealed.size,
    to: centre.id,
    dev: NO_DEVICE,
    n: 1,
  } as const;
  const fresh = await ports.desk.takeOwn({ header, body: sealed.body });
  ports.log('info', 'plain.stored', { fresh });
  void ports.desk.afterwards().catch((error) => ports.log('error', 'answers.open', { why: String(error) }));
  const number = numberOf(id);
  if (ports.desk.isRelay) return { status: 200, result: 'held', number };
  return { status: 200, result: fresh ? 'arrived' : 'already', number };
};

/**
 * The same words about the same item on the same day are one answer, sent twice. Without words, a tap on a face says too little to tell two
 * people apart, so there only a few minutes count as the same. A script sends a token of its own for each answer, and nothing is guessed: sealed on the device it would
 * have the same id.
 */
const idOf = async (
  platform: Platform,
  { form, item, lang, answers, at }: Letter,
  token: string | undefined,
): Promise<string> => {
  if (token) return idOfToken(platform, token.toWellFormed());
  const words = Object.values(answers).some((answer) => answer.length > 20);
  const window = Math.floor(at / (words ? DAY : FEW_MINUTES));
  return idFromHash(await platform.sha256(canonicalBytes({ form, item, lang, answers, window })));
};

const page = (ports: PlainPorts, context: Context, fields: URLSearchParams, outcome: Outcome): Response => {
  const site = ports.library.site();
  const asked = fields.get('lang') ?? '';
  const lang = site.languages.includes(asked) ? asked : (site.languages[0] ?? 'fr');
  const item = fields.get('item') ?? '';
  const back = site.items[lang]?.includes(item) ? `/${lang}/${item}` : `/${lang}/`;
  const view = viewContext(lang);
  const centre = site.centre[lang] ?? '';
  const number = 'number' in outcome ? outcome.number : undefined;
  const html = renderPage({
    lang,
    words: view.words,
    title: view.t('title.page', { title: view.t('result.title'), centre }),
    description: '',
    app: undefined,
    alternates: [],
    body: (
      <Frame v={view} centre={centre}>
        {number !== undefined && outcome.result === 'held' && (
          <Kept v={view} number={number} state="kept" where={view.t('result.held')} />
        )}
        {number !== undefined && outcome.result !== 'held' && <Kept v={view} number={number} state="centre" />}
        {number === undefined && <h1>{view.t('result.title')}</h1>}
        {outcome.result !== 'arrived' && outcome.result !== 'held' && (
          <Notice v={view} kind="info">
            {view.t(`result.${outcome.result}`)}
          </Notice>
        )}
        <p>
          <a class="act" href={back}>
            {view.t('result.back')}
          </a>
        </p>
      </Frame>
    ),
  });
  return context.html(html, outcome.status, { ...pageHeaders(site.styleHash), 'Cache-Control': 'no-store' });
};
