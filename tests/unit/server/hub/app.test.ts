import { expect, it } from 'vitest';
import { ServingKeys } from '../../../../server/box/serving.ts';
import { readConfig } from '../../../../server/config.ts';
import { AnswerStore } from '../../../../server/hub/answer-store.ts';
import { createCentre } from '../../../../server/hub/centre.ts';
import { openDatabase } from '../../../../server/hub/database.ts';
import { PublishedLibrary } from '../../../../server/hub/library.ts';
import type { Log } from '../../../../server/log.ts';
import { publish } from '../../../../server/publish/publish.ts';
import { box, write } from '../small-box.ts';

const openHub = async (library = new PublishedLibrary(box.dataDir)): Promise<ReturnType<typeof createCentre>> => {
  await publish(box);
  return hubOf(library);
};
const hubOf = (library: PublishedLibrary, log: Log = () => {}): ReturnType<typeof createCentre> => {
  const { dataDir, appDir } = box;
  const keys = new ServingKeys(dataDir);
  const config = readConfig({ DATA_DIR: dataDir });
  const answers = new AnswerStore(openDatabase(dataDir), () => keys.current().openers);
  return createCentre({ config, appDir, keys, code: '', answers, library, log });
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

it.each([
  ['http://connectivitycheck.gstatic.com/generate_204', 204, /^$/],
  ['http://www.google.com/gen_204', 204, /^$/],
  ['http://connect.rom.miui.com/generate_204', 204, /^$/],
  ['http://captive.apple.com/hotspot-detect.html', 200, /^<HTML><HEAD><TITLE>Success<\/TITLE>/],
  ['http://www.apple.com/library/test/success.html', 200, /<BODY>Success<\/BODY>/],
  ['http://www.msftconnecttest.com/connecttest.txt', 200, /^Microsoft Connect Test$/],
  ['http://www.msftncsi.com/ncsi.txt', 200, /^Microsoft NCSI$/],
  ['http://detectportal.firefox.com/success.txt', 200, /^success\n$/],
  ['http://detectportal.firefox.com/canonical.html', 200, /support\.mozilla\.org\/kb\/captive-portal/],
  ['http://nmcheck.gnome.org/check_network_status.txt', 200, /^NetworkManager is online\n$/],
])('says that there is a network: %s', async (address, status, body) => {
  const reply = await (await openHub()).request(address);
  expect(reply.status).toBe(status);
  expect(await reply.text()).toMatch(body);
  expect(reply.headers.get('cache-control')).toBe('no-store');
});

it('asks to be asked again, and logs nothing, before there is a tree', async () => {
  const logged: string[] = [];
  const hub = hubOf(new PublishedLibrary(box.dataDir), (_, event) => void logged.push(event));
  for (const path of ['/healthz', '/', '/fr/', '/c/from/1/fr.pack', '/nothing']) {
    const reply = await hub.request(path);
    expect([path, reply.status, reply.headers.get('retry-after')]).toEqual([path, 503, '30']);
    expect(await reply.json()).toEqual({ v: 1, error: 'busy' });
  }
  expect(logged).toEqual([]);
});
