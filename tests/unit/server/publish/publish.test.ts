import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { leavesOf } from '../../../../server/content/blobs.ts';
import { History } from '../../../../server/publish/history.ts';
import { publish } from '../../../../server/publish/publish.ts';
import { readPack } from '../../../../src/core/pack/format.ts';
import { webPlatform } from '../../../../src/core/web-platform.ts';
import { box, hashOf, inTree, write } from '../small-box.ts';

// As the build does: without one, every page is made anew.
vi.hoisted(() => Object.assign(globalThis, { __BUILD__: 'unit' }));

const blobs = (): string[] =>
  readdirSync(inTree('b'), { recursive: true })
    .map(String)
    .filter((file) => statSync(inTree(`b/${file}`)).isFile());

it('copies pictures and recordings into the tree, each under its hash, with its leaves where there are several', async () => {
  expect((await publish(box)).written).toBe(true);
  const names = blobs();
  const whole = names.filter((name) => !name.endsWith('.leaf'));
  expect(whole).toHaveLength(5);
  for (const name of whole) {
    const data = readFileSync(inTree(`b/${name}`));
    expect(name.slice(3)).toBe(hashOf(data));
    if (names.includes(`${name}.leaf`))
      expect(readFileSync(inTree(`b/${name}.leaf`))).toEqual(Buffer.from(leavesOf(data)));
  }
  expect(names.some((name) => name.endsWith('.leaf'))).toBe(true);
});

it('leaves the tree as it is where an author changes a file afterwards', async () => {
  await publish(box);
  const before = blobs().map((name) => hashOf(readFileSync(inTree(`b/${name}`))));
  appendFileSync(join(box.contentDir, 'pump/media/fr.opus'), 'more');
  expect(blobs().map((name) => hashOf(readFileSync(inTree(`b/${name}`))))).toEqual(before);
});

it('reads what each earlier publication was once, however many languages there are', async () => {
  await publish(box);
  write('La pompe est en panne.');
  await publish(box);
  write('La pompe tourne encore.');
  const reading = vi.spyOn(History.prototype, 'publication');
  try {
    await publish(box);
    // The newest one before, to count revisions by; then each as the base of deltas.
    expect(reading.mock.calls.map(([seq]) => seq)).toEqual([2, 1, 2, 3]);
  } finally {
    reading.mockRestore();
  }
  for (const lang of ['fr', 'en'])
    for (const base of [1, 2, 3])
      expect(readFileSync(inTree(`c/from/${base}/${lang}.pack`)).length).toBeGreaterThan(200);
});

it.each([
  ['a picture', (name: string) => /^b\/..\/[\w-]{43}$/.test(name)],
  ['a list of leaves', (name: string) => name.endsWith('.leaf')],
  ['a page', (name: string) => name === 'p/fr/centre.html' || name === 'p/en/index.html'],
  ['a compressed page', (name: string) => name === 'p/en/index.html.br'],
  ['a pack', (name: string) => name === 'c/full/en.pack'],
])('makes %s anew that was damaged on the disk', async (_, isOne) => {
  await publish(box);
  const name = readdirSync(inTree(''), { recursive: true }).map(String).sort().find(isOne) ?? '';
  const right = readFileSync(inTree(name));
  for (const damaged of [right.subarray(0, right.length - 1), Buffer.alloc(0), turned(right)]) {
    writeFileSync(inTree(name), damaged);
    write(`La pompe a ${damaged.length} bras.`);
    expect((await publish(box)).written).toBe(true);
    const now = readFileSync(inTree(name));
    // A pack has a head of its own each time.
    if (name.endsWith('.pack')) expect((await readPack(webPlatform, now)).whole).toBe(true);
    else expect(now).toEqual(right);
  }
});

/** With one bit in the middle turned. */
const turned = (data: Buffer): Buffer => {
  const at = data.length >> 1;
  return Buffer.from(data.map((byte, i) => (i === at ? byte ^ 1 : byte)));
};
