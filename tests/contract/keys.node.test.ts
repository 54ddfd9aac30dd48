import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { firstRoot, openKeys, readRoots, readSeedFile, signingKey } from '../../server/box/keys.ts';
import { readLetters, toLine } from '../../server/box/paper.ts';
import { deflate } from '../../server/publish/packs.ts';
import { encodeSection, findSection, joinPack, readPack, SectionType } from '../../src/core/pack/format.ts';
import { canonicalBytes, parseCanonical } from '../../src/core/protocol/canonical.ts';
import type { Head } from '../../src/core/protocol/head.ts';
import type { Root, SignedRoot } from '../../src/core/protocol/root.ts';
import type { LibraryState } from '../../src/core/sync/ports.ts';
import { pull } from '../../src/core/sync/pull.ts';
import { push } from '../../src/core/sync/push.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import { MemoryLibrary } from '../../src/store/memory-library.ts';
import { MemoryOutbox } from '../../src/store/memory-outbox.ts';
import { codeFrom, never, sealedAnswer, seededKeys, signAll, testLetter } from '../support/fixtures.ts';
import { type Hub, run, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';

/** Keys that change under a running hub, and devices that follow, or do not: `npm run keys` and the hub as processes. */

let hub: Hub;
let folder: string;

/** Runs `npm run keys` on the hub's box; `typed` goes to its input. */
const keys = (line: string, typed = ''): Promise<{ readonly code: number; readonly output: string }> =>
  new Promise((resolve) => {
    const env = { ...process.env, DATA_DIR: hub.dataDir, INIT_CWD: folder };
    const child = spawn(process.execPath, ['dist/server/main-keys.js', ...line.split(' ')], { env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data));
    child.stdin.end(typed);
    child.once('exit', (code) => resolve({ code: code ?? -1, output }));
  });
const done = async (line: string, typed = ''): Promise<string> => {
  const { code, output } = await keys(line, typed);
  expect(output, line).not.toBe('');
  expect([code, code === 0 ? '' : output]).toEqual([0, '']);
  return output;
};
const published = async (...args: readonly string[]): Promise<void> => {
  const env = { ...process.env, DATA_DIR: hub.dataDir, CONTENT_DIR: hub.contentDir };
  const { code, output } = await run('dist/server/main-publish.js', env, args);
  expect([code, output]).toEqual([0, expect.stringMatching(/^Published: number/m)]);
};
const newestRoot = async (): Promise<Root> => ((await readRoots(hub.dataDir)).at(-1) as SignedRoot).signed;

/** A phone. */
class Device {
  readonly library = new MemoryLibrary();
  readonly outbox = new MemoryOutbox();
  readonly ports = (url = hub.url) => ({
    platform: webPlatform,
    store: this.library,
    outbox: this.outbox,
    transport: fetchTransport(webPlatform, url, new Meter(webPlatform.now, false)),
  });
  async sync(url = hub.url): Promise<LibraryState> {
    await this.library.want('fr');
    await pull(this.ports(url), never);
    return (await this.library.library()) as LibraryState;
  }
  async answer(n: number, words: string): Promise<string> {
    const { root } = (await this.library.library()) as LibraryState;
    const envelope = await sealedAnswer(webPlatform, root, n, testLetter({ helped: 'yes', words }));
    this.outbox.add(envelope);
    return envelope.header.id;
  }
  async send(): Promise<number> {
    return (await push(this.ports(), never)).sent;
  }
}

beforeAll(async () => {
  hub = await startHub();
  folder = mkdtempSync(join(tmpdir(), 'relais-keys-'));
});
afterAll(async () => {
  await hub.remove();
  rmSync(folder, { recursive: true, force: true });
});

let device: Device;
let identity: string;
beforeEach(async () => {
  device = new Device();
  ({ identity } = await device.sync());
});

describe('a device follows', () => {
  it.each(['publisher', 'hub', 'root'])('a new %s key, from a hub that was not started again', async (name) => {
    const before = await newestRoot();
    await done(`rotate ${name}`);
    // Nothing is published yet: the hub goes on with what devices know.
    expect((await device.sync()).root).toEqual(before);
    const early = new Device();
    expect((await early.sync()).root).toEqual(before);
    await published();
    const after = await device.sync();
    expect(after).toMatchObject({ identity, root: { n: before.n + 1 } });
    expect(Object.keys(after.root[name as 'hub'].keys)).not.toEqual(Object.keys(before[name as 'hub'].keys));
    // One that was there from the first day, one that comes now, and one that missed the last: all have the same.
    expect(await new Device().sync()).toMatchObject({ identity, root: after.root });
    expect(await early.sync()).toMatchObject({ identity, root: after.root });
  });

  it('a new hub key with what it had sealed to the old one, and the centre reads both', async () => {
    const old = await device.answer(1, 'vers l’ancienne clé');
    const late = new Device();
    await late.sync();
    const offline = await late.answer(1, 'longtemps sans réseau');
    await done('rotate hub');
    // Between the change and the publication, the old key still gives receipts that count.
    const between = await device.answer(2, 'entre les deux');
    expect(await device.send()).toBe(2);
    await published();
    await device.sync();
    await device.answer(3, 'vers la nouvelle clé');
    expect(await device.send()).toBe(1);
    // A device that has not heard of the new root: its receipt says nothing to it, until it has.
    expect(await codeFrom(() => late.send())).toBe('no-link');
    await late.sync();
    expect(await late.send()).toBe(1);
    const { hub: role } = await newestRoot();
    expect(Object.keys(role.keys)).toEqual([late.outbox.outcome(offline)?.receipt?.signed.by]);
    for (const id of [old, between]) expect(device.outbox.outcome(id)?.receipt).toBeDefined();
    const words = () => answersAt(hub).map(({ answers }) => answers.words);
    const all = ['vers l’ancienne clé', 'entre les deux', 'vers la nouvelle clé', 'longtemps sans réseau'];
    await expect.poll(words).toEqual(expect.arrayContaining(all));
    // Started again, it opens and signs as before.
    await hub.restart();
    await device.answer(4, 'après le redémarrage');
    expect(await device.send()).toBe(1);
    await expect.poll(words).toEqual(expect.arrayContaining(['après le redémarrage']));
  });
});

describe('after a theft', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
    server = undefined;
  });

  /** Somebody else's box at the library's address: this hub's shelf, under roots and a head that somebody else made. */
  const impostor = async (roots: readonly SignedRoot[], head: (head: Head) => unknown): Promise<string> => {
    const whole = new Uint8Array(await (await fetch(`${hub.url}/c/full/fr.pack`)).arrayBuffer());
    const pack = await readPack(webPlatform, whole);
    const { signed } = parseCanonical(findSection(pack, SectionType.head) as Uint8Array) as { signed: Head };
    const sections = pack.sections.map(({ type }) => ({
      type,
      payload:
        type === SectionType.head
          ? canonicalBytes(head({ ...signed, seq: signed.seq + 1, root: roots.length }))
          : type === SectionType.roots
            ? canonicalBytes(roots)
            : (findSection(pack, type) as Uint8Array),
    }));
    const bytes = joinPack(await Promise.all(sections.map((one) => encodeSection(webPlatform, deflate, one))));
    const files = new Map<string, Uint8Array>([['/c/full/fr.pack', bytes]]);
    for (const root of roots) files.set(`/c/root/${root.signed.n}.json`, canonicalBytes(root));
    const impostors = createServer((request, response) => {
      const body = files.get(request.url ?? '');
      response.writeHead(body ? 200 : 404).end(body);
    }).listen(0, 'localhost');
    server = impostors;
    await new Promise((resolve) => impostors.once('listening', resolve));
    return `http://localhost:${(impostors.address() as AddressInfo).port}`;
  };

  it('the spare’s letters take the library over, and the thief’s texts are refused from then on', async () => {
    await done('spare spare.html');
    await published();
    await device.sync();
    const stolen = join(folder, 'stolen');
    cpSync(join(hub.dataDir, 'keys'), join(stolen, 'keys'), { recursive: true, dereference: true });
    const reading = readLetters(readFileSync(join(folder, 'spare.html'), 'utf8'));
    const letters = toLine((reading as { seed: Uint8Array }).seed);
    rmSync(join(folder, 'spare.html'));
    const wrong = await keys(
      'restore --new all',
      letters.replace(/.$/, (sign) => (sign === '7' ? '8' : '7')),
    );
    expect(wrong.code).toBe(1);
    expect(wrong.output).toMatch(/^Group 14 is wrong\./m);
    const thief = await openKeys(stolen);
    const said = await done('restore --new all', letters);
    for (const output of [wrong.output, said, hub.log()])
      for (const group of letters.split(/[-:]/).slice(2)) expect(output).not.toContain(group);
    await published('--after', '1000');

    const mine = await device.sync();
    expect(mine).toMatchObject({ identity, head: { seq: 1001 } });
    await device.answer(1, 'aux nouvelles clés');
    expect(await device.send()).toBe(1);

    // With the stolen publisher's key, under the roots as they are.
    const roots = await readRoots(hub.dataDir);
    const url = await impostor(roots, (head) => signAll([thief.publisher], 'head', head));
    expect(await codeFrom(() => device.sync(url))).toBe('tampered');
    server?.close();
    // With a root of the thief's own making, by the stolen root key.
    const body: Root = {
      ...(roots.at(-1) as SignedRoot).signed,
      n: roots.length + 1,
      publisher: (roots[0] as SignedRoot).signed.publisher,
    };
    const forged = signAll([thief.root as NonNullable<typeof thief.root>], 'root', body);
    const other = await impostor([...roots, forged], (head) => signAll([thief.publisher], 'head', head));
    expect(await codeFrom(() => device.sync(other))).toBe('foreign-root');
    expect(await device.library.library()).toEqual(mine);
  });

  it('a stranger’s root is refused, and a root that too few have signed', async () => {
    for (const name of ['amina', 'issa']) await done(`make ${name}.key`);
    const added = [];
    for (const name of ['amina', 'issa']) added.push((await done(`make ${name}.key`)).trim().split('\n').at(-1));
    await done(`propose next.json holders --add ${added[0]} --add ${added[1]} --threshold 2`);
    await done('sign next.json --root-key amina.key');
    await done('adopt next.json');
    await published();
    const mine = await device.sync();
    expect(mine.root.root.threshold).toBe(2);
    const roots = await readRoots(hub.dataDir);
    const [amina, issa] = ['amina', 'issa'].map((name) => signingKey(readSeedFile(join(folder, `${name}.key`))));
    const evil = await seededKeys('evil');
    const publisher = {
      keys: { [evil.publisher.id]: Buffer.from(evil.publisher.publicKey).toString('base64url') },
      threshold: 1,
    };
    const body: Root = { ...mine.root, n: mine.root.n + 1, publisher };
    const bySome = async (...signers: Parameters<typeof signAll>[0]): Promise<string> => {
      server?.close();
      const root = signAll(signers, 'root', body);
      const url = await impostor([...roots, root], (head) => signAll([evil.publisher], 'head', head));
      return codeFrom(() => device.sync(url));
    };
    expect(await bySome(evil.root)).toBe('foreign-root');
    expect(await bySome(amina as typeof evil.root)).toBe('foreign-root');
    expect(await bySome(amina as typeof evil.root, evil.root, evil.hub)).toBe('foreign-root');
    expect(await device.library.library()).toEqual(mine);
    // The test's own proof: two of them are enough.
    server?.close();
    const both = signAll([amina as typeof evil.root, issa as typeof evil.root], 'root', body);
    const url = await impostor([...roots, both], (head) => signAll([evil.publisher], 'head', head));
    expect((await new Device().sync(url)).root.n).toBe(mine.root.n + 1);

    server?.close();
    const theirs = await impostor([await firstRoot(evil)], (head) => signAll([evil.publisher], 'head', head));
    expect(await codeFrom(() => device.sync(theirs))).toBe('foreign-root');
    expect(await device.library.library()).toEqual(mine);
  });
});

