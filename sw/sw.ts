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
declare const __ENGINE_URL__: string;
declare const __SHELL_URL__: string;
/** Files that are fetched one by one after the install, so that a cut link never undoes the install. */
declare const __WARM_URLS__: readonly string[];

// Imported while installing, so that the file stays with this version of the service worker, offline too.
importScripts(__ENGINE_URL__);

const INSTALLED = self.__WB_MANIFEST as readonly { url: string; revision: string | null }[];
precacheAndRoute([...INSTALLED]);

// An update takes over all at once, also without a link: it is not installed before it has the words that this device reads.
self.addEventListener('install', (event) => {
  if (self.registration.active) event.waitUntil(replaceWarm(__WARM_URLS__));
});

/** Pages that only a hub can make, or that were asked of it; all others are the shell, which reads from the store. */
const HUB_PAGES = [/^\/(o|inbox|healthz|c|b)(\/|$)/, /^\/[^/]+\.\w+$/, /\?online$/];
registerRoute(new NavigationRoute(createHandlerBoundToURL(__SHELL_URL__), { denylist: HUB_PAGES }));

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
  ({ url, sameOrigin }) => sameOrigin && __WARM_URLS__.includes(url.pathname),
  ({ request }) => warmed(request),
);
self.addEventListener('activate', (event) => event.waitUntil(forgetOld(__WARM_URLS__)));

const tellWarm = (page: ExtendableMessageEvent['source'], { lang, mayFetch }: Warm): Promise<void> =>
  warm(mayFetch ? __WARM_URLS__ : [], lang, (urls) =>
    page?.postMessage({ type: 'warm', urls: [...INSTALLED.map(({ url }) => url), ...urls] } satisfies ToPage),
  );

// A first visit is under control at once; an update waits until it was asked for.
clientsClaim();

const sync = async (): Promise<void> => {
  await self.relaisEngine.engine.sync('background', new AbortController().signal);
};

// Only a wake-up call: the outbox is the truth. A rejection asks the browser for another try.
self.addEventListener('sync', (event) => {
  if (event.tag === SYNC_TAG) event.waitUntil(sync());
});
self.addEventListener('periodicsync', (event) => {
  if (event.tag === SYNC_TAG) event.waitUntil(sync());
});
