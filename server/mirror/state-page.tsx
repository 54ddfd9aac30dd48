import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { Context, Hono, MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode, StatusCode } from 'hono/utils/http-status';
import type { VNode } from 'preact';
import { parseCanonical } from '../../src/core/protocol/canonical.ts';
import type { ShelfTable } from '../../src/core/protocol/head.ts';
import type { LogEntry } from '../../src/core/protocol/log.ts';
import { dayOf } from '../../src/core/protocol/network.ts';
import { collectionOf, languageOf } from '../../src/core/protocol/shelf.ts';
import { sumOf } from '../../src/core/sync/traffic.ts';
import { COMPLETE, INTERFACE } from '../../src/i18n/words.ts';
import { shelfText } from '../../src/view/carry-parts.tsx';
import type { ViewContext } from '../../src/view/context.ts';
import { Coming, SyncLine } from '../../src/view/network.tsx';
import { Notice } from '../../src/view/notice.tsx';
import { sizeText } from '../../src/view/size.ts';
import type { Config, Upstream } from '../config.ts';
import { pickLanguage } from '../hub/language.ts';
import { pageHeaders, RateLimit, sameSite } from '../hub/security.ts';
import { renderPage } from '../publish/document.ts';
import { Frame } from '../publish/frame.tsx';
import { viewContext } from '../publish/site.ts';
import { currentTree } from '../publish/tree.ts';
import { readSite, styleHash } from '../publish/write-tree.ts';
import type { HeldAnswers } from './held-answers.ts';
import { whyOf } from './log-words.ts';
import type { Mirror } from './mirror.ts';
import type { RelayDesk } from './relay-desk.ts';
import { Codes } from './state-codes.tsx';
import { Never, Wrong, type WrongShelves, wrongShelves } from './state-trouble.tsx';
import { type StickPorts, stickPages } from './stick-page.tsx';

/** A hub that mirrors says how it is, at `/hub`; and, before it has anything, that it is on its way. */
export interface StatePorts extends Omit<StickPorts, 'page' | 'desk'> {
  readonly mirror: Mirror;
  readonly desk: RelayDesk;
}

const RETRY_SECONDS = 30;
const ASKED_A_MINUTE = 6;

export const statePages =
  (ports: StatePorts) =>
  (app: Hono): void => {
    app.get('/hub', async (context) => {
      const v = viewContext(pickLanguage(context.req.header('accept-language') ?? '', COMPLETE));
      const { port } = new URL(context.req.url);
      const body = <StatePage v={v} state={await stateOf(ports, port)} />;
      return pageOf(ports, context, v, body, 200);
    });
    // Anybody may ask, and past its budget the hub asks for nothing all the same; but each look costs the link a little.
    const asked = new RateLimit(ASKED_A_MINUTE, 60_000);
    app.post('/hub', sameSite, (context) => {
      if (asked.take('all')) {
        ports.stores.held.retry();
        ports.mirror.nudge();
      }
      return context.redirect('/hub', 303);
    });
    stickPages(app, { ...ports, page: (context, v, body, status) => pageOf(ports, context, v, body, status) });
    app.use('*', beforeTheFirst(ports));
    // Its answers are read by the centre that they are for.
    app.get('/inbox', (context) => context.redirect('/hub', 302));
  };

