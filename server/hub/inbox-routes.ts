import { type Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Config } from '../config.ts';
import { csvColumns, csvHead, csvLine } from './csv.ts';
import { type InboxCarryPorts, inboxCarryRoutes } from './inbox-carry.ts';
import { CodeDoor } from './operator-code.ts';
import { readLimited, sameSite } from './security.ts';
import { Sessions } from './sessions.ts';
import { isDiskFull } from './sqlite.ts';

/** The operator's side: sign in, see answers arrive, take them away as a table, carry a library and answers by hand. */
export interface InboxPorts extends Omit<InboxCarryPorts, 'dataDir' | 'appAddress'> {
  readonly config: Config;
  /** What the operator types. */
  readonly code: string;
}

const PAGE = 200;

export const inboxRoutes = (ports: InboxPorts): Hono => {
  const { config, code, answers, library, log } = ports;
  const app = new Hono();
  const sessions = new Sessions();
  const door = new CodeDoor(code);
  // Browsers take Secure cookies from localhost too; a plain-http hub on a LAN has to do without.
  const secure = config.publicUrl === undefined ? config.host === 'localhost' : config.publicUrl.startsWith('https:');
  const cookie = secure ? '__Host-relais' : 'relais';
  /** A page that is left open asks every few seconds: only what a person does keeps a session alive. */
  const signedIn = ({ req }: Context, token: string | undefined): boolean =>
    token !== undefined && sessions.isOpen(token, !req.path.endsWith('/answers') || req.query('acted') === '1');

  app.use('*', sameSite, async (context, next) => {
    await next();
    context.header('Cache-Control', 'no-store');
  });

  app.post('/session', async (context) => {
    const why = await door.refusalOf(typedCode(await readLimited(context, 1024)));
    if (why === 'wait') {
      log('warn', 'inbox.limited');
      return context.json({ error: 'wait' }, 429, { 'Retry-After': '60' });
    }
    if (why === 'code') {
      log('warn', 'inbox.refused');
      return context.json({ error: 'code' }, 401);
    }
    setCookie(context, cookie, sessions.open(), { path: '/', httpOnly: true, sameSite: 'Strict', secure });
    log('info', 'inbox.opened');
    return context.body(null, 204);
  });

  // What another site can make a browser send (a form, a link) never carries this header.
  app.use('*', async (context, next) => {
    if (!signedIn(context, getCookie(context, cookie))) return context.json({ error: 'signed-out' }, 401);
    if (context.req.method !== 'GET' && context.req.header('x-relais') !== 'inbox')
      return context.json({ error: 'header' }, 403);
    return next();
  });

  app.delete('/session', (context) => {
    sessions.close(getCookie(context, cookie) ?? '');
    deleteCookie(context, cookie, { path: '/', secure });
    return context.body(null, 204);
  });

  /** Opens what has come. Where there is no room for it, what was opened before is shown all the same. */
  const openSome = (): Promise<void> =>
    answers.openPending().catch((error: unknown) => {
      if (!isDiskFull(error)) throw error;
      log('error', 'answers.open', { why: String(error) });
    });

  app.get('/answers', async (context) => {
    await openSome();
    const list = answers.after(Number(context.req.query('after') ?? 0) || 0, PAGE);
    const lang = context.req.query('lang') ?? 'fr';
    const forms = [...new Set(list.map(({ form }) => form))].flatMap((id) => library.form(id, lang) ?? []);
    const titled = list.map((answer) => ({ ...answer, title: library.title(answer.item, lang) ?? answer.item }));
    return context.json({ answers: titled, forms, more: list.length === PAGE });
  });

  app.get('/export.csv', async (context) => {
    await openSome();
    const lang = library.site().languages[0] ?? 'fr';
    const columns = csvColumns(library.forms(lang), answers.all(PAGE));
    const parts = [csvHead(columns)];
    for (const answer of answers.all(PAGE)) parts.push(csvLine(answer, columns));
    const headers = {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': 'attachment; filename="relais.csv"',
    };
    return context.body(parts.join(''), 200, headers);
  });

  inboxCarryRoutes(app, { ...ports, dataDir: config.dataDir, appAddress: config.appOrigin ?? config.publicUrl });
  return app;
};

const typedCode = (body: Uint8Array | undefined): string => {
  try {
    const { code } = JSON.parse(new TextDecoder().decode(body)) as { code?: unknown };
    return typeof code === 'string' ? code : '';
  } catch {
    return '';
  }
};
