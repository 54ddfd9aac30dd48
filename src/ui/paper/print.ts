import type { ViewContext } from '../../view/context.ts';
import { drawCode } from './code.ts';
import { chooseSheet } from './sheet.ts';

/** Printing: a sheet's address as a code, made on this device, and which part of the page goes to the printer. Comes with the parts of a page that is read. */

/** Writes on the sheet when it was printed, where it is found, and that address as a code. */
const fillFoot = (v: ViewContext): void => {
  const address = location.origin + location.pathname;
  const day = new Date().toLocaleDateString('sv');
  document
    .getElementById('printed')
    ?.replaceChildren(`${v.t('print.printed', { day: v.formatters.day(day) })} · ${address}`);
  document.getElementById('qr')?.replaceChildren(drawCode(address));
};

/** So long after a tap the next one is the same: a slow phone shows its dialogue late. */
const ONCE_MS = 1_000;
let printedAt = Number.NEGATIVE_INFINITY;
/** A phone may draw the page so long after a button asked for it: until then a print is that one, and not one of the browser's menu. */
const OURS_MS = 60_000;
let askedAt = Number.NEGATIVE_INFINITY;

const onDrawn = (): void => {
  askedAt = Number.NEGATIVE_INFINITY;
  chooseSheet();
};

/** Prints the item; with the `id` of one of its sheets, only that. */
export const printPage = (v: ViewContext, sheet?: string): void => {
  if (performance.now() - printedAt < ONCE_MS) return;
  fillFoot(v);
  chooseSheet(sheet);
  // Some browsers come back from `print` at once, and tell later when they have drawn the page.
  addEventListener('afterprint', onDrawn, { once: true });
  askedAt = performance.now();
  print();
  printedAt = performance.now();
};

/** Fills the foot for a print that is asked for by the browser's own menu. */
export const followPrints = (context: () => ViewContext): void => {
  const onPrint = (): void => {
    // A browser may never have told that the sheet before was drawn.
    if (performance.now() - askedAt > OURS_MS) chooseSheet();
    fillFoot(context());
  };
  addEventListener('beforeprint', onPrint);
};
