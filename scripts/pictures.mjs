import './node-version.mjs';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * `npm run pictures`: makes what travels of each drawing or photo in `content/{item}/media/`, and writes down what it made. What it makes is
 * committed, so that publishing needs no encoder, and every centre publishes the same bytes. What has not changed is not made again.
 */

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

const CONTENT = process.env.CONTENT_DIR ?? 'content';
const LIST = 'pictures.json';
const SOURCE = /^([a-z\d]+(?:-[a-z\d]+)*)\.(svg|png|jpe?g|webp|avif)$/;
const MADE = /-\d+\.(avif|webp)$/;
/** Widths in pixels: a small screen, and a sharp or wide one. */
const WIDTHS = [320, 640];
const PAPER = '#fffdf7';

const hashOf = (data) => createHash('sha256').update(data).digest('hex');

const loadSharp = async () => {
  try {
    return (await import('sharp')).default;
  } catch {
    console.error('Pictures cannot be made here: "npm ci" has brought no sharp for this machine.');
    console.error('Make them on another one: npm run publish needs only what this command makes.');
    process.exit(1);
  }
};

/** The smallest of several encodings of the same picture. */
const smallest = async (...encodings) =>
  (await Promise.all(encodings.map((encoding) => encoding.toBuffer()))).sort((a, b) => a.length - b.length)[0];

/** All files of one picture, by name. Nothing of the source but its pixels gets into them. */
const encode = async (sharp, name, source, isDrawing) => {
  const open = () =>
    sharp(source, isDrawing ? { density: 288 } : {})
      .autoOrient()
      .flatten({ background: PAPER });
  const { autoOrient } = await sharp(source).metadata();
  const natural = isDrawing ? Math.max(...WIDTHS) : Math.min(autoOrient.width, Math.max(...WIDTHS));
  const widths = [...new Set([...WIDTHS.filter((width) => width < natural), natural])];
  const webp = {};
  const avif = {};
  for (const width of widths) {
    const sized = () => open().resize({ width });
    const flat = isDrawing ? [sized().webp({ nearLossless: true, quality: 60, effort: 6 })] : [];
    webp[`${name}-${width}.webp`] = await smallest(sized().webp({ quality: 75, effort: 6 }), ...flat);
    avif[`${name}-${width}.avif`] = await sized().avif({ quality: 50, effort: 9 }).toBuffer();
  }
  const bytes = (files) => Object.values(files).reduce((sum, { length }) => sum + length, 0);
  const files = bytes(avif) < bytes(webp) ? { ...avif, ...webp } : webp;
  const preview = await open().resize({ width: 20 }).webp({ quality: 20, effort: 6 }).toBuffer();
  return { files, preview: preview.toString('base64') };
};

const widthOf = (file) => Number(/-(\d+)\.\w+$/.exec(file)?.[1]);

const picturesOf = async (folder) => {
  const sources = readdirSync(folder).filter((file) => SOURCE.test(file) && !MADE.test(file));
  const listPath = join(folder, LIST);
  const before = existsSync(listPath) ? JSON.parse(readFileSync(listPath, 'utf8')) : {};
  const after = {};
  for (const file of sources.sort()) {
    const [, name, ending] = SOURCE.exec(file);
    if (after[name]) throw new Error(`${folder}: two sources are called "${name}".`);
    const source = readFileSync(join(folder, file));
    const known = before[name];
    const isThere = ([made, hash]) =>
      existsSync(join(folder, made)) && hashOf(readFileSync(join(folder, made))) === hash;
    if (known?.source === file && known.sha256 === hashOf(source) && Object.entries(known.files).every(isThere)) {
      after[name] = known;
      continue;
    }
    const { files, preview } = await encode(await loadSharp(), name, source, ending === 'svg');
    const sorted = Object.entries(files).sort(([a], [b]) => widthOf(a) - widthOf(b) || (a < b ? -1 : 1));
    for (const [made, data] of sorted) writeFileSync(join(folder, made), data);
    const hashes = Object.fromEntries(sorted.map(([made, data]) => [made, hashOf(data)]));
    after[name] = { source: file, sha256: hashOf(source), preview, files: hashes };
    console.log(`${join(folder, file)}: ${sorted.map(([made, data]) => `${made} ${data.length}`).join(', ')}`);
  }
  const wanted = new Set(Object.values(after).flatMap(({ files }) => Object.keys(files)));
  for (const file of readdirSync(folder)) if (MADE.test(file) && !wanted.has(file)) rmSync(join(folder, file));
  if (Object.keys(after).length === 0) rmSync(listPath, { force: true });
  else writeFileSync(listPath, `${JSON.stringify(after, null, 2)}\n`);
};

for (const entry of readdirSync(CONTENT, { withFileTypes: true })) {
  const folder = join(CONTENT, entry.name, 'media');
  if (entry.isDirectory() && existsSync(folder)) await picturesOf(folder);
}
