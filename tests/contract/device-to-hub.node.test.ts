import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fromUtf8, toBase64Url } from '../../src/core/protocol/bytes.ts';
import { type Envelope, encodeBatch } from '../../src/core/protocol/envelope.ts';
import { idOfToken, numberOf } from '../../src/core/protocol/ids.ts';
import { type BatchResult, parseReply, verifyReceipt } from '../../src/core/protocol/receipt.ts';
import type { LibraryState } from '../../src/core/sync/ports.ts';
import { pull } from '../../src/core/sync/pull.ts';
import { push } from '../../src/core/sync/push.ts';
import { Meter } from '../../src/core/sync/traffic.ts';
import { webPlatform } from '../../src/core/web-platform.ts';
import { fetchTransport } from '../../src/engine/transport.ts';
import { MemoryLibrary } from '../../src/store/memory-library.ts';
import { MemoryOutbox } from '../../src/store/memory-outbox.ts';
import { codeFrom, never, sealedAnswer, testLetter } from '../support/fixtures.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { answersAt } from '../support/inbox.ts';
import { type LinkProxy, startProxy } from '../support/proxy.ts';

/** Pull and push as they are, against the real hub. */

let hub: Hub;
let link: LinkProxy;
let library: MemoryLibrary;
let state: LibraryState;
let outbox: MemoryOutbox;

beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.remove());
beforeEach(async () => {
  link = await startProxy({ target: hub.port });
  library = new MemoryLibrary();
  outbox = new MemoryOutbox();
  await library.want('fr');
  await pull(ports(), never);
  state = (await library.library()) as LibraryState;
});
afterEach(() => link.close());

const ports = () => ({
  platform: webPlatform,
  store: library,
  outbox,
  transport: fetchTransport(webPlatform, link.url, new Meter(webPlatform.now, false)),
});
const send = async (): Promise<number> => (await push(ports(), never)).sent;
const sealed = (n: number, words = `answer ${n}`): Promise<Envelope> =>
  sealedAnswer(webPlatform, state.root, n, testLetter({ helped: 'yes', words }));
const waiting = async (): Promise<string[]> =>
  (await outbox.unsent(Object.keys(state.root.hub.keys), 1 << 30)).map(({ header }) => header.id);

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly hash: string;
  readonly body: Uint8Array;
}

/** Rows of the hub's database with this id, read while it runs. */
const rowsOf = (id: string): readonly Row[] => {
  const database = new DatabaseSync(join(hub.dataDir, 'hub.sqlite'), { readOnly: true });
  try {
    const rows = database.prepare('SELECT seq, id, hash, body FROM envelopes WHERE id = ? ORDER BY seq').all(id);
    return rows as unknown as Row[];
  } finally {
    database.close();
  }
};
const count = (): number => {
  const database = new DatabaseSync(join(hub.dataDir, 'hub.sqlite'), { readOnly: true });
  try {
    return Number(database.prepare('SELECT count(*) AS n FROM envelopes').get()?.n);
  } finally {
    database.close();
  }
};
const offer = async (...envelopes: Envelope[]): Promise<readonly BatchResult[]> =>
  parseReply(await ports().transport.postBatch(encodeBatch(envelopes), never)).results;

describe('pull', () => {
  it('brings a shelf of the real library whole, and the next one tells that nothing is new', async () => {
    const bodies = await library.bodies('fr');
    const rows = [...(await library.buckets('fr')).values()].flat();
    expect(rows.length).toBeGreaterThan(3);
    for (const { id, sha256 } of rows) {
      const body = bodies.get(sha256 ?? '') as Uint8Array;
      expect(toBase64Url(await webPlatform.sha256(body))).toBe(sha256);
      expect(JSON.parse(fromUtf8(body))).toMatchObject({ id, lang: 'fr' });
    }
    expect(await library.shelf('fr')).toMatchObject({ baseSeq: state.head?.seq });
    link.reset();
    expect(await pull(ports(), never)).toEqual({ changed: {}, needsUpdate: false });
    expect(link.log().map(({ path }) => path)).toEqual([`/c/from/${state.head?.seq}/fr.pack`]);
  });

  it('takes a second language, and passes over one that the library has not', async () => {
    await library.want('en');
    await library.want('tw');
    const { changed } = await pull(ports(), never);
    expect(Object.keys(changed)).toEqual(['en']);
    expect((await library.bodies('en')).size).toBe((await library.bodies('fr')).size);
  });

  it('is no link at a captive portal, and keeps what is there', async () => {
    const before = await library.bodies('fr');
    link.portal(true);
    expect(await codeFrom(() => pull(ports(), never))).toBe('no-link');
    expect(await library.library()).toEqual(state);
    expect(await library.bodies('fr')).toEqual(before);
    const fresh = new MemoryLibrary();
    await fresh.want('fr');
    expect(await codeFrom(() => pull({ ...ports(), store: fresh }, never))).toBe('no-link');
    expect(await fresh.library()).toBeUndefined();
  });
});

