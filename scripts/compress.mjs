import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** Brotli and gzip of a text, at their best. */
export const brotli = (data, quality = 11) =>
  brotliCompressSync(data, {
    params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: data.length },
  });
export const gzip = (data) => gzipSync(data, { level: 9 });

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