it('a box that was restored from an old copy hears it from its phones, and says what to do', async () => {
  const env = { ...process.env, DATA_DIR: hub.dataDir, CONTENT_DIR: hub.contentDir };
  expect((await run('dist/server/main-publish.js', env)).output).not.toContain('--after');
  // A phone that has more than this box remembers.
  await device.library.advance(['fr'], 5_000);
  await device.sync();
  await expect.poll(() => hub.log()).toContain('"event":"tree.newer-asked","base":5000');
  expect((await run('dist/server/main-publish.js', env)).output).toMatch(/Was an old copy restored\?.*--after 5000/);
  await hub.restart();
  expect(hub.log()).toMatch(/Was an old copy restored\?.*--after 5000/);
  await published('--after', '5000');
  expect((await run('dist/server/main-publish.js', env)).output).not.toContain('--after');
});

describe('whatever happens to the power', () => {
  let other: string;
  beforeEach(async () => {
    other = join(mkdtempSync(join(tmpdir(), 'relais-keys-')), 'data');
    cpSync(join(hub.dataDir, 'keys'), join(other, 'keys'), { recursive: true, dereference: true });
    for (const name of ['amina', 'issa'])
      if (existsSync(join(folder, `${name}.key`))) cpSync(join(folder, `${name}.key`), join(other, `${name}.key`));
  });
  afterEach(() => rmSync(join(other, '..'), { recursive: true, force: true }));

  const rotate = (ms?: number): Promise<number> =>
    new Promise((resolve) => {
      const files = existsSync(join(other, 'amina.key'))
        ? ['--root-key', join(other, 'amina.key'), '--root-key', join(other, 'issa.key')]
        : [];
      const args = ['dist/server/main-keys.js', 'rotate', 'hub', ...files];
      const child = spawn(process.execPath, args, { env: { ...process.env, DATA_DIR: other }, stdio: 'ignore' });
      if (ms !== undefined) setTimeout(() => child.kill('SIGKILL'), ms);
      child.once('exit', (code) => resolve(code ?? -1));
    });
  /** The box as whoever opens it next finds it. */
  const expectWhole = async (): Promise<number> => {
    const { hub: key } = await openKeys(other);
    const root = ((await readRoots(other)).at(-1) as SignedRoot).signed;
    expect(Object.keys(root.hub.keys)).toEqual([key.id]);
    return root.n;
  };

  it('a change of keys is whole or not there, and the next one goes through', async () => {
    const start = performance.now();
    expect(await rotate()).toBe(0);
    const whole = performance.now() - start;
    let n = await expectWhole();
    for (let i = 0; i < 16; i++) {
      // Most of them where keys are read and written, towards the end.
      await rotate(whole * (0.55 + (0.5 * i) / 16));
      const next = await expectWhole();
      expect([n, n + 1]).toContain(next);
      n = next;
    }
    expect(await rotate()).toBe(0);
    expect(await expectWhole()).toBe(n + 1);
  });

  it('two at once come one after the other', async () => {
    const n = await expectWhole();
    expect(await Promise.all([rotate(), rotate(), rotate()])).toEqual([0, 0, 0]);
    expect(await expectWhole()).toBe(n + 3);
  });
});