/** Until a whole publication is here, there is nothing to serve but the app's own files. */
const beforeTheFirst =
  ({ config }: StatePorts): MiddlewareHandler =>
  async (context, next) => {
    const { path } = context.req;
    if (existsSync(currentTree(config.dataDir)) || path.startsWith('/assets/') || path.startsWith('/fonts/'))
      return next();
    const headers = { 'Retry-After': String(RETRY_SECONDS), 'Cache-Control': 'no-store' };
    if (path === '/healthz') return context.json({ ok: true, seq: 0 }, 200, headers);
    if (/^\/[a-z]+\.\w+$/.test(path)) return next();
    if (context.req.method !== 'GET' || /^\/[cbo]\//.test(path))
      return context.json({ v: 1, error: 'busy' }, 503, headers);
    const v = viewContext(pickLanguage(context.req.header('accept-language') ?? '', INTERFACE));
    const body = (
      <Notice v={v} kind="info">
        {v.t('result.waiting')}
      </Notice>
    );
    context.header('Retry-After', String(RETRY_SECONDS));
    return pageIn(context, v, 'Relais', 'Relais', body, 503);
  };

/** A page of this box. */
const pageOf = (ports: StatePorts, context: Context, v: ViewContext, body: VNode, status: StatusCode): Response =>
  pageIn(context, v, centreOf(ports, v.lang), v.t('inbox.relay.title'), body, status);

const pageIn = (
  context: Context,
  v: ViewContext,
  centre: string,
  title: string,
  body: VNode,
  status: StatusCode,
): Response => {
  const html = renderPage({
    lang: v.lang,
    words: v.words,
    title: v.t('title.page', { title, centre }),
    description: '',
    app: undefined,
    alternates: [],
    body: (
      <Frame v={v} centre={centre}>
        {body}
      </Frame>
    ),
  });
  return context.html(html, status as ContentfulStatusCode, {
    ...pageHeaders(styleHash),
    'Cache-Control': 'no-store',
  }) as Response;
};

const centreOf = ({ config }: StatePorts, lang: string): string => {
  if (!existsSync(currentTree(config.dataDir))) return 'Relais';
  const { centre, languages } = readSite(config.dataDir);
  return centre[lang] || centre[languages[0] ?? ''] || 'Relais';
};

interface Shelf {
  readonly name: string;
  readonly items: number;
  readonly bytes: number;
  readonly isHere: boolean;
}

interface State {
  readonly upstream: Upstream;
  /** Where phones reach this hub. */
  readonly addresses: readonly string[];
  /** Origin of the app that phones may have. */
  readonly appOrigin: string | undefined;
  /** How the last request ended, where nothing ever came from the hub above. */
  readonly never: { readonly reach: string | undefined } | undefined;
  readonly wrong: WrongShelves | undefined;
  /** Milliseconds since 1970, when the newest head was signed. */
  readonly news: number | undefined;
  readonly coming: { readonly done: number; readonly total: number; readonly seconds?: number } | undefined;
  readonly isRunning: boolean;
  /** The disk of this box is full, or cannot be written. */
  readonly isBroken: boolean;
  readonly left: number | undefined;
  readonly shelves: readonly Shelf[];
  readonly media: { readonly have: number; readonly all: number; readonly bytes: number };
  readonly answers: ReturnType<HeldAnswers['counts']>;
  /** What the library says of this hub. */
  readonly standing: Awaited<ReturnType<RelayDesk['standing']>>;
  readonly today: number;
  readonly month: number;
  readonly log: readonly LogEntry[];
}

const stateOf = async (ports: StatePorts, port: string): Promise<State> => {
  const { upstream, config, mirror } = ports;
  const { store, held, blobs } = ports.stores;
  const library = store.state();
  const table = library?.table ? (parseCanonical(library.table) as ShelfTable) : {};
  const wrong = wrongShelves(upstream.shelves ?? [], table);
  const wanted = mirror.wanted().filter((name) => !wrong?.wrong.includes(name));
  const shelves = await Promise.all(
    wanted.map(async (name): Promise<Shelf> => {
      const entry = table[name];
      const isHere = entry !== undefined && (await store.shelf(name)).hash === entry.hash;
      return { name, items: entry?.items ?? 0, bytes: entry?.bytes ?? 0, isHere };
    }),
  );
  const media = await mirror.media();
  const today = dayOf(Date.now());
  const book = await store.book();
  const bytesOf = (start: string): number => {
    const { up, down } = sumOf(book.filter(({ day }) => day.startsWith(start)));
    return up + down;
  };
  return {
    upstream,
    addresses: addressesOf(config, port),
    appOrigin: config.appOrigin,
    never: library ? undefined : { reach: mirror.reach },
    wrong,
    news: library?.head && library.head.issued * 1000,
    coming: mirror.coming,
    isRunning: mirror.phase === 'running',
    isBroken: mirror.problem !== undefined,
    left: store.left(),
    // A collection that has nothing of its own in a language is no news.
    shelves: shelves.filter(({ name, items }) => collectionOf(name) === undefined || items > 0),
    media: {
      have: media.filter((blob) => blobs.isThere(blob)).length,
      all: media.length,
      bytes: media.reduce((sum, { bytes }) => sum + bytes, 0),
    },
    answers: held.counts(),
    standing: await ports.desk.standing(),
    today: bytesOf(today),
    month: bytesOf(today.slice(0, 7)),
    log: await store.lastSyncs(),
  };
};

/** As an address of numbers, which phones can keep: names end with the network. `port`: that of the address that was asked. */
const addressesOf = ({ publicUrl, host }: Config, port: string): readonly string[] => {
  const end = port === '' ? '' : `:${port}`;
  if (publicUrl !== undefined) return [publicUrl];
  if (host !== '0.0.0.0' && host !== '::') return [`http://${host.includes(':') ? `[${host}]` : host}${end}`];
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => `http://${address}${end}`);
};

