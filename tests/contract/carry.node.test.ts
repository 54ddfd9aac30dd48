import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openArchive } from '../../server/carry/archive-file.ts';
import type { LibraryState } from '../../src/core/sync/ports.ts';
import { pull } from '../../src/core/sync/pull.ts';
import { type Pushed, push } from '../../src/core/sync/push.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import { MemoryLibrary } from '../../src/store/memory-library.ts';
import { MemoryOutbox } from '../../src/store/memory-outbox.ts';
import { addSheets, sheetId } from '../support/collection.ts';
import { contentsOf, flipped, never, sealedAnswer, testLetter } from '../support/fixtures.ts';
import { type Hub, run, startHub } from '../support/hub.ts';
import { answersAt, envelopesAt } from '../support/inbox.ts';

/** `npm run carry`, as a process, between hubs that no link joins. */

/** Nobody listens there. */
const NOWHERE = 'http://localhost:9';

let folder: string;
let centre: Hub;
let started: Hub[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'relais-stick-'));
  started = [];
  centre = await startHub();
});
afterEach(async () => {
  for (const hub of [...started, centre]) await hub.remove();
  rmSync(folder, { recursive: true, force: true });
});

const stick = (name: string): string => join(folder, name);
const carry = (dataDir: string, ...args: readonly string[]): Promise<{ code: number; output: string }> =>
  run(
    'dist/server/main-carry.js',
    { ...process.env, DATA_DIR: dataDir, ...(dataDir === stick('relay') && { UPSTREAM: NOWHERE }) },
    args,
  );
/** What it said. Throws where it failed. */
const carried = async (dataDir: string, ...args: readonly string[]): Promise<string> => {
  const { code, output } = await carry(dataDir, ...args);
  if (code !== 0) throw new Error(output);
  return output;
};
const listOf = async (path: string): Promise<readonly string[]> => {
  const { archive, close } = await openArchive(path);
  await close();
  return [...archive.keys()];
};
const seqAt = async (hub: Hub): Promise<number> =>
  ((await (await fetch(`${hub.url}/healthz`)).json()) as { readonly seq: number }).seq;
const startRelay = async (dataDir: string): Promise<Hub> => {
  const hub = await startHub({ dataDir, upstream: NOWHERE });
  started.push(hub);
  return hub;
};
const publishNews = async (): Promise<void> => {
  const path = join(centre.contentDir, 'akashganga/fr.md');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/\n\n(?=[A-Z])/, '\n\nUne phrase de plus. '));
  expect((await centre.publish()).output).toMatch(/Published: number \d+/);
};

