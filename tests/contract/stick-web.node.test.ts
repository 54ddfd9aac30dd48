import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeZip } from 'client-zip';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openArchive } from '../../server/carry/archive-file.ts';
import { toArmour } from '../../src/core/carry/armour.ts';
import { MAX_PACK } from '../../src/core/pack/format.ts';
import type { LibraryState } from '../../src/core/sync/ports.ts';
import { pull } from '../../src/core/sync/pull.ts';
import { push } from '../../src/core/sync/push.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import { MemoryLibrary } from '../../src/store/memory-library.ts';
import { MemoryOutbox } from '../../src/store/memory-outbox.ts';
import { flipped, never, sealedAnswer, testLetter } from '../support/fixtures.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt, envelopesAt } from '../support/inbox.ts';

/** What `npm run carry` does, by the pages of a centre and of a hub that no link reaches. */

/** Nobody listens there. */
const NOWHERE = 'http://localhost:9';

let folder: string;
let centre: Hub;
let relay: Hub;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'relais-stick-'));
  centre = await startHub({ env: { LOG_LEVEL: 'info' } });
  relay = await startHub({ upstream: NOWHERE, env: { LOG_LEVEL: 'info' } });
});
afterEach(async () => {
  for (const hub of [relay, centre]) await hub.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Files that are on their way into a hub. */
const received = (hub: Hub): readonly string[] => {
  const path = join(hub.dataDir, 'received');
  return existsSync(path) ? readdirSync(path) : [];
};

/** The operator of a centre, signed in. */
const signIn = async (hub: Hub): Promise<(path: string, init?: RequestInit) => Promise<Response>> => {
  const body = JSON.stringify({ code: hub.code });
  const response = await fetch(`${hub.url}/inbox/api/session`, { method: 'POST', body });
  expect(response.status).toBe(204);
  const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
  return (path, init) =>
    fetch(`${hub.url}/inbox/api/${path}`, { ...init, headers: { 'x-relais': 'inbox', ...init?.headers, cookie } });
};
const bytesOf = async (response: Response): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await response.arrayBuffer());
const post = (body: BodyInit): RequestInit => ({ method: 'POST', body });

/** A form of a relay's page, as a browser without scripts sends it. The words of the page that comes back. */
const formIn = async (
  hub: Hub,
  file: Uint8Array<ArrayBuffer> | string,
  code = hub.code,
): Promise<{ readonly status: number; readonly words: string }> => {
  const form = new FormData();
  form.set('code', code);
  form.set('file', new File([file], '../../../etc/passwd.zip'));
  const response = await fetch(`${hub.url}/hub/stick/in`, {
    ...post(form),
    headers: { 'Accept-Language': 'fr' },
  });
  return { status: response.status, words: (await response.text()).replaceAll(/<[^>]*>/g, '\n') };
};
/** What the box has logged of files that it refused. */
const refusals = (hub: Hub): readonly unknown[] =>
  hub
    .log()
    .split('\n')
    .filter((line) => line.includes('"carry.refused"'))
    .map((line): unknown => JSON.parse(line));
const withoutIsolates = (words: string): string => words.replaceAll(/[\u2068\u2069]/g, '');
/** The log on a relay's page, the newest first. */
const logOf = async (hub: Hub): Promise<readonly string[]> => {
  const page = await (await fetch(`${hub.url}/hub`, { headers: { 'Accept-Language': 'fr' } })).text();
  const [, list = ''] = /<ul id="log"[^>]*>(.*?)<\/ul>/s.exec(page) ?? [];
  return list.split('<li>').slice(1).map(withoutIsolates);
};
const formOut = (hub: Hub, shelves: readonly string[], code = hub.code): Promise<Response> =>
  fetch(`${hub.url}/hub/stick/out`, {
    ...post(new URLSearchParams([['code', code], ['media', '1'], ...shelves.map((name) => ['shelf', name])])),
    headers: { 'Accept-Language': 'fr' },
  });
const listOf = async (bytes: Uint8Array): Promise<readonly string[]> => {
  const path = join(folder, 'list.zip');
  writeFileSync(path, bytes);
  const { archive, close } = await openArchive(path);
  await close();
  return [...archive.keys()];
};

/** A device at one hub, with an answer. */
const answerAt = async ({ url }: Hub, words: string) => {
  const [library, outbox] = [new MemoryLibrary(), new MemoryOutbox()];
  const transport = fetchTransport(webPlatform, url, new Meter(webPlatform.now, false));
  const ports = { platform: webPlatform, store: library, outbox, transport };
  await library.want('fr');
  await pull(ports, never);
  const { root } = (await library.library()) as LibraryState;
  outbox.add(await sealedAnswer(webPlatform, root, 1, testLetter({ helped: 'yes', words })));
  return { push: () => push(ports, never) };
};

describe('a centre and a hub that no link reaches', { timeout: 120_000 }, () => {
  it('carry library, answers and receipts by their pages, and the same twice is nothing new', async () => {
    const desk = await signIn(centre);
    const { shelves, media, most } = (await (await desk('carry')).json()) as {
      shelves: { lang: string; bytes: number }[];
      media: number;
      most: number;
    };
    expect(shelves.map(({ lang }) => lang)).toContain('ha');
    expect(shelves.every(({ bytes }) => bytes > 1_000)).toBe(true);
    expect(media).toBeGreaterThan(1_000);
    expect(most).toBe(512_000_000);

    const languages = shelves.map(({ lang }) => `shelf=${lang}`).join('&');
    const download = await desk(`carry.zip?${languages}&media=1`);
    expect(download.headers.get('content-disposition')).toMatch(/^attachment; filename="relais-\d{4}-\d\d-\d\d\.zip"$/);
    const library = await bytesOf(download);
    // What was told beforehand is what comes.
    const texts = (await bytesOf(await desk(`carry.zip?${languages}`))).length;
    const told = shelves.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(Math.abs(texts - told) / texts).toBeLessThan(0.1);
    const paths = await listOf(library);
    expect(paths).toEqual(expect.arrayContaining(['c/full/fr.pack', 'c/full/ha.pack', 'r/receipts.json']));
    expect(paths.some((path) => path.startsWith('b/'))).toBe(true);

    const first = await formIn(relay, library);
    expect([first.status, first.words]).toEqual([200, expect.stringMatching(/Nouveautés : \d{2,}/)]);
    const again = await formIn(relay, library);
    expect([again.status, again.words]).toEqual([200, expect.stringContaining('Rien de nouveau.')]);
    expect(((await (await fetch(`${relay.url}/healthz`)).json()) as { seq: number }).seq).toBe(1);

    const phone = await answerAt(relay, 'Par la clé');
    expect(await phone.push()).toEqual({ sent: 0, held: 1 });
    const out = await formOut(relay, ['fr']);
    expect(out.headers.get('content-disposition')).toMatch(/filename="relais-\d{4}-\d\d-\d\d\.zip"/);
    const answers = await bytesOf(out);
    expect((await listOf(answers)).filter((path) => path.startsWith('c/full/'))).toEqual(['c/full/fr.pack']);

    expect(await (await desk('carry', post(answers))).json()).toEqual({
      fresh: 1,
      known: 0,
      refused: 0,
      isDamaged: false,
    });
    expect(answersAt(centre).map((one) => one.answers.words)).toEqual(['Par la clé']);
    // The same again, as it goes from phone to phone.
    const text = await toArmour(answers, 'Pour le centre');
    expect(await (await desk('carry', post(text))).json()).toMatchObject({ fresh: 0, known: 1 });
    expect(envelopesAt(centre)).toBe(1);

    const receipts = await bytesOf(await desk('carry.zip?media=0'));
    expect(await listOf(receipts)).toEqual(['r/receipts.json']);
    expect((await formIn(relay, receipts)).words).toContain('Réponses arrivées au centre : 1');
    expect(await phone.push()).toEqual({ sent: 1, held: 0 });
    for (const hub of [centre, relay]) {
      expect(received(hub)).toEqual([]);
      expect(hub.log()).toContain('"event":"carry.in"');
      expect(hub.log()).toContain('"event":"carry.out"');
    }
    expect(existsSync('/etc/passwd.zip')).toBe(false);
  });

  it('say what is wrong with a file, and stay as they are', async () => {
    const desk = await signIn(centre);
    const good = await bytesOf(await desk('carry.zip?shelf=fr&media=0'));
    const cut = good.slice(0, good.length - 100);
    const turned = new Uint8Array(flipped(good, 8 * 5_000));
    const stranger = await startHub({ stranger: true });
    const theirDesk = await signIn(stranger);
    const theirs = await bytesOf(await theirDesk('carry.zip?shelf=fr&media=0'));
    const ofTheirs = await startHub({ upstream: NOWHERE });
    expect((await formIn(ofTheirs, theirs)).status).toBe(200);
    await (await answerAt(ofTheirs, 'Pour un autre centre')).push();
    const foreign = await bytesOf(await formOut(ofTheirs, ['fr']));

    expect(await (await desk('carry', post(foreign))).json()).toMatchObject({ fresh: 0, refused: 1 });
    for (const [file, error] of [
      [cut, 'truncated'],
      ['Connexion au Wi-Fi'.repeat(50), 'malformed'],
    ] as const) {
      const response = await desk('carry', post(file));
      expect([response.status, await response.json()]).toEqual([422, { error }]);
    }
    const named = { ...post(cut), headers: { 'x-file-name': encodeURIComponent('C:\\clé\\réponses.zip') } };
    expect((await desk('carry', named)).status).toBe(422);
    expect(refusals(centre).at(-1)).toMatchObject({ code: 'truncated', file: 'réponses.zip', what: 'zip' });
    expect(envelopesAt(centre)).toBe(0);

    expect((await formIn(relay, good)).status).toBe(200);
    for (const [file, words] of [
      [cut, 'passwd.zip · Fichier coupé en route. Faites-le copier encore une fois.'],
      [
        turned,
        'passwd.zip · c/full/fr.pack · Fichier abîmé ou changé. On garde l’ancien. Faites-le copier encore une fois.',
      ],
      [
        theirs,
        'passwd.zip · c/root/1.json · Signé par quelqu’un d’autre. On garde la nôtre. Demandez un fichier nouveau.',
      ],
    ] as const) {
      const { status, words: said } = await formIn(relay, file);
      expect([status, withoutIsolates(said)]).toEqual([422, expect.stringContaining(words)]);
      // It stays on the box's own page, where somebody finds it later.
      const [line] = await logOf(relay);
      expect(line).toContain(words);
    }
    expect(refusals(relay)).toMatchObject([
      { code: 'truncated', file: 'passwd.zip', what: 'zip' },
      { code: 'tampered', file: 'passwd.zip', part: 'c/full/fr.pack' },
      { code: 'foreign-root', file: 'passwd.zip', part: 'c/root/1.json' },
    ]);
    // The same once more is a line once more: somebody tried it again.
    const lines = (await logOf(relay)).length;
    await formIn(relay, theirs);
    expect(await logOf(relay)).toHaveLength(lines + 1);
    // Whoever has no code writes none.
    expect((await formIn(relay, cut, 'AAAA-BBBB-CCCC')).status).toBe(401);
    expect(await logOf(relay)).toHaveLength(lines + 1);
    // Nor is it what the box itself is like.
    const page = await (await fetch(`${relay.url}/hub`, { headers: { 'Accept-Language': 'fr' } })).text();
    expect(page.slice(page.indexOf('role="status"'), page.indexOf('</form>'))).not.toContain('Signé');
    expect(received(relay)).toEqual([]);
    await ofTheirs.remove();
    await stranger.remove();
  });

  it('name what unpacks to too much, and do not call the file too large', async () => {
    const desk = await signIn(centre);
    expect((await formIn(relay, await bytesOf(await desk('carry.zip?shelf=fr&media=0')))).status).toBe(200);
    const parts = [
      { name: 'c/head', input: await bytesOf(await fetch(`${centre.url}/c/head`)) },
      { name: 'c/full/fr.pack', input: new Uint8Array(MAX_PACK + 1) },
    ];
    const bomb = await bytesOf(new Response(makeZip(parts)));
    const { status, words } = await formIn(relay, bomb);
    expect([status, withoutIsolates(words)]).toEqual([
      413,
      expect.stringContaining('passwd.zip · c/full/fr.pack · Trop grand une fois ouvert. Demandez un fichier nouveau.'),
    ]);
  });

  it('take nothing from whoever has no code, or comes from another site', async () => {
    for (const [path, init] of [
      ['carry', {}],
      ['carry.zip?shelf=fr', {}],
      ['carry', post('x')],
    ] as const)
      expect((await fetch(`${centre.url}/inbox/api/${path}`, init)).status).toBe(401);
    const desk = await signIn(centre);
    const bare = await desk('carry', { ...post('x'), headers: { 'x-relais': 'other' } });
    expect([bare.status, await bare.json()]).toEqual([403, { error: 'header' }]);
    const cross = { 'sec-fetch-site': 'cross-site' };
    expect((await desk('carry.zip?shelf=fr', { headers: cross })).status).toBe(403);
    expect((await desk('carry.zip?shelf=xx')).status).toBe(404);
    for (const path of ['in', 'out'])
      expect((await fetch(`${relay.url}/hub/stick/${path}`, { ...post('x'), headers: cross })).status).toBe(403);

    // The right one costs none of the tries.
    for (let i = 0; i < 6; i++) expect((await formOut(relay, ['fr'])).status).toBe(409);
    const started = Date.now();
    const wrong = await formIn(relay, 'x', 'AAAA-BBBB-CCCC');
    expect([wrong.status, wrong.words]).toEqual([401, expect.stringContaining('Ce code n’est pas le bon.')]);
    expect(Date.now() - started).toBeGreaterThanOrEqual(400);
    const codes: number[] = [];
    for (let i = 0; i < 5; i++) codes.push((await formOut(relay, ['fr'], `X${i}`)).status);
    expect(codes).toEqual([401, 401, 401, 401, 429]);
    // The right one has to wait as well, and the file is not looked at.
    const limited = await formIn(relay, 'x');
    expect([limited.status, limited.words]).toEqual([429, expect.stringContaining('Trop d’essais.')]);
    expect(relay.log()).toContain('"event":"carry.code"');
    expect(relay.log()).toContain('"event":"carry.limited"');
    expect(received(relay)).toEqual([]);
  });

  it('are left without a trace by what is cut, and by a crash', async () => {
    const desk = await signIn(centre);
    const half = (head: readonly string[], start: string): Promise<() => void> =>
      new Promise((resolve) => {
        const hub = head[0]?.includes('/hub/') ? relay : centre;
        const socket = connect(hub.port, 'localhost', () => {
          socket.write(`${head.join('\r\n')}\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n${start}`);
          socket.write(Buffer.alloc(200_000));
          resolve(() => socket.destroy());
        });
        socket.on('error', () => {});
      });
    const boundary = '----x';
    const type = `Content-Type: multipart/form-data; boundary=${boundary}`;
    const field = `--${boundary}\r\nContent-Disposition: form-data; name="code"\r\n\r\n${relay.code}\r\n`;
    const file = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n`;
    const session = await fetch(`${centre.url}/inbox/api/session`, {
      ...post(JSON.stringify({ code: centre.code })),
    });
    const cookie = `Cookie: ${session.headers.get('set-cookie')?.split(';')[0]}`;
    const heads = [
      [centre, ['POST /inbox/api/carry HTTP/1.1', cookie, 'X-Relais: inbox'], ''],
      [relay, ['POST /hub/stick/in HTTP/1.1', type], field + file],
    ] as const;
    for (const [hub, head, start] of heads) {
      const cut = await half(head, start);
      await expect.poll(() => received(hub).length, { timeout: 10_000 }).toBe(1);
      // Meanwhile there is no second one.
      if (hub === centre) expect((await desk('carry', post('x'))).status).toBe(503);
      cut();
      await expect.poll(() => received(hub).length, { timeout: 10_000 }).toBe(0);
      expect((await fetch(`${hub.url}/healthz`)).status).toBe(200);
      await half(head, start);
      await expect.poll(() => received(hub).length, { timeout: 10_000 }).toBe(1);
      await hub.restart();
      expect(received(hub)).toEqual([]);
    }
    expect(centre.code).toBe(readFileSync(join(centre.dataDir, 'keys/operator-code'), 'utf8').trim());
    expect(relay.code).toBe(readFileSync(join(relay.dataDir, 'operator-code'), 'utf8').trim());
  });

  it('go on when a download is broken off', async () => {
    const desk = await signIn(centre);
    const response = await desk('carry.zip?shelf=fr&shelf=ha&media=1');
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await fetch(`${centre.url}/healthz`)).status).toBe(200);
    expect(centre.pid()).toBeGreaterThan(0);
    expect((await bytesOf(await desk('carry.zip?shelf=fr&media=0'))).length).toBeGreaterThan(10_000);
  });

  it('refuse a file that is too large before it is written, and tell so', async () => {
    const form = (size: number): Promise<string> =>
      new Promise((resolve) => {
        const start = [
          `--x\r\nContent-Disposition: form-data; name="code"\r\n\r\n${relay.code}\r\n`,
          '--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n',
        ].join('');
        const socket = connect(relay.port, 'localhost', () => {
          socket.write(
            'POST /hub/stick/in HTTP/1.1\r\nHost: localhost\r\nAccept-Language: fr\r\nConnection: close\r\n',
          );
          socket.write(`Content-Type: multipart/form-data; boundary=x\r\nContent-Length: ${size}\r\n\r\n${start}`);
          const rest = spawn('head', ['-c', String(size - start.length), '/dev/zero']);
          rest.stdout.pipe(socket, { end: false });
        });
        let reply = '';
        socket.on('data', (data: Buffer) => {
          reply += data;
        });
        socket.on('close', () => resolve(reply));
        socket.on('error', () => resolve(reply));
      });
    const said = await form(512_000_000 + 1_000);
    expect(said).toContain('413');
    expect(said.replaceAll(/<[^>]*>/g, '\n')).toContain('Fichier trop grand');
    expect(received(relay)).toEqual([]);
  });
});
