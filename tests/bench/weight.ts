import { readFileSync } from 'node:fs';
import { appUpdates } from './app-updates.ts';
import { directLink, firstScreen, offlineReady } from './first-visit.ts';
import { laterSyncs } from './later-syncs.ts';
import { libraryText } from './library-text.ts';
import { isOver, type Row, tableOf, writeResults } from './report.ts';
import { type Stage, withStage } from './stage.ts';

/** `npm run bench:weight`: what Relais costs on a slow link, in bytes and requests. README.md says what is counted. Names of parts behind it: only these, and nothing is written down. */

const stampOf = (): string => readFileSync('dist/stamp', 'utf8');

const PARTS: Readonly<Record<string, (stage: Stage) => Promise<Row | Row[]>>> = {
  'first screen': firstScreen,
  'direct link': directLink,
  'offline ready': offlineReady,
  'library text': libraryText,
  'later syncs': laterSyncs,
  'app updates': appUpdates,
};
const asked = process.argv.slice(3);
const unknown = asked.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0)
  throw new Error(`There is no part ${unknown.join(', ')}: there are ${Object.keys(PARTS).join(', ')}.`);

const stamp = stampOf();
const { rows, version } = await withStage(async (stage) => {
  const measured: Row[] = [];
  for (const [name, part] of Object.entries(PARTS)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    console.error(`Measuring: ${name} ...`);
    measured.push(...[await part(stage)].flat());
  }
  return { rows: measured, version: stage.browser.version() };
});
console.log(tableOf(rows));
const over = rows.filter(isOver);
console.log(over.length === 0 ? '\nAll within their limits.' : `\nOVER: ${over.map(({ key }) => key).join(', ')}`);
if (asked.length === 0) console.log(`Details: ${writeResults('weight', rows, version)}`);
if (stampOf() !== stamp) console.log('dist/ was rebuilt while this ran: run it again.');
