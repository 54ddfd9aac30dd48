import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runKeys } from '../../../../server/box/command.ts';
import { openKeys, readRoots } from '../../../../server/box/keys.ts';
import { ServingKeys } from '../../../../server/box/serving.ts';
import { AnswerStore } from '../../../../server/hub/answer-store.ts';
import { openDatabase } from '../../../../server/hub/database.ts';
import { HeadSigner } from '../../../../server/hub/tree-routes.ts';
import { publish } from '../../../../server/publish/publish.ts';
import { toBase64Url } from '../../../../src/core/protocol/bytes.ts';
import { verifyHead } from '../../../../src/core/protocol/head.ts';
import { verifyHubs } from '../../../../src/core/protocol/hubs.ts';
import type { Root } from '../../../../src/core/protocol/root.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import { codeFrom, openBox, sealedAnswer, seededKeys } from '../../../support/fixtures.ts';
import { box, inTree } from '../small-box.ts';

/** What a running hub signs with while keys change under it. */

const keys = async (line: string): Promise<readonly string[]> => {
  const said: string[] = [];
  const { dataDir } = box;
  await runKeys(line.split(' '), {
    dataDir,
    folder: dataDir,
    now: 0,
    print: (text) => void said.push(text),
    diskOf: () => 1,
    type: async () => '',
  });
  return said;
};
const rootAt = async (n: number): Promise<Root> => ((await readRoots(box.dataDir))[n - 1] as { signed: Root }).signed;

it('goes on with the old keys until the next publication, and takes the new ones with it', async () => {
  await publish(box);
  const serving = new ServingKeys(box.dataDir);
  const signer = new HeadSigner(box.dataDir, serving, 0);
  const before = serving.current();
  for (const name of ['publisher', 'hub', 'root']) await keys(`rotate ${name}`);
  // Another process, or this one started again, knows no better.
  for (const one of [serving, new ServingKeys(box.dataDir)]) {
    expect([one.current().hub.id, one.current().root.n]).toEqual([before.hub.id, 1]);
    expect(Object.keys((await rootAt(1)).hub.keys)).toEqual([one.current().hub.id]);
  }
  const early = await verifyHead(webPlatform, await rootAt(1), signer.current() as Uint8Array);
  expect(early.root).toBe(1);

  await publish(box);
  const after = await openKeys(box.dataDir);
  const now = serving.current();
  expect([now.hub.id, now.publisher?.id, now.root.n]).toEqual([after.hub.id, after.publisher.id, 4]);
  const head = await verifyHead(webPlatform, await rootAt(4), signer.current() as Uint8Array);
  expect(head).toMatchObject({ root: 4, seq: early.seq + 1 });
  expect([...now.addressees].sort()).toEqual([before.hub.id, after.hub.id].sort());
});

it('publishes with the keys of a change that was cut off', async () => {
  await publish(box);
  const path = (name: string): string => join(box.dataDir, 'keys', name);
  const old = readFileSync(path('publisher.key'), 'utf8');
  await keys('rotate publisher');
  const put = Object.fromEntries(
    ['publisher.key', 'root-2.json'].map((name) => [name, readFileSync(path(name), 'utf8')]),
  );
  // As it lay there when the power went: written down, and nothing of it done.
  rmSync(path('root-2.json'));
  writeFileSync(path('publisher.key'), old);
  writeFileSync(path('change.json'), JSON.stringify({ put, remove: [] }));
  await publish(box);
  const serving = new ServingKeys(box.dataDir).current();
  expect(serving.root.n).toBe(2);
  expect(Object.keys(serving.root.publisher.keys)).toEqual([serving.publisher?.id]);
});

it('sends the head as it was published where its key has changed since', async () => {
  await publish(box);
  const published = readFileSync(inTree('c/head'));
  await keys('rotate publisher');
  const signer = new HeadSigner(box.dataDir, new ServingKeys(box.dataDir), 0);
  expect(Buffer.from(signer.current() as Uint8Array).equals(published)).toBe(true);
});

it('opens what was sealed to an earlier key of the hub, and what is sealed to one that is not published yet', async () => {
  await publish(box);
  const serving = new ServingKeys(box.dataDir);
  const database = openDatabase(box.dataDir);
  const answers = new AnswerStore(database, () => serving.current().openers);
  const words = () => answers.after(0, 10).map(({ readable, answers: said }) => (readable ? said.helped : '-'));
  const old = await sealedAnswer(webPlatform, await rootAt(1), 1);
  await keys('rotate hub');
  // The next root is known to its phone, and not published here yet.
  const early = await sealedAnswer(webPlatform, await rootAt(2), 2);
  for (const envelope of [old, early]) answers.store(envelope, 0);
  await answers.openPending();
  expect(words()).toEqual(['yes', 'yes']);

  database.close();
});

it('tries what it could not open again, once it has other keys', async () => {
  const theirs = await openBox('other');
  const database = openDatabase(box.dataDir);
  let secrets: readonly Uint8Array[] = [box.keys.seal];
  const answers = new AnswerStore(database, () => secrets);
  answers.store(await sealedAnswer(webPlatform, theirs.root, 1), 0);
  await answers.openPending();
  expect(answers.after(0, 10)).toMatchObject([{ readable: false, form: '' }]);
  secrets = [box.keys.seal, theirs.keys.recovery];
  await answers.openPending();
  expect(answers.after(0, 10)).toMatchObject([{ readable: true, form: 'short', answers: { helped: 'yes' } }]);
  database.close();
});

it('publishes the list of hubs under the newest publisher key, and anew where only the list changed', async () => {
  expect((await publish(box)).written).toBe(true);
  expect(existsSync(inTree('c/hubs.json'))).toBe(false);
  const key = toBase64Url((await seededKeys('school')).hub.publicKey);
  await keys(`delegate ${key} --name School`);
  const { seq, written } = await publish(box);
  expect([seq, written]).toEqual([2, true]);
  expect(await publish(box)).toMatchObject({ seq: 2, written: false });
  const read = async (root: Root) => verifyHubs(webPlatform, root, new Uint8Array(readFileSync(inTree('c/hubs.json'))));
  expect(await read(await rootAt(1))).toMatchObject({ n: 1, hubs: [{ name: 'School', key }] });
  await keys('rotate publisher');
  await publish(box);
  expect(await read(await rootAt(2))).toMatchObject({ n: 1 });
  expect(await codeFrom(async () => read(await rootAt(1)))).toBe('tampered');
  await keys('revoke School');
  await publish(box);
  expect(await read(await rootAt(2))).toMatchObject({ n: 2, hubs: [] });
});

it('does not publish what phones would refuse: the newest root is lost, or names other keys', async () => {
  await keys('rotate publisher');
  await publish(box);
  const path = join(box.dataDir, 'keys/root-2.json');
  rmSync(path);
  await expect(publish(box)).rejects.toThrow(/published under root 2.*keys\/root-2\.json/);
  rmSync(join(box.dataDir, 'history'), { recursive: true });
  await expect(publish(box)).rejects.toThrow(/Root 1 does not name the publisher key/);
});

it('makes no first root in the place of a lost one', async () => {
  await keys('rotate publisher');
  rmSync(join(box.dataDir, 'keys/root-1.json'));
  await expect(publish(box)).rejects.toThrow(/root-1\.json is missing, and later roots are there/);
  expect(existsSync(join(box.dataDir, 'keys/root-1.json'))).toBe(false);
});
