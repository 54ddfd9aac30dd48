import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { detach, nameFiles } from '../../../scripts/name-files.mjs';

const ENTRIES = ['index.js'];
const part = (code: string): string => detach(code, 'parts.js', ENTRIES);
const entry = (code: string): string => detach(code, 'index.js', ENTRIES);

describe('a file without the names of others', () => {
  it('asks the list for what comes later', () => {
    expect(part('var é=`ñ🙂`,a=()=>import(`./fr.js`).then(b);')).toBe(
      'var é=`ñ🙂`,a=()=>import(relaisFile(`fr.js`)).then(b);',
    );
    expect(part(`import("./later-fr.js");import('./fr.js')`)).toBe(
      'import(relaisFile(`later-fr.js`));import(relaisFile(`fr.js`))',
    );
  });

  it('takes from the entry’s object what it imported, under its own names', () => {
    expect(part('import{a as b,c,$ as d}from"./index.js";b(c,d);export{b as e};')).toBe(
      'const{a:b,c,$:d}=relaisEntry;b(c,d);export{b as e};',
    );
    expect(part('import"./index.js";go();')).toBe('go();');
  });

  it('the entry leaves there what it exported, as it is when a part comes', async () => {
    const left = entry('let n=1,word=`x`;function add(){return ++n}add();export{n as a,add as b,word};');
    const taken = part('import{a,b as c,word as d}from"./index.js";export{a,c,d};');
    const run = (code: string) => import(`data:text/javascript,${encodeURIComponent(code)}`);
    await run(left);
    const { a, c, d } = await run(taken);
    expect([a, c(), d]).toEqual([2, 3, 'x']);
  });

  it('leaves alone what only looks like an import', () => {
    const code = 'var a="import(`./fr.js`)",b=/import"x"/;a.import("./fr.js");';
    expect(part(code)).toBe(code);
  });

  it('refuses what would be a name in a file after all', () => {
    expect(() => part('import{a}from"./fit.js";a()')).toThrow('parts.js and another part share fit.js');
    expect(() => part('import*as a from"./index.js";a.b()')).toThrow('as a whole');
    expect(() => part('let a=`x`;import(a)')).toThrow('not a file of the build');
    expect(() => part("import('./' + a)")).toThrow('not a file of the build');
    expect(() => entry('export*from"./fit.js"')).toThrow('exports in a way');
    expect(() => entry('export default 1')).toThrow('exports in a way');
  });
});

describe('the files of a build', () => {
  let out = '';
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'relais-names-'));
  });
  afterEach(() => rmSync(out, { recursive: true }));

  const put = (name: string, text: string): void => {
    mkdirSync(dirname(join(out, name)), { recursive: true });
    writeFileSync(join(out, name), text);
  };
  const PAGES = { 'index.html': { list: 'files.js', has: (name: string) => !/^index\./.test(name) } };
  const files: Readonly<Record<string, string>> = {
    'index.html':
      '<link href="/icon.svg"><script type="module" src="/assets/index.js"></script><link href="/assets/index.css">',
    'assets/index.js': 'var a=1;import("./parts.js");export{a};',
    'assets/index.css': 'p{}',
    'assets/parts.js': 'import{a}from"./index.js";a();',
    'assets/worker.js': 'importScripts(address("engine.js"))',
    'assets/engine.js': 'engine()',
  };
  /** Names a build with other texts of some files. */
  const build = (changes: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> => {
    rmSync(join(out, 'assets'), { recursive: true, force: true });
    for (const [name, text] of Object.entries({ ...files, ...changes })) put(name, text);
    return nameFiles(out, PAGES);
  };
  const read = (name: string | undefined): string => readFileSync(join(out, `assets/${name}`), 'utf8');

  it('have the hash of what is in them in their names; the page has the list and the entry', () => {
    const names = build();
    expect(readdirSync(join(out, 'assets')).sort()).toEqual([...names.values()].sort());
    for (const [plain, named] of names) expect(named.replace(/-[\w-]{8}\./, '.')).toBe(plain);
    const [list, index, css] = ['files.js', 'index.js', 'index.css'].map((name) => names.get(name));
    const [engine, parts, worker] = ['engine.js', 'parts.js', 'worker.js'].map((name) => names.get(name));
    expect(read(list)).toBe(`relaisFiles=\`${engine} ${parts} ${worker}\``);
    expect(readFileSync(join(out, 'index.html'), 'utf8')).toBe(
      `<link href="/icon.svg"><script defer src="/assets/${list}"></script>` +
        `<script type="module" src="/assets/${index}"></script><link href="/assets/${css}">`,
    );
  });

  it('a change renames its own file and the list, and what is the same keeps its name', () => {
    const changes = { 'assets/engine.js': 'engine(1)', 'assets/parts.js': 'import{a}from"./index.js";a(1);' };
    const before = build();
    for (const [name, text] of Object.entries(changes)) {
      const after = build({ [name]: text });
      const renamed = [...before].filter(([plain, named]) => after.get(plain) !== named).map(([plain]) => plain);
      expect(renamed.sort()).toEqual([name.replace('assets/', ''), 'files.js'].sort());
    }
    expect(build()).toEqual(before);
  });

  it('a file that says where another is, is refused', () => {
    expect(() => build({ 'assets/worker.js': 'importScripts("/assets/engine.js")' })).toThrow(
      'worker.js says where engine.js is',
    );
    expect(() => build({ 'assets/index.css': 'p{background:url(/assets/engine.js)}' })).toThrow('index.css says');
  });
});

/** A part reads what the entry exports once, so that it would not see it set anew. */
it('no module of the app exports what can be set anew', () => {
  const src = join(import.meta.dirname, '../../../src');
  const modules = readdirSync(src, { recursive: true })
    .map(String)
    .filter((name) => /\.tsx?$/.test(name));
  expect(modules.length).toBeGreaterThan(100);
  const guilty = modules.filter((name) => /^export (let|var) /m.test(readFileSync(join(src, name), 'utf8')));
  expect(guilty).toEqual([]);
});
