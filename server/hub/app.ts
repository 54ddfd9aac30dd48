import { existsSync } from 'node:fs';
import { type Context, Hono } from 'hono';
import { HAND_PATH } from '../../src/core/api/messages.ts';
import type { Platform } from '../../src/core/platform.ts';
import { NEAR_PAGE } from '../../src/core/protocol/near.ts';
import { knownLanguage } from '../../src/core/text/fallback.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { NewerAsked } from '../publish/newer.ts';
import { currentTree } from '../publish/tree.ts';
import { batchRoutes } from './batch.ts';
import { assetFolders } from './builds.ts';
import type { AnswerDesk } from './desk.ts';
import { DeltaShelf, dictionaryUse } from './dictionaries.ts';
import { accepts, inside, serveFile } from './files.ts';
import { pickLanguage } from './language.ts';
import type { PublishedLibrary } from './library.ts';
import { nearRoutes } from './near.ts';
import { plainHandler } from './plain.tsx';
import { probeRoutes } from './probes.ts';
import { pageHeaders, SHELL_REACH, sameSite, workerPolicy } from './security.ts';
import { type HeadSource, treeRoutes } from './tree-routes.ts';
import { UploadFolder, type Uploads } from './uploads.ts';

export interface HubPorts {
  readonly config: Config;
  readonly appDir: string;
  readonly desk: AnswerDesk;
  readonly heads: HeadSource;
  readonly library: PublishedLibrary;
  readonly log: Log;
  /** The folder that has `/b/`, where that is not the tree's. */
  readonly blobs?: string;
  /** What has arrived of batches: the data folder's own where it is not given. */
  readonly uploads?: Uploads;
  /** Routes of one kind of hub; asked before all others. */
  readonly own: (app: Hono) => void;
  /** Clock, randomness, hashes and keys: the machine's own where it is not given. */
  readonly platform?: Platform;
}

