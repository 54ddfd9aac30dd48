import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach } from 'vitest';
import { type Keys, openKeys } from '../../../server/box/keys.ts';
import { currentTree } from '../../../server/publish/tree.ts';

/** A box with a library of one item with a picture and a recording, for publications from the source; files of the app by name only. */

const CONTENT = fileURLToPath(new URL('../../../content', import.meta.url));

export interface SmallBox {
  readonly dataDir: string;
  readonly contentDir: string;
  readonly appDir: string;
  readonly keys: Keys;
}

export let box: SmallBox;
beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'relais-box-'));
  const [dataDir, contentDir, appDir] = ['data', 'content', 'app'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(dataDir);
  box = { dataDir, contentDir, appDir, keys: await openKeys(dataDir) };
  put(join(appDir, 'files.json'), JSON.stringify({ script: '/assets/index-1.js', list: '/assets/files-1.js' }));
  put(join(contentDir, 'library.yml'), 'name: { fr: Centre, en: Centre }\nlanguages: [fr, en]\nlicence: CC-BY-4.0\n');
  cpSync(join(CONTENT, 'forms'), join(contentDir, 'forms'), { recursive: true });
  cpSync(join(CONTENT, 'akashganga/media'), join(contentDir, 'pump/media'), { recursive: true });
  write('La pompe tourne.');
});
afterEach(() => {
  rmSync(dirname(box.dataDir), { recursive: true, force: true });
});

const put = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

/** Gives the item another text. */
export const write = (text: string): void => {
  put(join(box.contentDir, 'pump/item.yml'), 'kind: guide\npicture: radio\norder: 1\n');
  const matter = ['title: La pompe', 'summary: Lire.', 'place: Ici', 'review: { state: human-draft }'];
  const recording = 'recording: { file: fr.opus, by: Mariama, voice: person }';
  const picture = '![Le lait monte.](milk-and-money)';
  put(join(box.contentDir, 'pump/fr.md'), ['---', ...matter, recording, '---', '', text, '', picture, ''].join('\n'));
};

/** SHA-256 as names of blobs have it. */
export const hashOf = (data: Uint8Array): string => createHash('sha256').update(data).digest('base64url');

/** Path of a file in the newest tree. */
export const inTree = (path: string): string => join(currentTree(box.dataDir), path);
