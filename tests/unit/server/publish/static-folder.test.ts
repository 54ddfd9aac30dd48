import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NotOurs, writeStaticFolder } from '../../../../server/publish/static-folder.ts';

let root = '';
let out = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'relais-static-'));
  out = join(root, 'out');
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const treeFiles = ['c/head', 'b/aa/x', 'iati/activities.xml', 'site.json', 'pages.json'];
const pages = ['fr/index', 'fr/pump', 'fr/-/all', 'fr/-/missing', 'en/index', 'en/-/missing'];

/** Writes the folder with a build of that name, which has one file of its own and one that never changes. */
const write = (build: string, text = 'text'): Promise<void> => {
  rmSync(join(root, 'app'), { recursive: true, force: true });
  rmSync(join(root, 'tree'), { recursive: true, force: true });
  const app = [
    'index.html',
    'sw.js',
    'assets/same.js',
    `assets/${build}.js`,
    'fonts/a.woff2',
    'README.md',
    'files.json',
  ];
  for (const name of [...app, '.vite/manifest.json']) put(`app/${name}`, name);
  for (const name of treeFiles) put(`tree/${name}`, name);
  for (const name of pages) for (const twin of ['', '.br', '.gz']) put(`tree/p/${name}.html${twin}`, `${name} ${text}`);
  return writeStaticFolder({
    treeDir: join(root, 'tree'),
    appDir: join(root, 'app'),
    out,
    site: { languages: ['fr', 'en'] },
  });
};
const files = (folder = ''): string[] =>
  readdirSync(join(out, folder), { recursive: true })
    .map(String)
    .filter((name) => statSync(join(out, folder, name)).isFile())
    .sort();
const read = (path: string): string => readFileSync(join(out, path), 'utf8');

it('puts each page into a folder, the first language at the top, and nothing of the hub’s own', async () => {
  await write('a');
  expect(files().filter((name) => !/\.(br|gz)$/.test(name))).toEqual(
    [
      ...['.nojekyll', '.relais.json', '404.html', 'assets/a.js', 'assets/same.js', 'b/aa/x', 'c/head'],
      ...['en/index.html', 'fonts/a.woff2', 'fr/-/all/index.html', 'fr/index.html', 'fr/pump/index.html'],
      ...['iati/activities.xml', 'index.html', 'shell/index.html', 'sw.js'],
    ].sort(),
  );
  expect(read('index.html')).toBe('fr/index text');
  expect(read('404.html')).toBe('fr/-/missing text');
  expect(read('shell/index.html')).toBe('index.html');
  expect(existsSync(join(out, 'fr/pump/index.html.br'))).toBe(true);
});

it('keeps the hashed files of three builds, and those of the fourth go', async () => {
  for (const build of ['a', 'b', 'c']) await write(build);
  expect(files('assets')).toEqual(['a.js', 'b.js', 'c.js', 'same.js']);
  // The same build again forgets none.
  await write('c', 'other');
  expect(files('assets')).toEqual(['a.js', 'b.js', 'c.js', 'same.js']);
  await write('d');
  expect(files('assets')).toEqual(['b.js', 'c.js', 'd.js', 'same.js']);
});

it('leaves the time of what did not change, and a folder that is only new files', async () => {
  await write('a');
  const long = new Date('2026-01-01');
  for (const name of files()) utimesSync(join(out, name), long, long);
  await write('a', 'other');
  expect(statSync(join(out, 'sw.js')).mtime).toEqual(long);
  expect(statSync(join(out, 'fr/pump/index.html')).mtime > long).toBe(true);
  expect(readdirSync(root).sort()).toEqual(['app', 'out', 'tree']);
});

it('replaces no folder that is not its own', async () => {
  put('out/letters.txt', 'mine');
  await expect(write('a')).rejects.toThrow(NotOurs);
  expect(readdirSync(out)).toEqual(['letters.txt']);
  rmSync(join(out, 'letters.txt'));
  // An empty one may be there.
  await write('a');
  expect(read('c/head')).toBe('c/head');
});

it('was it cut before, it goes on: half a folder is dropped, one that was set aside comes back', async () => {
  await write('a');
  renameSync(out, `${out}.old`);
  put('out.new/half.html', 'half');
  await write('b');
  expect(files('assets')).toEqual(['a.js', 'b.js', 'same.js']);
  expect(existsSync(join(out, 'half.html'))).toBe(false);
  expect(readdirSync(root).sort()).toEqual(['app', 'out', 'tree']);
});
