import { chromium } from '@playwright/test';
import { chromiumArgs, findChromium } from '../../support/chromium.ts';
import { isOver, type Row, tableOf, writeResults } from '../report.ts';
import { type Design, designTable } from './cost.ts';
import { measureLoad } from './load.ts';
import { measureRivals } from './rival-designs.ts';
import { writeVersions } from './scene.ts';
import { measureStore } from './store.ts';
import { measureWire } from './wire.ts';

/**
 * `npm run bench:sync`: what it costs to bring a library to a device and to keep it there, beside other ways to do it. README.md says what is
 * counted. With names of parts behind it only these are measured, and nothing is written down.
 */

const PARTS = ['wire', 'rivals', 'store', 'load'] as const;
type Part = (typeof PARTS)[number];

const asked = process.argv.slice(3);
const unknown = asked.filter((name) => !PARTS.some((part) => part === name));
if (unknown.length > 0) throw new Error(`There is no part ${unknown.join(', ')}: there are ${PARTS.join(', ')}.`);
const runs = (part: Part): boolean => asked.length === 0 || asked.includes(part);
const say = (what: string): void => console.error(what);

const executablePath = findChromium();
const browser = await chromium.launch({
  ...(executablePath && { executablePath }),
  chromiumSandbox: false,
  args: chromiumArgs,
});
const rows: Row[] = [];
const designs: Design[] = [];
/** What stands beside the rows. */
const more: Record<string, unknown> = { designs };
try {
  const versions = writeVersions();
  if (runs('wire')) {
    const wire = await measureWire(versions, browser, say);
    rows.push(...wire.rows);
    designs.push(...wire.designs);
  }
  if (runs('rivals')) {
    const rivals = await measureRivals(versions, designs[0]?.change, say);
    rows.push(...rivals.rows);
    designs.push(...rivals.designs);
    more.rivals = rivals.detail;
  }
  if (runs('store')) rows.push(...(await measureStore(say)));
  if (runs('load')) rows.push(...(await measureLoad(versions, say)));
  console.log(tableOf(rows));
  if (designs.length > 0) console.log(`\n${designTable(designs)}`);
  const over = rows.filter(isOver);
  console.log(over.length === 0 ? '\nAll within their limits.' : `\nOVER: ${over.map(({ key }) => key).join(', ')}`);
  if (asked.length === 0) console.log(`Details: ${writeResults('sync', rows, browser.version(), more)}`);
} finally {
  await browser.close();
}
// The rivals leave timers behind that would go on for minutes.
process.exit(0);
