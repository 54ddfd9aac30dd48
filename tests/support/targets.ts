import type { Page } from '@playwright/test';

/** Everything on the page that a finger may want to hit, with its name and size; links inside a line of text are left out. */
export const smallTargets = (page: Page, side = 48): Promise<string[]> =>
  page.evaluate((least) => {
    const selector = 'a, button, summary, textarea, input:not([type=hidden], [type=radio]), label:has([type=radio])';
    return [...document.querySelectorAll<HTMLElement>(selector)]
      .filter((element) => element.checkVisibility() && !element.matches('.skip'))
      .filter((element) => getComputedStyle(element).display !== 'inline')
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => Math.round(box.width) < least || Math.round(box.height) < least)
      .map(({ element, box }) => `${element.outerHTML.slice(0, 60)} ${box.width} x ${box.height}`);
  }, side);
