import { expect, type Page, test } from '@playwright/test';
import { type Hub, startHub } from '../support/hub.ts';
import { LibraryPage } from './pages/library.ts';

/** Every window from half a small phone to a desk, and both directions of writing. */
const SIZES = [
  { width: 320, height: 480 },
  { width: 240, height: 320 },
  // 320 x 480 at 200 %.
  { width: 160, height: 240 },
  { width: 1280, height: 800 },
];

let hub: Hub;
test.beforeAll(async () => {
  hub = await startHub();
});
test.afterAll(async () => {
  await hub.remove();
});

/** What sticks out, is cut off, or cannot be brought out from behind the bar. */
const faultsOf = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const faults: string[] = [];
    const name = (element: Element): string => `${location.pathname} ${element.outerHTML.slice(0, 70)}`;
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) faults.push(`${location.pathname} is ${root.scrollWidth} wide`);
    const seen = [...document.body.querySelectorAll<HTMLElement>('*')].filter(
      (element) => element.checkVisibility() && !element.closest('.vh, .skip, .defs, svg') && element.id !== 'find',
    );
    for (const element of seen) {
      const { left, right, width } = element.getBoundingClientRect();
      // What scrolls inside a box of its own.
      if (element.closest('.scroll table, .langs') || width === 0) continue;
      if (left < -1 || right > root.clientWidth + 1) faults.push(`sticks out ${left} ${right}: ${name(element)}`);
      const { overflowX, textOverflow } = getComputedStyle(element);
      const clips = overflowX === 'hidden' || textOverflow === 'ellipsis';
      if (clips && element.scrollWidth > element.clientWidth + 1) faults.push(`cut off: ${name(element)}`);
    }
    // A word that leaves its own box without leaving the window.
    for (const element of seen.filter(({ children, matches }) => children.length === 0 && !!matches)) {
      if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0 && !element.closest('.scroll')) {
        faults.push(`too wide by ${element.scrollWidth - element.clientWidth}: ${name(element)}`);
      }
    }
    const words = seen
      // What is far below has no layout yet.
      .filter((element) => element.checkVisibility({ contentVisibilityAuto: true }))
      .filter((element) => element.closest('main') && !element.closest('.scroll, .langs'))
      .flatMap((element) => [...element.childNodes].filter((node) => node.nodeType === 3 && node.textContent?.trim()))
      .map((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        // Line boxes of one script may touch those of the next: what counts is that letters do not.
        return {
          text: node.textContent?.slice(0, 30),
          boxes: [...range.getClientRects()].filter(({ width }) => width > 1),
        };
      });
    for (const [i, one] of words.entries())
      for (const other of words.slice(i + 1, i + 40))
        for (const a of one.boxes)
          for (const b of other.boxes) {
            const [wide, high] = [
              Math.min(a.right, b.right) - Math.max(a.left, b.left),
              Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top),
            ];
            if (wide > 2 && high > a.height / 2)
              faults.push(`overlap: ${location.pathname} "${one.text}" and "${other.text}"`);
          }
    const bar = document.querySelector<HTMLElement>('.bar');
    if (!bar || getComputedStyle(bar).position !== 'fixed') return faults;
    const free = bar.getBoundingClientRect().top;
    for (const target of seen.filter((element) => element.matches('main :is(a, button, input, textarea, summary)'))) {
      target.focus();
      await new Promise(requestAnimationFrame);
      const card = target.closest('label') ?? target;
      const { top, bottom, height } = card.getBoundingClientRect();
      // Of a field with several lines, the browser brings the line into sight in which one writes.
      const end = target.matches('textarea') ? top + 48 : bottom;
      if (height < free && (end > free + 1 || top < -1)) faults.push(`behind the bar: ${name(card)}`);
    }
    // Measured at one moment: a list may grow meanwhile.
    const below = root.scrollHeight - scrollY - (document.getElementById('main')?.getBoundingClientRect().bottom ?? 0);
    if (below < innerHeight - free) faults.push(`the end lies behind the bar: ${location.pathname}`);
    scrollTo(0, 0);
    return faults;
  });

