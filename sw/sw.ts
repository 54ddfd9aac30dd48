import { clientsClaim } from 'workbox-core';
import { createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import {
  HAND_PATH,
  HANDED_CACHE,
  HANDED_NAME,
  SYNC_TAG,
  type ToPage,
  type ToServiceWorker,
  type Warm,
} from '../src/core/api/messages.ts';
import type { EngineKit } from '../src/engine/main.ts';
import { forgetOld, replaceWarm, warm, warmed } from './warm.ts';

/**
 * Composition root of the service worker: wires events, does nothing itself. Content is never in its caches: it comes from the store,
 * where everything was verified.
 */
declare const self: ServiceWorkerGlobalScope & {
  relaisEngine: EngineKit;
};

/** The app's files of a build. */
export interface AppFiles {
  /** The address of the empty page. */
  readonly shell: string;
  /** All or none of them are installed. */
  readonly install: readonly { readonly url: string; readonly revision: string | null; readonly integrity: string }[];
  /** Files that are fetched one by one after the install, so that a cut link never undoes the install. */
  readonly warm: readonly string[];
}

/** Pages that only a hub can make, or that were asked of it; all others are the shell, which reads from the store. */
const HUB_PAGES = [/^\/(o|inbox|hub|healthz|c|b)(\/|$)/, /^\/[^/]+\.\w+$/, /\?online$/];

const sync = async (): Promise<void> => {
  await self.relaisEngine.engine.sync('background', new AbortController().signal);
};

/** Makes a service worker of this realm, while its script runs for the first time: later, browsers take no listeners. */
export const serve = ({ shell, install, warm: warmUrls }: AppFiles): void => {
  const tellWarm = (page: ExtendableMessageEvent['source'], { lang, mayFetch }: Warm): Promise<void> =>
    warm(mayFetch ? warmUrls : [], lang, (urls) =>
      page?.postMessage({ type: 'warm', urls: [...install.map(({ url }) => url), ...urls] } satisfies ToPage),
    );

  // To one page, also while none is under control.
  self.relaisEngine.watchAppCost(async (cost) => {
    const [page] = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
    page?.postMessage({ type: 'cost', ...cost } satisfies ToPage);
  });

  precacheAndRoute([...install]);

  // An update takes over all at once, also without a link: it is not installed before it has the words that this device reads.
  self.addEventListener('install', (event) => {
    if (self.registration.active) event.waitUntil(replaceWarm(warmUrls));
  });

  registerRoute(new NavigationRoute(createHandlerBoundToURL(shell), { denylist: HUB_PAGES }));

  // A form of any other site gets here too: nothing is done with the file before a person says so.
  registerRoute(
    ({ url, sameOrigin }) => sameOrigin && url.pathname === HAND_PATH,
    async ({ request }) => {
      const file = (await request.formData()).get('file');
      // Where it finds no room, the page opens all the same.
      const cache = await caches.open(HANDED_CACHE).catch(() => undefined);
      if (file instanceof File)
        await cache
          ?.put(HAND_PATH, new Response(file, { headers: { [HANDED_NAME]: encodeURIComponent(file.name) } }))
          .catch(() => {});
      return Response.redirect(HAND_PATH, 303);
    },
    'POST',
  );

  self.addEventListener('message', (event) => {
    const message = event.data as ToServiceWorker;
    // The person asked for the new version; nothing is pending on any page.
    if (message.type === 'activate') void self.skipWaiting();
    if (message.type === 'claim') event.waitUntil(self.clients.claim());
    if (message.type === 'warm') event.waitUntil(tellWarm(event.source, message));
  });

  registerRoute(
    ({ url, sameOrigin }) => sameOrigin && warmUrls.includes(url.pathname),
    ({ request }) => warmed(request),
  );
  self.addEventListener('activate', (event) => event.waitUntil(forgetOld(warmUrls)));

  // A first visit is under control at once; an update waits until it was asked for.
  clientsClaim();

  // Only a wake-up call: the outbox is the truth. A rejection asks the browser for another try.
  self.addEventListener('sync', (event) => {
    if (event.tag === SYNC_TAG) event.waitUntil(sync());
  });
  self.addEventListener('periodicsync', (event) => {
    if (event.tag === SYNC_TAG) event.waitUntil(sync());
  });
};
