import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, brotliCompressSync, constants, gzipSync, gzip as gzipWith } from 'node:zlib';

const brotliOptions = (data, quality) => ({
  params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: data.length },
});
const GZIP = { level: 9 };

/** Brotli and gzip of a text, at their best. */
export const brotli = (data, quality = 11) => brotliCompressSync(data, brotliOptions(data, quality));
export const gzip = (data) => gzipSync(data, GZIP);

const brotliAsync = promisify(brotliCompress);
const gzipAsync = promisify(gzipWith);

/** The same on other threads. */
export const brotliLater = (data, quality = 11) => brotliAsync(data, brotliOptions(data, quality));
export const gzipLater = (data) => gzipAsync(data, GZIP);

/** Writes a .br and a .gz beside each text file of a folder, so that the hub never compresses while it serves. */
export const compressFolder = (folder) => {
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile() || !/\.(js|css|html|svg|webmanifest)$/.test(file.name)) continue;
    const path = join(file.parentPath, file.name);
    const data = readFileSync(path);
    writeFileSync(`${path}.br`, brotli(data));
    writeFileSync(`${path}.gz`, gzip(data));
  }
};