/** These pages grow with what the store tells, and with each sync: what stands in them is measured once they have stopped. */
const toldAll = async (page: Page, path: string): Promise<void> => {
  await expect(page.locator(path === '-/more' ? '#persist' : '#log li').first()).toBeVisible();
  let last = 0;
  await expect
    .poll(
      async () => {
        const before = last;
        last = await page.evaluate(() => document.documentElement.scrollHeight);
        return last === before;
      },
      { intervals: [1_000] },
    )
    .toBe(true);
};

/** Goes through the pages, and asks `look` at each. */
const isOpen = (summary: Element): boolean => summary.parentElement?.hasAttribute('open') ?? false;

const walk = async (page: Page, look: () => Promise<void>): Promise<void> => {
  const library = new LibraryPage(page, hub.url);
  for (const path of [
    '',
    'akashganga',
    'milk-kit',
    'project-connectivity',
    '-/all',
    '-/partners',
    '-/need-money',
    '-/answers',
    '-/more',
    '-/network',
    'rien-ici',
  ]) {
    await page.goto(`${hub.url}/fr/${path}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
    if (path === '-/more' || path === '-/network') await toldAll(page, path);
    const details = page.locator('summary');
    for (const one of await details.all()) if (!(await one.evaluate(isOpen))) await one.click();
    await look();
  }
  await page.goto(`${hub.url}/fr/akashganga`);
  await library.fill(`${'Unmotsansfin'.repeat(8)} et une question`);
  await look();
  await library.send();
  await expect(page.locator('.keep bdi')).toBeVisible();
  await look();
  const number = await library.number();
  await page.getByRole('link', { name: 'Accueil' }).click();
  await page.getByRole('link', { name: 'Ma réponse' }).click();
  await expect(page.locator('.rows')).toBeVisible();
  await page.getByLabel('Tapez votre numéro').fill(number);
  await page.getByRole('button', { name: 'Voir' }).click();
  await expect(page.locator('#find-result .state')).toBeVisible();
  await look();
};

for (const viewport of SIZES) {
  test(`nothing is cut off or out of reach at ${viewport.width} x ${viewport.height}`, async ({ page }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.setViewportSize(viewport);
    await new LibraryPage(page, hub.url).openAndKeep('/fr/');
    const faults: string[] = [];
    await walk(page, async () => {
      faults.push(...(await faultsOf(page)));
    });
    expect(faults).toEqual([]);
  });
}

for (const viewport of [
  { width: 320, height: 480 },
  { width: 1280, height: 800 },
]) {
  test(`the question stands still while its page comes at ${viewport.width} x ${viewport.height}`, async ({ page }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.setViewportSize(viewport);
    await new LibraryPage(page, hub.url).openAndKeep('/fr/');
    await page.goto(`${hub.url}/fr/akashganga`);
    const { places, why } = await page.evaluate(async () => {
      const seen = new Set<number>();
      const changes: string[] = [];
      let before = new Map<string, string>();
      // What has another height than in the frame before: for whoever looks for why the question moved.
      const look = (): void => {
        const parts = [...document.querySelectorAll('main > *, article > *, article section, form > *')];
        const named = parts.map(
          (part, i) => [`${i} ${part.tagName}.${part.className}`, `${part.getBoundingClientRect().height}`] as const,
        );
        const now = new Map([...named, ['scroll', `${scrollY} of ${document.documentElement.scrollHeight}`] as const]);
        const changed = [...now].filter(([name, size]) => before.size > 0 && before.get(name) !== size);
        if (changed.length > 0)
          changes.push(changed.map(([name, size]) => `${name}: ${before.get(name)} -> ${size}`).join(', '));
        before = now;
      };
      // Many frames more than a list takes to be laid out once it is near.
      for (let frames = 0; frames < 90; ) {
        await new Promise(requestAnimationFrame);
        const face = document.querySelector('input[name=helped]');
        if (!face) continue;
        if (frames++ === 0) face.scrollIntoView({ block: 'center' });
        seen.add(Math.round(face.getBoundingClientRect().top));
        look();
      }
      return { places: [...seen], why: changes };
    });
    // A pixel is rounding.
    expect(Math.max(...places) - Math.min(...places), `${places}\n${why.join('\n')}`).toBeLessThanOrEqual(1);
  });
}

test('at 320 x 480 the first screen shows the languages and all six pictures whole', async ({ page }) => {
  await page.goto(`${hub.url}/fr/`);
  const bar = (await page.locator('.bar').boundingBox())?.y ?? 0;
  const card = await page.locator('.cards a').nth(5).boundingBox();
  expect((card?.y ?? 0) + (card?.height ?? 0)).toBeLessThan(bar);
});

test('the plain page of answers counts nothing that it cannot know', async () => {
  const html = await (await fetch(`${hub.url}/fr/-/answers`)).text();
  expect(html).not.toContain('find-number');
  expect(html).not.toContain('gardée ici');
});

test('what the number is looked up for is answered where the eye is', async ({ page }) => {
  await new LibraryPage(page, hub.url).openAndKeep('/fr/-/answers');
  await page.getByLabel('Tapez votre numéro').fill('12345678');
  const button = page.getByRole('button', { name: 'Voir' });
  await button.click();
  await expect(page.locator('#find-result')).toContainText('n’est pas sur ce téléphone');
  const result = await page.locator('#find-result').boundingBox();
  const bar = await page.locator('.bar').boundingBox();
  expect((result?.y ?? 0) + (result?.height ?? 0)).toBeLessThanOrEqual(bar?.y ?? 0);
});

test('nothing moves when the script comes', async ({ page }) => {
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/assets/index-*.js', async (route) => {
    await held;
    await route.continue();
  });
  const places = (): Promise<number[]> =>
    page
      .locator('main :is(h1, a, label, p)')
      .evaluateAll((all) => all.map((element) => Math.round(element.getBoundingClientRect().top + scrollY)));
  await page.goto(`${hub.url}/fr/akashganga`, { waitUntil: 'commit' });
  await expect(page.locator('form#answer button')).toBeAttached();
  const before = await places();
  release();
  await expect(page.locator('html[data-offline=ready]')).toBeAttached({ timeout: 30_000 });
  const line = await page.locator('#news').evaluate((news) => news.getBoundingClientRect().height);
  expect(
    (await places()).map((top, index) => top - (before[index] ?? 0)).filter((moved) => Math.abs(moved) > 1),
  ).toEqual([]);
  expect(line).toBeGreaterThan(0);
});

/** Boxes that have to change sides when the direction does. */
const MIRRORED = [
  '.top .name > *',
  '#link',
  '.langs a',
  '.cards a',
  '.list a',
  '.kind .i',
  '.bar a',
  '.act > .i',
  '.fields > div',
  '.faces label',
  '.choices .i',
  '.words label .i',
  '.state .i',
  '.counts li',
  '.counts .i',
  '.aside > b',
  'article > ul > li',
  '.sources li',
  'th',
  'tr:not(.ruled) > td',
];

/** From the start edge of the window to that of each box, and its width, whatever the direction. */
const edges = (page: Page, selectors: readonly string[]): Promise<string[]> =>
  page.evaluate((all) => {
    const isRtl = document.documentElement.dir === 'rtl';
    const width = document.documentElement.clientWidth;
    return all.flatMap((selector) =>
      // What is for paper only has no place on the screen.
      [...document.querySelectorAll(selector)]
        .filter((element) => element.checkVisibility())
        .map((element, index) => {
          const { left, right } = element.getBoundingClientRect();
          const start = Math.round(isRtl ? width - right : left);
          return `${location.pathname} ${selector} ${index}: ${start} to ${start + Math.round(right - left)}`;
        }),
    );
  }, selectors);

test('right to left, every page is its mirror image', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await new LibraryPage(page, hub.url).openAndKeep('/fr/');
  const turn = (dir: string): Promise<void> =>
    page.evaluate((value) => {
      document.documentElement.dir = value;
    }, dir);
  const faults: string[] = [];
  const moved: string[] = [];
  await walk(page, async () => {
    const before = await edges(page, MIRRORED);
    await turn('rtl');
    const after = await edges(page, MIRRORED);
    expect(before.length).toBeGreaterThan(4);
    moved.push(...after.filter((edge, index) => edge !== before[index]).map((edge) => edge));
    faults.push(...(await faultsOf(page)));
    await turn('ltr');
  });
  expect(moved).toEqual([]);
  expect(faults).toEqual([]);
});

test('right to left, what has a side changes it', async ({ page }) => {
  const sides = (selector: string): Promise<Record<string, string>> =>
    page
      .locator(selector)
      .first()
      .evaluate((element) => {
        const style = getComputedStyle(element);
        return {
          left: style.borderLeftWidth,
          right: style.borderRightWidth,
          align: style.textAlign,
          turned: style.transform,
        };
      });
  await page.goto(`${hub.url}/fr/akashganga`);
  await expect(page.locator('#link .mark')).toBeVisible();
  await page.getByRole('radio', { name: 'Un peu' }).check();
  expect(await sides('.aside')).toMatchObject({ left: '10px', right: '2px' });
  await page.evaluate(() => {
    document.documentElement.dir = 'rtl';
  });
  expect(await sides('.aside')).toMatchObject({ left: '2px', right: '10px' });
  expect((await sides('#link .mark')).turned).toBe('matrix(-1, 0, 0, 1, 0, 0)');
  // The arcs stand at the left end, the first of the bar at the right one.
  const [mark, first] = await Promise.all([
    page.locator('#link').boundingBox(),
    page.locator('.bar a').first().boundingBox(),
  ]);
  expect(mark?.x).toBeLessThan(40);
  expect((first?.x ?? 0) + (first?.width ?? 0)).toBeGreaterThan(300);
  const start = await page.locator('.lead').evaluate((lead) => {
    const range = document.createRange();
    range.selectNodeContents(lead);
    return lead.getBoundingClientRect().right - (range.getClientRects()[0]?.right ?? 0);
  });
  expect(Math.abs(start)).toBeLessThan(2);
});

test('Arabic is right to left from the first byte, and from the device; each text keeps its own direction', async ({
  page,
}) => {
  const directions = (): Promise<string> =>
    page.evaluate(() => {
      const name = (element: Element | null): string => {
        const owner = element?.closest<HTMLElement>('[lang]');
        return owner ? `${owner.lang} ${getComputedStyle(owner).direction}` : '';
      };
      return `${name(document.documentElement)}, ${name(document.querySelector('h1'))}`;
    });
  const look = async (): Promise<void> => {
    await page.goto(`${hub.url}/ar/akashganga`);
    await expect.poll(directions).toBe('ar rtl, ar rtl');
    expect((await page.locator('#link').boundingBox())?.x).toBeLessThan(40);
    // Not in Arabic yet: a French text on an Arabic page.
    await page.goto(`${hub.url}/ar/milk-kit`);
    await expect.poll(directions).toBe('ar rtl, fr ltr');
    await page.goto(`${hub.url}/fr/akashganga`);
    await expect.poll(directions).toBe('fr ltr, fr ltr');
  };
  await page.goto(`${hub.url}/ar/`);
  await expect.poll(directions).toBe('ar rtl, ar rtl');
  await look();
  await new LibraryPage(page, hub.url).openAndKeep('/ar/');
  await look();
});

/** What is read in the languages whose letters and direction differ most from French. */
const FAR = [
  '',
  'welcome',
  'akashganga',
  'village-pay-phone',
  'village-phone-kit',
  'project-connectivity',
  '-/all',
  '-/partners',
  '-/answers',
  '-/more',
  '-/network',
];

for (const lang of ['ar', 'bn']) {
  for (const width of [320, 1280]) {
    test(`in ${lang} nothing is cut and nothing overlaps at ${width}`, async ({ page }, info) => {
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: width === 320 ? 480 : 800 });
      await new LibraryPage(page, hub.url).openAndKeep(`/${lang}/`);
      const faults: string[] = [];
      for (const path of FAR) {
        await page.goto(`${hub.url}/${lang}/${path}`);
        await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
        // Grows as soon as the store has told its syncs.
        if (path === '-/more' || path === '-/network') await toldAll(page, path);
        for (const one of await page.locator('summary').all()) if (!(await one.evaluate(isOpen))) await one.click();
        faults.push(...(await faultsOf(page)));
        const picture = await page.screenshot({ fullPage: true });
        await info.attach(`${lang} ${width} ${path || 'home'}`, { body: picture, contentType: 'image/png' });
      }
      expect(faults).toEqual([]);
    });
  }
}