describe('push', () => {
  it('has a valid receipt for each answer, and the centre reads them', async () => {
    const answers = await Promise.all([1, 2, 3].map((n) => sealed(n, `oui ${n}`)));
    for (const answer of answers) outbox.add(answer);
    link.reset();
    expect(await send()).toBe(3);
    expect(link.log().map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /o/batch?vouch']);
    expect(await waiting()).toEqual([]);
    for (const { header } of answers) {
      const receipt = outbox.outcome(header.id)?.receipt;
      expect(await verifyReceipt(webPlatform, state.root, header, receipt)).toBeDefined();
      expect(rowsOf(header.id).map(({ seq, hash }) => ({ seq, hash }))).toEqual([
        { seq: receipt?.signed.seq, hash: header.hash },
      ]);
    }
    await expect
      .poll(() => answersAt(hub).map(({ answers: { words } }) => words))
      .toEqual(expect.arrayContaining(['oui 1', 'oui 2', 'oui 3']));
  });

  it('is answered with the same receipt, byte for byte, where it is sent again', async () => {
    const answer = await sealed(1);
    const [first] = await offer(answer);
    const before = count();
    const [second] = await offer(answer);
    expect([first?.status, second?.status]).toEqual(['stored', 'duplicate']);
    expect(JSON.stringify({ ...second, status: '' })).toBe(JSON.stringify({ ...first, status: '' }));
    expect(count()).toBe(before);
    outbox.add(answer);
    expect(await send()).toBe(1);
    expect(JSON.stringify(outbox.outcome(answer.header.id)?.receipt)).toBe(
      JSON.stringify(first?.status === 'stored' && first.receipt),
    );
  });

  it('sends again what has lost its reply, and the hub has it once', async () => {
    const answers = await Promise.all([1, 2].map((n) => sealed(n)));
    for (const answer of answers) outbox.add(answer);
    const lost = link.loseReply(/^POST \/o\/batch/);
    expect(await codeFrom(send)).toBe('no-link');
    await lost;
    expect(await waiting()).toHaveLength(2);
    await expect.poll(() => answers.map(({ header }) => rowsOf(header.id).length)).toEqual([1, 1]);
    expect(await send()).toBe(2);
    expect(await waiting()).toEqual([]);
    expect(answers.map(({ header }) => rowsOf(header.id).length)).toEqual([1, 1]);
  });

  it('has one row where five send the same at once', async () => {
    const answer = await sealed(1);
    const results = (await Promise.all(Array.from({ length: 5 }, () => offer(answer)))).flat();
    expect(results.map(({ status }) => status).sort()).toEqual([...Array(4).fill('duplicate'), 'stored']);
    expect(new Set(results.map((result) => JSON.stringify('receipt' in result && result.receipt))).size).toBe(1);
    expect(rowsOf(answer.header.id)).toHaveLength(1);
  });

  it('keeps both where one id comes with two bodies', async () => {
    const [one, two] = [await sealed(1, 'one'), await sealed(1, 'two')];
    const twin: Envelope = { ...two, header: { ...two.header, id: one.header.id } };
    const results = [...(await offer(one)), ...(await offer(twin)), ...(await offer(one, twin))];
    expect(results.map(({ status }) => status)).toEqual(['stored', 'stored', 'duplicate', 'duplicate']);
    const rows = rowsOf(one.header.id);
    expect(rows.map(({ hash }) => hash)).toEqual([one.header.hash, two.header.hash]);
    expect(rows.map(({ body }) => Buffer.from(body).equals(one.body))).toEqual([true, false]);
    expect(Buffer.from(rows[1]?.body ?? []).equals(two.body)).toBe(true);
    const words = () => answersAt(hub).map(({ answers }) => answers.words);
    await expect.poll(words).toEqual(expect.arrayContaining(['one', 'two']));
  });

  it('has an answer once that went the plain way first, reply lost, and then sealed: whatever came first', async () => {
    const said = {
      form: 'short',
      version: 1,
      item: 'akashganga',
      lang: 'fr',
      answers: { helped: 'yes', words: 'Deux' },
    };
    const plain = async (token: string): Promise<{ readonly number: string; readonly result: string }> => {
      const { answers, version, ...rest } = said;
      const body = new URLSearchParams({ ...rest, ...answers, version: String(version), token });
      const response = await fetch(`${link.url}/o/plain`, {
        method: 'POST',
        body,
        headers: { Accept: 'application/json' },
      });
      return (await response.json()) as { number: string; result: string };
    };
    const sealedAs = async (token: string, words = said.answers.words): Promise<Envelope> => {
      const letter = { ...testLetter(), ...said, answers: { ...said.answers, words } };
      const made = await sealedAnswer(webPlatform, state.root, 1, letter);
      return { ...made, header: { ...made.header, id: await idOfToken(webPlatform, token) } };
    };
    const { number } = await plain('one');
    const first = await sealedAs('one');
    expect(numberOf(first.header.id)).toBe(number);
    outbox.add(first);
    expect(await send()).toBe(1);
    expect(outbox.outcome(first.header.id)?.receipt).toBeDefined();
    expect(rowsOf(first.header.id)).toHaveLength(1);
    expect((await offer(first)).map(({ status }) => status)).toEqual(['duplicate']);

    const second = await sealedAs('two');
    expect((await offer(second)).map(({ status }) => status)).toEqual(['stored']);
    expect(await plain('two')).toMatchObject({ result: 'already', number: numberOf(second.header.id) });
    expect(rowsOf(second.header.id)).toHaveLength(1);

    // Other words under the same id are no copy: both stay, for a person.
    const other = await sealedAs('one', 'Trois');
    expect((await offer(other)).map(({ status }) => status)).toEqual(['stored']);
    expect(rowsOf(first.header.id)).toHaveLength(2);

    // A stranger who knows an id beforehand keeps nobody's answer out.
    await offer(await sealedAs('three', 'D’un inconnu'));
    expect(await plain('three')).toMatchObject({ result: 'arrived' });
    expect(rowsOf((await sealedAs('three')).header.id)).toHaveLength(2);
  });

  it('leaves an answer for another centre waiting, and goes on with the others', async () => {
    const other = 'AAAAAAAAAAA';
    const [mine, theirs] = [await sealed(1), await sealed(2)];
    const stray: Envelope = { ...theirs, header: { ...theirs.header, to: other } };
    // The root names a second hub, as after a change of keys: this one is not its addressee.
    const { hub: role } = state.root;
    const root = {
      ...state.root,
      hub: { ...role, keys: { ...role.keys, [other]: Object.values(role.keys)[0] ?? '' } },
    };
    await library.saveLibrary({ ...state, root });
    for (const answer of [stray, mine]) outbox.add(answer);
    expect(await offer(stray)).toEqual([{ id: stray.header.id, status: 'rejected', code: 'unknown-addressee' }]);
    expect(await send()).toBe(1);
    expect(outbox.outcome(mine.header.id)?.receipt).toBeDefined();
    expect(outbox.outcome(stray.header.id)).toEqual({});
    expect((await outbox.unsent([other], 1 << 30)).map(({ header }) => header.id)).toEqual([stray.header.id]);
    expect(rowsOf(stray.header.id)).toEqual([]);
    expect(await send()).toBe(0);
  });

  it('marks an answer whose bytes are not those that its header names, and keeps it', async () => {
    const [good, bad] = [await sealed(1), await sealed(2)];
    const body = Uint8Array.from(bad.body);
    body[body.length - 1] = (body.at(-1) as number) ^ 1;
    for (const answer of [{ ...bad, body }, good]) outbox.add(answer);
    expect(await send()).toBe(1);
    expect(outbox.outcome(bad.header.id)).toEqual({ code: 'hash' });
    expect(outbox.outcome(good.header.id)?.receipt).toBeDefined();
    expect(rowsOf(bad.header.id)).toEqual([]);
    expect(await waiting()).toEqual([]);
  });

  it('stays with what it has at a captive portal', async () => {
    outbox.add(await sealed(1));
    link.portal(true);
    expect(await codeFrom(send)).toBe('no-link');
    expect(await waiting()).toHaveLength(1);
    link.portal(false);
    expect(await send()).toBe(1);
  });

  it('keeps its receipts true over a crash of the hub', async () => {
    const answer = await sealed(1);
    const [first] = await offer(answer);
    await hub.restart();
    const [second] = await offer(answer);
    expect(second).toEqual({ ...first, status: 'duplicate' });
  });
});
