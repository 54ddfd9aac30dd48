import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { LibraryPage } from './pages/library.ts';

/** What the hub lets out and in: the policy on every page, nothing beside the library, no trace of readers. */
test.describe('the hub’s answers', () => {
  let hub: Hub;
  test.beforeAll(async () => {
    hub = await startHub();
  });
  test.afterAll(async () => {
    await hub.remove();
  });

  /** The address exactly as it is written: `fetch` would tidy it up. */
  const raw = (path: string): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const asked = request({ host: 'localhost', port: hub.port, path }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          body += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      });
      asked.on('error', reject);
      asked.end();
    });

  const post = (path: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Response> =>
    // A connection each: the hub closes the one on which it was sent too much.
    fetch(hub.url + path, {
      method: 'POST',
      body,
      headers: { Connection: 'close', ...headers },
      ...{ duplex: 'half' },
    });

  const PAGES = [
    '/',
    '/fr/',
    '/en/',
    '/fr/akashganga',
    '/en/project-connectivity',
    '/fr/-/all',
    '/fr/-/answers',
    '/fr/-/more',
    '/fr/-/missing',
    '/fr/rien-ici',
    '/rien/du/tout',
    '/shell',
    '/inbox',
  ];

  test('every page carries the whole policy, and sends no one’s address on', async () => {
    for (const path of PAGES) {
      const { headers } = await fetch(hub.url + path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(headers.get('content-type'), path).toContain('text/html');
      for (const line of ["default-src 'none'", "script-src 'self';", "base-uri 'none'", "frame-ancestors 'none'"]) {
        expect(policy, path).toContain(line);
      }
      expect(policy, path).toContain("require-trusted-types-for 'script'");
      // The app's own page reaches a hub on the Wi-Fi, over plain http.
      const reach = path === '/shell' ? "connect-src 'self' http:;" : "connect-src 'self';";
      expect(policy, path).toContain(reach);
      expect(policy.replace(reach, ''), path).not.toMatch(/unsafe|\*|https?:|data:/);
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(headers.get('referrer-policy'), path).toBe('no-referrer');
      expect(headers.get('set-cookie'), path).toBeNull();
    }
  });

  test('workers carry a policy of their own', async () => {
    const sw = await (await fetch(`${hub.url}/sw.js`)).text();
    const scripts = new Set(sw.match(/\/assets\/(engine|worker)-[\w-]+\.js/g));
    expect(scripts.size).toBe(2);
    for (const path of ['/sw.js', ...scripts]) {
      const { headers } = await fetch(hub.url + path);
      expect(headers.get('content-type'), path).toContain('text/javascript');
      expect(headers.get('content-security-policy'), path).toBe(
        "default-src 'none'; script-src 'self'; connect-src 'self'",
      );
    }
  });

  test('published pages have no style and no handler on an element, and the two scripts of our own', async () => {
    for (const path of PAGES.filter((path) => !/shell|inbox/.test(path))) {
      const html = await (await fetch(hub.url + path)).text();
      const body = html.slice(html.indexOf('<body'));
      expect(body, path).not.toMatch(/<[^>]+\s(style|on[a-z]+)=/i);
      expect(body, path).not.toMatch(/javascript:|<iframe|<object|<embed/i);
      expect(html.match(/<script[^>]*>/g) ?? [], path).toEqual([
        expect.stringMatching(/ src="\/assets\/files-/),
        expect.stringMatching(/ src="\/assets\/index-/),
      ]);
      expect(html, path).not.toMatch(/<(link|script|img)[^>]+(href|src)="(https?:)?\/\//);
    }
  });

  test('nothing outside the library is served, however it is asked for', async () => {
    const outside = ['/../package.json', '/../../../../../../etc/passwd', '/../../keys', '/../../relais.sqlite'];
    const spelled = (path: string): string[] => [
      path,
      path.replaceAll('..', '%2e%2e'),
      path.replaceAll('/', '%2f'),
      path.replaceAll('..', '%252e%252e'),
      path.replaceAll('/', '\\'),
      `${path}%00.js`,
    ];
    for (const folder of ['/assets', '/c', '/c/root', '/fr', '/fr/-', '']) {
      for (const path of outside.flatMap(spelled)) {
        const { status, body } = await raw(folder + path);
        expect([301, 400, 404], `${folder}${path} ${status}`).toContain(status);
        expect(body).not.toMatch(/root:x:|"dependencies"|PRIVATE|AGE-SECRET/);
      }
    }
    expect((await raw('/assets/../package.json')).status).toBe(404);
    expect((await raw('/assets/%2e%2e%2fpackage.json')).status).toBe(404);
  });

  test('an address that is broken is not there, and breaks nothing', async () => {
    for (const path of ['/c/%', '/c/%ff.pack', '/fr/%', '/assets/%E0%A4%A', '/%', '/c/root/%.json']) {
      expect((await raw(path)).status, path).toBeLessThan(500);
    }
    expect((await fetch(`${hub.url}/healthz`)).status).toBe(200);
  });

  test('what the tree has not is 404 and empty, never a page', async () => {
    for (const path of [
      '/c/nichts',
      '/c/full/xx.pack',
      '/c/from/999/fr.pack',
      '/c/root/99.json',
      '/assets/index-0.js',
    ]) {
      const { status, body } = await raw(path);
      expect([path, status, body]).toEqual([path, 404, '']);
    }
  });

  test('a body that is too large is refused, told or untold', async () => {
    const large = 'x'.repeat(200 * 1024);
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    /** Without a length: it has to be counted. */
    const stream = (): ReadableStream<Uint8Array> => new Blob([large]).stream();
    expect((await post('/o/batch', large)).status).toBe(413);
    expect((await post('/o/batch', stream())).status).toBe(413);
    expect((await post('/o/plain', `words=${large}`, form)).status).toBe(413);
    expect((await post('/o/plain', stream(), form)).status).toBe(413);
    expect((await post('/inbox/api/session', large)).status).toBe(401);
    expect((await fetch(`${hub.url}/healthz`)).status).toBe(200);
  });

  test('an answer that is not taken says why; one about an item that left the library is taken', async () => {
    const reply = async (fields: Record<string, string>): Promise<unknown> => {
      const answer = { form: 'short', version: '1', item: 'akashganga', lang: 'fr', ...fields };
      const response = await post('/o/plain', new URLSearchParams(answer), { Accept: 'application/json' });
      return { status: response.status, ...((await response.json()) as object) };
    };
    expect(await reply({})).toEqual({
      status: 400,
      v: PROTOCOL_VERSION,
      result: 'invalid',
      problems: [{ why: 'empty' }],
    });
    expect(await reply({ words: 'x'.repeat(501) })).toMatchObject({
      status: 400,
      problems: [{ question: 'words', why: 'too-long' }],
    });
    expect(await reply({ form: 'long', helped: 'yes' })).toEqual({ status: 400, v: PROTOCOL_VERSION, result: 'gone' });
    expect(await reply({ item: '../secret', helped: 'yes' })).toEqual({
      status: 400,
      v: PROTOCOL_VERSION,
      result: 'gone',
    });
    expect(await reply({ words: 'x'.repeat(70_000) })).toEqual({ status: 413, v: PROTOCOL_VERSION, result: 'large' });
    expect(await reply({ item: 'gone-since', words: 'Encore une question' })).toMatchObject({
      status: 200,
      v: PROTOCOL_VERSION,
    });
    // The longest answer in Bengali.
    expect(await reply({ words: 'ক'.repeat(500) })).toMatchObject({ status: 200 });
  });

  test('what concerns a person is never stored on the way', async () => {
    const body = new URLSearchParams({ form: 'short', version: '1', item: 'akashganga', lang: 'fr', helped: 'yes' });
    const replies = [
      await post('/o/plain', body),
      await post('/o/plain', new URLSearchParams({ form: 'short' })),
      await post('/o/plain', body, { Accept: 'application/json' }),
      await post('/o/batch', 'x'),
      await fetch(`${hub.url}/inbox/api/answers`),
      await fetch(`${hub.url}/inbox/api/export.csv`),
      await fetch(`${hub.url}/healthz`),
    ];
    for (const { url, status, headers } of replies) {
      expect([url, status, headers.get('cache-control')]).toEqual([url, status, 'no-store']);
    }
  });

  test('another site cannot write for a visitor', async () => {
    for (const path of ['/o/plain', '/o/batch', '/inbox/api/session']) {
      expect((await post(path, 'x', { 'Sec-Fetch-Site': 'cross-site' })).status, path).toBe(403);
    }
    const { headers } = await fetch(`${hub.url}/c/head`, { headers: { Origin: 'https://mauvais.example' } });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

/** Collects what the policy had to stop, and what the console says is wrong. */
const watch = async (page: Page): Promise<() => Promise<string[]>> => {
  const said: string[] = [];
  page.on(
    'console',
    (message) => message.type() === 'error' && said.push(`${message.text()} ${message.location().url}`),
  );
  page.on('pageerror', (error) => said.push(String(error)));
  await page.exposeFunction('stopped', (what: string) => said.push(what));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) => {
      (globalThis as unknown as { stopped: (what: string) => void }).stopped(
        `${violatedDirective} ${blockedURI} ${sourceFile}`,
      );
    });
  });
  return async () => {
    await page.waitForTimeout(300);
    return said;
  };
};

test('a whole walk, from the plain page to the inbox: the policy stops nothing, readers get no cookie', async ({
  page,
  context,
}) => {
  const hub = await startHub();
  const faults = await watch(page);
  const library = new LibraryPage(page, hub.url);
  await library.openAndKeep('/');
  await library.choose('Le lait d’Akashganga');
  await page.locator('summary').click();
  await page.locator('.origin a', { hasText: 'English' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('The milk of Akashganga');
  await page.goBack();
  await page.reload();
  await library.fill('Combien coûte la machine ?');
  await library.send();
  await library.expectArrived();
  for (const path of ['/fr/-/answers', '/fr/-/more']) {
    await page.goto(hub.url + path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
  // The browser itself writes the 404 of a page into the console: this one is opened by the app.
  await page.getByRole('link', { name: 'Fini' }).click();
  await expect(page.locator('.cards')).toBeVisible();
  expect(await context.cookies()).toEqual([]);

  await page.goto(`${hub.url}/inbox`);
  await page.getByLabel('Code du centre').fill(hub.code);
  await page.getByRole('button', { name: 'Entrer' }).click();
  await page.getByText('Combien coûte la machine ?').first().click();
  const cookies = await context.cookies();
  expect(cookies).toEqual([expect.objectContaining({ httpOnly: true, sameSite: 'Strict', secure: true })]);
  await page.getByRole('button', { name: 'Fermer' }).click();
  await page.getByRole('button', { name: 'Sortir' }).click();
  await expect(page.getByLabel('Code du centre')).toBeVisible();
  // Before anybody has signed in, the inbox asks whether somebody has: 401.
  const unexpected = (await faults()).filter((fault) => !fault.includes('status of 401'));
  expect(unexpected).toEqual([]);
  await hub.remove();
});

test('the policy stops what should not be there', async ({ page }) => {
  const hub = await startHub();
  const faults = await watch(page);
  await page.goto(`${hub.url}/fr/`);
  await page.evaluate(() => {
    const script = document.createElement('script');
    try {
      script.textContent = 'document.title = "run"';
      document.head.append(script);
    } catch {
      // Trusted Types refuse the text itself.
    }
    const image = new Image();
    image.src = 'https://mauvais.example/pixel.png';
    document.body.append(image);
    return fetch('https://mauvais.example/').catch(() => {});
  });
  await expect.poll(faults).not.toEqual([]);
  const stopped = (await faults()).join('\n');
  for (const kind of [/trusted-types/, /img-src/, /connect-src/]) expect(stopped).toMatch(kind);
  expect(await page.title()).not.toBe('run');
  await hub.remove();
});

test('a script in an item’s text is refused when it is published, by file and line', async () => {
  const hub = await startHub();
  const path = join(hub.contentDir, 'niger-radio/fr.md');
  const source = readFileSync(path, 'utf8').trimEnd();
  const before = await (await fetch(`${hub.url}/fr/niger-radio`)).text();
  for (const text of [
    '<script>alert(1)</script>',
    'Une phrase <img src=x onerror=alert(1)> de plus.',
    '[Ici](javascript:alert(1))',
    '![x](https://mauvais.example/pixel.png)',
  ]) {
    writeFileSync(path, `${source}\n\n${text}\n`);
    const { code, output } = await hub.publish();
    expect([text, code]).toEqual([text, 1]);
    expect(output).toMatch(/niger-radio\/fr\.md:\d+: /);
  }
  expect(await (await fetch(`${hub.url}/fr/niger-radio`)).text()).toBe(before);
  await hub.remove();
});
