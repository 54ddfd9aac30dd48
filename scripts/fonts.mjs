import './node-version.mjs';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Makes `public/fonts/` and `src/ui/fonts/table.json` from Noto's TrueType files: `npm run fonts [folder]`. Needs fonttools with brotli (Debian: fonttools,
 * python3-brotli, fonts-noto-core). The results are committed: nobody needs this to build Relais.
 */
process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = process.argv[2] ?? '/usr/share/fonts/truetype/noto';
const OUT = 'public/fonts';

/** Joiners, and the circle under a mark that stands alone: scripts that are shaped need them. */
const SHAPED = 'U+200C-200F,U+25CC';

/** By ISO 15924: the font, and the code points that are kept of it. */
const FONTS = {
  Adlm: ['NotoSansAdlam', `U+60C,U+61B,U+61F,U+640,U+1E900-1E95F,${SHAPED}`],
  Arab: ['NotoNaskhArabic', `U+600-6FF,U+750-77F,U+FDF2,U+FDFC,${SHAPED}`],
  Beng: ['NotoSansBengali', `U+964-965,U+980-9FF,U+20B9,${SHAPED}`],
  Deva: ['NotoSansDevanagari', `U+900-97F,U+1CD0-1CFF,U+20B9,U+A8E0-A8FF,${SHAPED}`],
  Ethi: ['NotoSansEthiopic', 'U+1200-139F,U+2D80-2DDF,U+AB00-AB2F'],
  Gujr: ['NotoSansGujarati', `U+964-965,U+A80-AFF,U+20B9,U+A830-A839,${SHAPED}`],
  Latn: ['NotoSans', 'U+C0-2BF,U+300-36F,U+1E00-1EFF,U+A78B-A78E,U+A7AA-A7AE'],
  Tfng: ['NotoSansTifinagh', `U+2D30-2D7F,${SHAPED}`],
};

const work = mkdtempSync(join(tmpdir(), 'relais-fonts-'));
mkdirSync(OUT, { recursive: true });
for (const name of readdirSync(OUT)) if (name.endsWith('.woff2')) rmSync(join(OUT, name));
const table = {};
for (const [script, [font, range]] of Object.entries(FONTS)) {
  const made = join(work, `${script}.woff2`);
  // Every layout feature stays: without them letters do not join, and marks stand beside their letter.
  const options = ['--layout-features=*', '--flavor=woff2', '--no-hinting', '--desubroutinize', '--name-IDs=*'];
  execFileSync(
    'pyftsubset',
    [join(folder, `${font}-Regular.ttf`), `--unicodes=${range}`, ...options, `--output-file=${made}`],
    {
      stdio: 'inherit',
    },
  );
  const data = readFileSync(made);
  const sha256 = createHash('sha256').update(data).digest('hex');
  const file = `/fonts/${script.toLowerCase()}-${sha256.slice(0, 8)}.woff2`;
  writeFileSync(join('public', file), data);
  table[script] = { file, bytes: data.length, sha256, range };
  console.log(`${script}: ${data.length} bytes`);
}
rmSync(work, { recursive: true });
writeFileSync('src/ui/fonts/table.json', `${JSON.stringify(table, null, 2)}\n`);