function StatePage({ v, state }: { readonly v: ViewContext; readonly state: State }) {
  const { upstream, answers, media, left } = state;
  // A file that was refused is no state of this box.
  const last = state.log.find(({ by, ok }) => by !== 'carried' || ok);
  // That its bytes are used up stands there already.
  const isSaid = state.isBroken || last?.ok || (left === 0 && last?.code === 'paused');
  const failed = isSaid ? undefined : last;
  return (
    <section class="more">
      <h1>{v.t('inbox.relay.title')}</h1>
      <div role="status">
        <p>
          {state.news === undefined
            ? v.t('result.waiting')
            : v.t('link.lastNews', { when: v.formatters.date(state.news) })}
        </p>
        {state.isRunning && state.coming && <Coming v={v} coming={state.coming} />}
        {state.isRunning && !state.coming && <p>{v.t('link.busy')}</p>}
        {left === 0 && <p>{v.t('inbox.relay.usedUp')}</p>}
        {state.isBroken && <p>{v.t('inbox.relay.disk')}</p>}
        {state.wrong && <Wrong v={v} shelves={state.wrong} />}
        {failed && !state.never && !(state.wrong && failed.code === 'not-found') && <p>{whyOf(v, failed)}</p>}
        {failed && state.never && (
          <Never v={v} origin={upstream.origin} last={failed} reach={state.never.reach} why={whyOf(v, failed)} />
        )}
      </div>
      <form method="post" action="/hub">
        <button type="submit" class="act go">
          {v.t('network.ask')}
        </button>
      </form>
      <h2>{v.t('inbox.relay.answers')}</h2>
      <ul class="codes">
        <li>
          {answers.waiting > 0 ? v.t('inbox.relay.waiting', { count: answers.waiting }) : v.t('inbox.relay.noneWaits')}
        </li>
        {answers.arrived > 0 && <li>{v.t('inbox.relay.arrived', { count: answers.arrived })}</li>}
        {answers.refused > 0 && <li>{v.t('inbox.relay.refused', { count: answers.refused })}</li>}
      </ul>
      <a class="act" href="/hub/stick">
        {v.t('carry.title')}
      </a>
      <h2>{v.t('inbox.relay.library')}</h2>
      <p>
        <bdi dir="ltr">{upstream.origin}</bdi>
      </p>
      {state.standing && (
        <p>
          <Standing v={v} standing={state.standing} />
        </p>
      )}
      <ul class="codes">
        {state.shelves.map(({ name, items, bytes, isHere }) => (
          <li key={name}>
            <bdi lang={languageOf(name)}>{shelfText(name)}</bdi>{' '}
            {isHere
              ? v.t('inbox.relay.shelf', { items: v.formatters.number(items), size: sizeText(v, bytes) })
              : v.t('inbox.relay.comingShelf')}
          </li>
        ))}
        {media.all > 0 && (
          <li>
            {v.t('inbox.relay.media', {
              have: v.formatters.number(media.have),
              all: v.formatters.number(media.all),
              size: sizeText(v, media.bytes),
            })}
          </li>
        )}
      </ul>
      <h2>{v.t('network.cost')}</h2>
      <p>
        {v.t('network.today', { size: sizeText(v, state.today) })} ·{' '}
        {v.t('network.month', { size: sizeText(v, state.month) })}
      </p>
      {left !== undefined && left > 0 && <p>{v.t('inbox.relay.left', { size: sizeText(v, left) })}</p>}
      <Codes v={v} addresses={state.addresses} appOrigin={state.appOrigin} />
      <h2>{v.t('more.log')}</h2>
      {state.log.length === 0 && <p>{v.t('more.logEmpty')}</p>}
      <ul id="log" class="codes">
        {state.log.map((entry) => (
          <SyncLine key={entry.at} v={v} entry={entry} why={whyOf(v, entry)} />
        ))}
      </ul>
    </section>
  );
}

function Standing({ v, standing }: { readonly v: ViewContext; readonly standing: NonNullable<State['standing']> }) {
  if (standing === 'unknown') return v.t('inbox.relay.unknown');
  const { name, until } = standing;
  if (until === undefined) return v.t('inbox.relay.known', { name });
  return v.t('inbox.relay.knownUntil', { name, until: v.formatters.date(until * 1000) });
}
