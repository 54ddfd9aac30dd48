import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAst } from 'vite';

/**
 * Last step of a build: each file of the app gets the hash of what is in it, and nothing else, into its name. Before, no file knows where the others are; the
 * bundler leaves `./parts.js`, which this turns into a question to the list of names. So a change in one file renames that file, and the list.
 */

export const hashOf = (data) => createHash('sha256').update(data).digest('base64url').slice(0, 8);

/** The text of a string that has nothing put into it. */
const textOf = (node) => {
  if (node.type === 'Literal') return node.value;
  return node.type === 'TemplateLiteral' && node.expressions.length === 0 ? node.quasis[0].value.cooked : undefined;
};

const nameOf = (node) => (node.type === 'Identifier' ? node.name : JSON.stringify(node.value));

/** `{ a: b, c }`: what is taken out of, or put into, the entry's object. */
const objectOf = (pairs) => `{${pairs.map(([key, value]) => (key === value ? key : `${key}:${value}`)).join(',')}}`;

/**
 * An ES file without the names of other files. A part takes what it shares with the page's entry from `relaisEntry`, where the entry leaves it: once, when it
 * comes, so that nothing which is exported may be set anew later. Throws where a file imports any other.
 */
export const detach = (code, name, entries) => {
  const edits = [];
  const edit = ({ start, end }, text) => edits.push({ start, end, text });
  const visit = (node) => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node?.type !== 'string') return;
    if (node.type === 'ImportExpression') {
      const [, file] = /^\.\/([\w-]+\.js)$/.exec(textOf(node.source) ?? '') ?? [];
      if (!file) throw new Error(`${name} imports what is not a file of the build.`);
      return edit(node.source, `relaisFile(\`${file}\`)`);
    }
    if (node.type === 'ImportDeclaration') return edit(node, takenBy(node, name, entries));
    if (node.type.startsWith('Export') && entries.includes(name)) return edit(node, givenBy(node, name));
    Object.values(node).forEach(visit);
  };
  visit(parseAst(code).body);
  let out = code;
  for (const { start, end, text } of edits.sort((a, b) => b.start - a.start))
    out = out.slice(0, start) + text + out.slice(end);
  return out;
};

const takenBy = ({ source, specifiers }, name, entries) => {
  const file = source.value.replace('./', '');
  if (!entries.includes(file))
    throw new Error(`${name} and another part share ${file}: import what is in it in the page's entry, src/main.tsx.`);
  if (specifiers.some(({ type }) => type !== 'ImportSpecifier')) throw new Error(`${name} imports ${file} as a whole.`);
  const pairs = specifiers.map(({ imported, local }) => [nameOf(imported), nameOf(local)]);
  return pairs.length === 0 ? '' : `const${objectOf(pairs)}=relaisEntry;`;
};

const givenBy = ({ type, source, declaration, specifiers }, name) => {
  if (type !== 'ExportNamedDeclaration' || source || declaration)
    throw new Error(`${name} exports in a way that is not known here.`);
  return `globalThis.relaisEntry=${objectOf(specifiers.map(({ exported, local }) => [nameOf(exported), nameOf(local)]))};`;
};

/**
 * Names the files of `{out}/assets`, writes the list of each page, and puts the new names into the page. `pages`: by the name of an HTML file, that of its
 * list, and which files are in it. Returns the new names by the plain ones. Throws where a file says the name of another.
 */
export const nameFiles = (out, pages) => {
  const folder = join(out, 'assets');
  const plain = readdirSync(folder).sort();
  const entries = Object.keys(pages).map((page) => page.replace('.html', '.js'));
  const names = new Map();
  const rename = (name) => {
    const path = join(folder, name);
    const named = name.replace('.', `-${hashOf(readFileSync(path))}.`);
    renameSync(path, join(folder, named));
    names.set(name, named);
    return named;
  };
  for (const name of plain) {
    const path = join(folder, name);
    const code = readFileSync(path, 'utf8');
    const apart = name.endsWith('.js') ? detach(code, name, entries) : code;
    const other = plain.find((file) => apart.includes(`assets/${file}`));
    if (other) throw new Error(`${name} says where ${other} is: ask src/core/api/app-files.ts.`);
    if (apart !== code) writeFileSync(path, apart);
  }
  for (const name of plain) rename(name);
  for (const [page, { list, has }] of Object.entries(pages)) {
    const files = plain.filter(has).map((name) => names.get(name));
    writeFileSync(join(folder, list), `relaisFiles=\`${files.join(' ')}\``);
    const tag = `<script defer src="/assets/${rename(list)}"></script>`;
    const html = readFileSync(join(out, page), 'utf8')
      .replace('<script type="module"', (script) => `${tag}${script}`)
      .replace(/\/assets\/([\w-]+\.\w+)/g, (_, name) => `/assets/${names.get(name) ?? name}`);
    writeFileSync(join(out, page), html);
  }
  return names;
};
