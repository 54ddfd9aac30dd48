import { chooseSheet } from '../paper/sheet.ts';
import { parseRoute } from '../route.ts';
import type { App } from './app.ts';
import { words } from './settings.ts';

/** Clicks on links of the library, and on `Fini`, wherever they stand: plain page or app. */

/** The address inside the app that a click leads to; undefined where the browser should do what it always does. */
const innerPath = (event: MouseEvent): string | undefined => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return undefined;
  const link = (event.target as Element | null)?.closest?.('a');
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return undefined;
  if (link.search !== '' || (link.hash !== '' && link.pathname === location.pathname)) return undefined;
  return parseRoute(link.pathname, '').page === 'unknown' ? undefined : link.pathname;
};

/** Asks the centre for a page, past the app: where this phone's store does not open. */
export const ONLINE = '?online';

const DONE = '#done, #kept-done';

/**
 * Follows links inside the app. `canOpen` tells whether the device has what stands at a path; what it has not is left to the browser.
 */
export const followLinks = (app: App, canOpen: (path: string) => boolean): void => {
  document.addEventListener('click', (event) => {
    app.session.stir();
    const done = (event.target as Element | null)?.closest?.(DONE);
    if (done) {
      event.preventDefault();
      app.session.endByTap(location.pathname);
      return;
    }
    if ((event.target as Element | null)?.closest?.('#undo')) {
      const path = app.session.undo();
      // A plain page that has nothing else to show was not left: its form has its words again.
      if (path !== undefined && path !== location.pathname) void app.go(path);
      return;
    }
    const button = (event.target as Element | null)?.closest?.<HTMLElement>('.print');
    if (button) {
      const { sheet } = button.dataset;
      // Without its part of the app a page still prints, only without the code.
      void Promise.all([import('../parts.ts'), app.learn()]).then(
        ([{ printPage }]) => printPage(app.context.value, sheet),
        () => {
          chooseSheet(sheet);
          print();
          chooseSheet();
        },
      );
      return;
    }
    // Whoever chooses a language by its name reads its words too, whatever somebody chose before.
    if ((event.target as Element | null)?.closest?.('.langs a') && words.value !== '') {
      words.value = '';
      void app.speakOwn();
    }
    const path = innerPath(event);
    if (path === undefined) return;
    if (canOpen(path)) {
      event.preventDefault();
      void app.go(path);
    } else if (location.search === ONLINE) {
      event.preventDefault();
      location.assign(path + ONLINE);
    }
  });
  // Not `scroll`: a page that settles scrolls by itself, with nobody there.
  const stir = (event: Event): void => {
    app.session.stir();
    const onWayBack =
      (event.target as Element | null)?.closest?.('.gone') || ['Tab', 'Shift'].includes((event as KeyboardEvent).key);
    if (!onWayBack) app.session.dropUndo();
  };
  for (const kind of ['keydown', 'pointerdown', 'wheel', 'touchmove'] as const) {
    addEventListener(kind, stir, { passive: true });
  }
};
