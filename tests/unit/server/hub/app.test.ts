import { expect, it } from 'vitest';
import { ServingKeys } from '../../../../server/box/serving.ts';
import { readConfig } from '../../../../server/config.ts';
import { AnswerStore } from '../../../../server/hub/answer-store.ts';
import { createCentre } from '../../../../server/hub/centre.ts';
import { openDatabase } from '../../../../server/hub/database.ts';
import { PublishedLibrary } from '../../../../server/hub/library.ts';
import { publish } from '../../../../server/publish/publish.ts';
import { box, write } from '../small-box.ts';

const openHub = async (library = new PublishedLibrary(box.dataDir)): Promise<ReturnType<typeof createCentre>> => {
  await publish(box);
  const { dataDir, appDir } = box;
  const keys = new ServingKeys(dataDir);
  const config = readConfig({ DATA_DIR: dataDir });
  const answers = new AnswerStore(openDatabase(dataDir), () => keys.current().openers);
  return createCentre({ config, appDir, keys, code: '', answers, library, log: () => {} });
};

it.each([
  ['/fr?online', '/fr/?online'],
  ['/FR?a=%C3%A9&b', '/fr/?a=%C3%A9&b'],
  ['/fr-NE/pump?online', '/fr/pump?online'],
  ['/fr', '/fr/'],
])('%s has moved to %s', async (from, to) => {
  const reply = await (await openHub()).request(from);
  expect([reply.status, reply.headers.get('location')]).toEqual([301, to]);
});

it('reads what a tree says of itself once, and again after the next publication', async () => {
  const library = new PublishedLibrary(box.dataDir);
  const hub = await openHub(library);
  const site = library.site();
  expect(site.seq).toBe(1);
  expect((await hub.request('/fr/pump')).status).toBe(200);
  expect(library.site()).toBe(site);
  write('La pompe est en panne.');
  await publish(box);
  expect(await (await hub.request('/fr/pump')).text()).toContain('La pompe est en panne.');
  expect(library.site().seq).toBe(2);
});