/** A device that knows one hub. */
class Phone {
  readonly library = new MemoryLibrary();
  readonly outbox = new MemoryOutbox();
  readonly #ports;
  constructor({ url }: Hub) {
    const transport = fetchTransport(webPlatform, url, new Meter(webPlatform.now, false));
    this.#ports = { platform: webPlatform, store: this.library, outbox: this.outbox, transport };
  }
  async pull(shelf = 'fr'): Promise<Awaited<ReturnType<typeof contentsOf>>> {
    await this.library.want(shelf);
    await pull(this.#ports, never);
    return contentsOf(this.library, shelf);
  }
  async answer(n: number): Promise<string> {
    const { root } = (await this.library.library()) as LibraryState;
    const letter = testLetter({ helped: 'yes', words: `answer ${n}` });
    const envelope = await sealedAnswer(webPlatform, root, n, letter);
    this.outbox.add(envelope);
    return envelope.header.id;
  }
  push(): Promise<Pushed> {
    return push(this.#ports, never);
  }
}

describe('a hub that no link reaches', { timeout: 120_000 }, () => {
  it('gets its library by hand, and its answers and their receipts go the same way', async () => {
    const relayDir = stick('relay');
    expect(await carried(centre.dataDir, 'out', stick('a.zip'))).toMatch(/Languages: fr, .*\nReceipts: 0/);
    expect(await carried(relayDir, 'in', stick('a.zip'))).toMatch(/Library: \d{2,} new or changed/);
    const relay = await startRelay(relayDir);
    expect(await seqAt(relay)).toBe(1);
    const phone = new Phone(relay);
    expect(await phone.pull()).toEqual(await new Phone(centre).pull());
    const picture = (await listOf(stick('a.zip'))).find((path) => /^b\/..\/[\w-]{43}$/.test(path));
    expect((await fetch(`${relay.url}/${picture}`)).status).toBe(200);

    // Both hubs run: what is carried comes in beside them.
    const [id] = [await phone.answer(1), await phone.answer(2)];
    expect(await phone.push()).toEqual({ sent: 0, held: 2 });
    expect(await carried(relayDir, 'out', stick('b.zip'), '--no-media')).toContain('Answers: 2. Receipts: 0.');
    expect(await carried(centre.dataDir, 'in', stick('b.zip'))).toContain('Answers: 2 new, 0 known');
    expect(answersAt(centre).map(({ answers }) => answers.words)).toEqual(['answer 1', 'answer 2']);
    await publishNews();
    expect(await carried(centre.dataDir, 'out', stick('c.zip'))).toContain('Receipts: 2');
    const last = await carried(relayDir, 'in', stick('c.zip'));
    expect(last).toMatch(/Library: 1 new or changed\n.*\nReceipts taken: 2/);
    expect(await seqAt(relay)).toBe(2);
    expect(await phone.push()).toEqual({ sent: 2, held: 0 });
    expect(phone.outbox.outcome(id)?.receipt).toBeDefined();
    expect(await phone.pull()).toEqual(await new Phone(centre).pull());
  });

  it('changes nothing the second time', async () => {
    const relayDir = stick('relay');
    await carried(centre.dataDir, 'out', stick('a.zip'));
    await carried(relayDir, 'in', stick('a.zip'));
    const phone = new Phone(await startRelay(relayDir));
    await phone.pull();
    await phone.answer(1);
    await phone.push();
    await carried(relayDir, 'out', stick('b.zip'));
    await carried(centre.dataDir, 'in', stick('b.zip'));
    const again = await carried(centre.dataDir, 'in', stick('b.zip'));
    expect(again).toContain('Answers: 0 new, 1 known');
    expect(again).toContain('this box publishes its own');
    expect(envelopesAt(centre)).toBe(1);
    const twice = await carried(relayDir, 'in', stick('b.zip'));
    expect(twice).toMatch(/Library: nothing new\nAnswers: 0 new, 1 known\nReceipts taken: 0/);
  });

  it('takes the languages that were chosen, and those that stand in for their gaps', async () => {
    await carried(centre.dataDir, 'out', stick('ha.zip'), '--shelves', 'ha', '--no-media');
    const paths = await listOf(stick('ha.zip'));
    expect(paths.filter((path) => path.startsWith('c/full/')).toSorted()).toEqual(['c/full/fr.pack', 'c/full/ha.pack']);
    expect(paths.some((path) => path.startsWith('b/'))).toBe(false);
    expect((await carry(centre.dataDir, 'out', stick('xx.zip'), '--shelves', 'xx')).output).toMatch(
      /There is no language "xx" here. There are: fr,/,
    );
  });

  it('takes the collections that were chosen, and serves them where they arrive', async () => {
    addSheets(centre.contentDir, 2);
    expect((await centre.publish()).output).toContain('Published: number 2');
    const packsIn = async (file: string) => (await listOf(stick(file))).filter((path) => path.startsWith('c/full/'));
    await carried(centre.dataDir, 'out', stick('few.zip'), '--shelves', 'fr', '--no-media');
    expect(await packsIn('few.zip')).toEqual(['c/full/fr.pack']);
    await carried(centre.dataDir, 'out', stick('some.zip'), '--shelves', 'fr,fr-xsheets', '--no-media');
    expect(await packsIn('some.zip')).toEqual(['c/full/fr.pack', 'c/full/fr-xsheets.pack']);
    await carried(centre.dataDir, 'out', stick('all.zip'), '--no-media');
    // Those of which a language has nothing of its own are no weight.
    const all = await packsIn('all.zip');
    expect(all.filter((path) => path.includes('-x')).toSorted()).toEqual([
      'c/full/en-xsheets.pack',
      'c/full/fr-xsheets.pack',
    ]);
    const relayDir = stick('relay');
    await carried(relayDir, 'in', stick('some.zip'));
    const relay = await startRelay(relayDir);
    expect((await fetch(`${relay.url}/fr/${sheetId(1)}`)).status).toBe(200);
    expect(await new Phone(relay).pull('fr-xsheets')).toEqual(await new Phone(centre).pull('fr-xsheets'));
  });

  it('that gets a few languages only serves their news, with its hub running, and says what is missing', async () => {
    const relayDir = stick('relay');
    const few = ['--shelves', 'fr,ha', '--no-media'] as const;
    await carried(centre.dataDir, 'out', stick('a.zip'), ...few);
    await carried(relayDir, 'in', stick('a.zip'));
    const relay = await startRelay(relayDir);
    expect(await seqAt(relay)).toBe(1);
    // It wants all that the library has, once it has seen its table.
    await expect
      .poll(async () => (await carried(relayDir, 'in', stick('a.zip'))).includes('Not whole here yet'), {
        timeout: 20_000,
      })
      .toBe(true);
    await publishNews();
    await carried(centre.dataDir, 'out', stick('b.zip'), ...few);
    expect(await carried(relayDir, 'in', stick('b.zip'))).toMatch(
      /Library: 1 new or changed\nNot whole here yet: .*es/,
    );
    expect(await seqAt(relay)).toBe(2);
    expect(await new Phone(relay).pull()).toEqual(await new Phone(centre).pull());
  });

  it('says what is wrong with a file, and stays as it is', async () => {
    const relayDir = stick('relay');
    await carried(centre.dataDir, 'out', stick('old.zip'));
    await publishNews();
    await carried(centre.dataDir, 'out', stick('new.zip'));
    await carried(relayDir, 'in', stick('new.zip'));
    const relay = await startRelay(relayDir);
    const before = await new Phone(relay).pull();

    const bytes = new Uint8Array(readFileSync(stick('new.zip')));
    writeFileSync(stick('cut.zip'), bytes);
    truncateSync(stick('cut.zip'), bytes.length - 100);
    // In the first pack, which is stored as it is.
    writeFileSync(stick('turned.zip'), flipped(bytes, 8 * 5_000));
    writeFileSync(stick('page.zip'), '<!doctype html><p>Connexion'.repeat(100));
    const stranger = await startHub({ stranger: true });
    started.push(stranger);
    await carried(stranger.dataDir, 'out', stick('foreign.zip'));

    for (const [name, words] of [
      ['old.zip', 'older than the one that is here'],
      ['cut.zip', 'cut short while it was copied'],
      ['page.zip', 'no file of Relais'],
      ['turned.zip', 'damaged or was changed'],
      ['foreign.zip', 'signed by somebody else'],
      ['none.zip', 'There is no file'],
    ] as const) {
      const { code, output } = await carry(relayDir, 'in', stick(name));
      expect([name, code]).toEqual([name, 1]);
      expect(output).toContain(words);
      expect(output).toContain(stick(name));
      if (name === 'turned.zip') expect(output).toMatch(/turned\.zip \(c\/full\/\w+\.pack\): /);
    }
    expect(await new Phone(relay).pull()).toEqual(before);
    expect(await seqAt(relay)).toBe(2);
  });

  it('says how it is used, and where there is nothing to carry', async () => {
    for (const args of [[], ['out'], ['off', 'x.zip'], ['in', 'x.zip', 'y.zip'], ['out', 'x.zip', '--shelves', '../']])
      expect((await carry(centre.dataDir, ...args)).output).toContain('npm run carry -- out FILE');
    const { code, output } = await carry(stick('nothing'), 'out', stick('x.zip'));
    expect([code, output]).toEqual([1, expect.stringContaining('run "npm start" first')]);
  });
});
