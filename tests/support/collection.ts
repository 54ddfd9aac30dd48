import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A collection for a copy of this repository's library, which has none. */

const SHEETS_IN = ['fr.md', 'en.md'];

/** Id of the sheets in `addSheets`, in French and English, from 1 on. */
export const sheetId = (n: number): string => `puits-${n}`;

/** Puts so many sheets into a library's source, in a collection `sheets` that has a name in four languages. */
export const addSheets = (contentDir: string, count: number): void => {
  appendFileSync(
    join(contentDir, 'library.yml'),
    'collections: { sheets: { fr: "Fiches de projets", en: "Project sheets", ar: "بطاقات المشاريع", bn: "প্রকল্পের তথ্য" } }\n',
  );
  for (let n = 1; n <= count; n++) {
    const folder = join(contentDir, sheetId(n));
    cpSync(join(contentDir, 'village-pay-phone'), folder, { recursive: true });
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.md'))) {
      const path = join(folder, file);
      if (!SHEETS_IN.includes(file)) {
        rmSync(path);
        continue;
      }
      writeFileSync(path, readFileSync(path, 'utf8').replace(/^title: .*/m, `title: "Forage xylographe ${n}"`));
    }
    const shared = join(folder, 'item.yml');
    const text = readFileSync(shared, 'utf8').replace(/^order: .*/m, `order: ${1000 + n}\ncollection: sheets`);
    writeFileSync(shared, text);
  }
};
