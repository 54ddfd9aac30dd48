import { makeCorpus } from './corpus.ts';
import { ENGINES } from './engines.ts';
import type { EngineResult } from './report.ts';

/** One engine in a process of its own, started with `--expose-gc`: its name and the number of items; writes its result as JSON. */

const RUNS = 3;
const WARM_UP = 40;

const [name = '', count = ''] = process.argv.slice(2);
const engine = ENGINES.find((one) => one.name === name);
const collect = globalThis.gc;
if (!engine || !collect) throw new Error('usage: node --expose-gc engine-process.ts <engine> <items>');

/** Memory in use: objects and buffers. */
const used = (): number => {
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const { items, queries } = makeCorpus(Number(count));
const before = used();
const start = performance.now();
const built = await engine.build(items);
const buildMs = performance.now() - start;
const heapBytes = used() - before;
const storedBytes = built.stored();

const nth = Math.max(1, Math.round(1 / (engine.share ?? 1)));
const asked = queries.filter((_, i) => Math.floor(i / 4) % nth === 0);
const isShort = nth > 4;
if (!isShort) for (const { text } of queries.slice(0, WARM_UP)) built.search(text);

/** The shortest of a few runs: what else the machine does is not counted. */
const timed = (
  search: (query: string) => readonly string[],
  text: string,
): { ms: number; found: readonly string[] } => {
  let ms = Number.POSITIVE_INFINITY;
  let found: readonly string[] = [];
  for (let run = 0; run < (isShort ? 1 : RUNS); run++) {
    const began = performance.now();
    found = search(text);
    ms = Math.min(ms, performance.now() - began);
  }
  return { ms, found };
};

const results = asked.map(({ lang, kind, text, answers }) => {
  const { ms, found } = timed(built.search, text);
  const ids = new Set(found);
  const hits = answers.filter((id) => ids.has(id)).length;
  const plain = built.withoutTypos && timed(built.withoutTypos, text).ms;
  return { lang, kind, ms, plain, recall: answers.length === 0 ? 1 : hits / answers.length, found: found.length };
});

const result: EngineResult = {
  name,
  note: engine.note,
  queries: results.length,
  buildMs: Math.round(buildMs),
  heapBytes,
  storedBytes,
  results,
};
process.stdout.write(JSON.stringify(result));
