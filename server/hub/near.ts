import type { Hono, MiddlewareHandler } from 'hono';
import { OFFSET } from '../../src/core/protocol/upload.ts';

/**
 * What lets the app of another address reach this hub: phones that have it from their centre, and stand in this hub's Wi-Fi. The tree and answers' way
 * are for it; pages, forms, the state page and an inbox are for nobody but this hub's own. Chromium asks the person first (Local Network Access),
 * and asks no more of a hub than what CORS asks; the headers of Private Network Access, which came before, are gone.
 */
const PATHS = ['/c/*', '/b/*', '/o/batch', '/o/batch/*'];
const METHODS = 'GET, HEAD, POST, PATCH';
/** What the engine says that no form could. */
const ASKED = ['Range', 'If-Match', OFFSET].join(', ');
/** What it reads that a page of another site may not else. */
const TOLD = ['Content-Encoding', 'Content-Range', 'ETag', 'Retry-After', OFFSET].join(', ');
/** Browsers keep it for two hours at most. */
const KEPT_SECONDS = '7200';

/** Registered before the routes that it is for. `origin`: the app's, as browsers write it. */
export const nearRoutes = (app: Hono, origin: string): void => {
  const allow: MiddlewareHandler = async (context, next) => {
    const isApp = context.req.header('origin') === origin;
    const isPreflight = context.req.method === 'OPTIONS' && context.req.header('access-control-request-method');
    if (isApp && isPreflight)
      return context.body(null, 204, {
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Methods': METHODS,
        'Access-Control-Allow-Headers': ASKED,
        'Access-Control-Max-Age': KEPT_SECONDS,
        Vary: 'Origin',
      });
    await next();
    // To whoever else asks it says nothing of whom it would let in.
    context.res.headers.append('Vary', 'Origin');
    if (!isApp) return;
    context.res.headers.set('Access-Control-Allow-Origin', origin);
    context.res.headers.set('Access-Control-Expose-Headers', TOLD);
  };
  for (const path of PATHS) app.use(path, allow);
};