/** The hub: serves app and tree, takes answers. Every route of it is here, in a file that is named here, or one of `own`. */
export const createHub = (ports: HubPorts): Hono => {
  const { config, appDir, library, desk, log, platform = webPlatform } = ports;
  const { dataDir } = config;
  const app = new Hono();
  probeRoutes(app);
  if (config.appOrigin !== undefined) nearRoutes(app, config.appOrigin);
  ports.own(app);
  const folders = assetFolders(appDir, dataDir);
  const page = () => pageHeaders(library.site().styleHash);

  app.get('/healthz', (context) => {
    desk.check();
    return context.json({ ok: true, seq: library.site().seq }, 200, { 'Cache-Control': 'no-store' });
  });

  const newer = new NewerAsked(dataDir);
  app.use('/c/from/:base/*', (context, next) => {
    const { seq } = library.site();
    const base = Number(context.req.param('base'));
    if (newer.note(base, seq, platform.now())) log('warn', 'tree.newer-asked', { base, seq });
    return next();
  });
  treeRoutes(app, dataDir, ports.heads, ports.blobs);

  const { uploads = new UploadFolder(`${dataDir}/uploads`) } = ports;
  batchRoutes(app, { desk, uploads, log, platform, appOrigin: config.appOrigin });
  app.post('/o/plain', sameSite, plainHandler({ ...ports, platform }));

  const deltas = new DeltaShelf(appDir, dataDir);
  app.get('/assets/*', async (context) => {
    const name = context.req.path.slice('/assets/'.length);
    const available = context.req.header('available-dictionary');
    const sent = await deltas.find(name, { available, accepts: (encoding) => accepts(context, encoding) });
    // A browser without https takes neither brotli nor dictionaries.
    const use = accepts(context, 'br') ? dictionaryUse(name) : undefined;
    const headers = {
      ...(/^(engine|worker)-/.test(name) && { 'Content-Security-Policy': workerPolicy }),
      ...(use && { 'Use-As-Dictionary': use }),
    };
    for (const folder of folders) {
      const options = { cache: 'immutable', headers, vary: 'Available-Dictionary', sent } as const;
      const file = serveFile(context, inside(folder, name), options);
      if (file) return file;
    }
    return context.body(null, 404);
  });

  app.get('/shell', (context) => {
    const file = serveFile(context, `${appDir}/index.html`, {
      cache: 'no-cache',
      headers: pageHeaders(library.site().styleHash, SHELL_REACH),
    });
    return file ?? context.notFound();
  });

  app.get('/:file{[a-z]+\\.(js|svg|png|webmanifest)}', (context) => {
    const isWorker = context.req.path === '/sw.js';
    const headers = isWorker ? { 'Content-Security-Policy': workerPolicy } : {};
    const cache = isWorker ? 'no-cache' : 'week';
    const file = serveFile(context, inside(appDir, context.req.path), { cache, headers });
    return file ?? context.body(null, 404);
  });

  // A font's name is its hash; its licence has none.
  app.get('/fonts/:file{[a-z0-9-]+\\.woff2|OFL\\.txt}', (context) => {
    const cache = context.req.path.endsWith('.txt') ? 'week' : 'immutable';
    return serveFile(context, inside(appDir, context.req.path), { cache }) ?? context.body(null, 404);
  });

  app.get('/iati/activities.xml', (context) => {
    const path = inside(currentTree(dataDir), '/iati/activities.xml');
    return serveFile(context, path, { cache: 'no-cache' }) ?? context.body(null, 404);
  });

  const served = (context: Parameters<typeof serveFile>[0], path: string, vary?: string): Response | undefined =>
    serveFile(context, inside(`${currentTree(dataDir)}/p`, `${path}.html`), {
      cache: 'no-cache',
      headers: { ...page(), 'Content-Language': path.split('/')[0] ?? '' },
      ...(vary && { vary }),
    });

  app.get('/', (context) => {
    const lang = pickLanguage(context.req.header('accept-language') ?? '', library.site().languages);
    return served(context, `${lang}/index`, 'Accept-Language') ?? context.notFound();
  });
  // Where the system leads that opens a file with the app, and a link that offers a hub, should its service worker be gone.
  app.on(['GET', 'POST'], [HAND_PATH, NEAR_PAGE], (context) => {
    const lang = pickLanguage(context.req.header('accept-language') ?? '', library.site().languages);
    return context.redirect(`/${lang}${context.req.path}`, 303);
  });
  // What stands behind a question mark goes along: `/fr?online` is the plain page too.
  const moved = (context: Context, path: string): Response =>
    context.redirect(`${path}${new URL(context.req.url).search}`, 301);

  app.get('/:lang', (context) => {
    const lang = knownLanguage(context.req.param('lang'), library.site().languages);
    return lang === undefined ? context.notFound() : moved(context, `/${lang}/`);
  });
  // An old or regional code of a language that the library has: `/in/pump`, `/ha-NE/pump`.
  app.get('/:lang/*', async (context, next) => {
    const [, lang = '', ...rest] = context.req.path.split('/');
    const { languages } = library.site();
    const known = languages.includes(lang) ? undefined : knownLanguage(lang, languages);
    if (known === undefined) return next();
    return moved(context, `/${[known, ...rest].join('/')}`);
  });
  app.get('/:lang/', (context) => served(context, `${context.req.param('lang')}/index`) ?? context.notFound());
  app.get('/:lang/:id', (context) => {
    const { lang, id } = context.req.param();
    return served(context, `${lang}/${id}`) ?? context.notFound();
  });
  app.get('/:lang/-/:page', (context) => {
    const { lang, page: name } = context.req.param();
    return served(context, `${lang}/-/${name}`) ?? context.notFound();
  });

  app.notFound((context) => {
    const wanted = context.req.path.split('/')[1] ?? '';
    const lang = library.site().languages.includes(wanted) ? wanted : (library.site().languages[0] ?? 'fr');
    const missing = served(context, `${lang}/-/missing`);
    return missing ? new Response(missing.body, { status: 404, headers: missing.headers }) : context.body(null, 404);
  });

  app.onError((error, context) => {
    // Before there is a tree nothing can be read of it, and nothing has failed.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !existsSync(currentTree(dataDir)))
      return context.json({ v: 1, error: 'busy' }, 503, { 'Retry-After': '30', 'Cache-Control': 'no-store' });
    log('error', 'request.failed', { path: context.req.routePath, why: String(error) });
    return context.json({ v: 1, error: 'hub' }, 500);
  });
  return app;
};
