import { type Root, rootIdentity } from '../../src/core/protocol/root.ts';
import { readHubs } from './hub-list.ts';
import { type BoxState, damagedWords, ROLES, type RoleName } from './next-root.ts';

/** `show`: the keys in sentences. No secret is in it. */

const PURPOSE: Readonly<Record<RoleName, string>> = {
  root: 'signs who may publish and take answers',
  publisher: 'signs what is published',
  hub: 'signs receipts; its seed opens answers',
};

const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

export const showLines = (state: BoxState, now: number): readonly string[] => {
  const { root, roots, dataDir } = state;
  const origin = (roots[0] as BoxState['roots'][number]).signed;
  return [
    `Library: ${rootIdentity(origin)}. Phones show this behind "Plus"; it never changes.`,
    `Root: number ${root.n}.`,
    ...ROLES.flatMap((name) => ['', ...roleLines(state, name, root)]),
    '',
    ...hubLines(dataDir, now),
    ...warnings(state),
  ];
};

const roleLines = ({ own, notes }: BoxState, name: RoleName, root: Root): readonly string[] => {
  const { keys, threshold } = root[name];
  const many = Object.keys(keys).length > 1 || threshold > 1;
  const lines = Object.keys(keys).map((id) => {
    const here = own[name]?.key.id === id;
    const note = notes[id];
    const where = here
      ? 'on this box'
      : note
        ? `not on this box: ${note.what}, since ${note.since}`
        : 'not on this box';
    return `  ${id}  ${where}`;
  });
  const title = `${name[0]?.toUpperCase()}${name.slice(1)} (${PURPOSE[name]})`;
  return [many ? `${title}, ${threshold} of ${Object.keys(keys).length} sign:` : `${title}:`, ...lines];
};

const hubLines = (dataDir: string, now: number): readonly string[] => {
  const list = readHubs(dataDir);
  if (!list || list.hubs.length === 0) return ['Delegated hubs: none.'];
  return [
    `Delegated hubs (list ${list.n}):`,
    ...list.hubs.map(({ name, key, until }) => {
      const end = until === undefined ? '' : until * 1000 < now ? `, ended on ${day(until)}` : `, until ${day(until)}`;
      return `  ${name}  ${key}${end}`;
    }),
  ];
};

const warnings = ({ own, root, damaged, notes }: BoxState): readonly string[] => {
  const lines: string[] = [];
  for (const name of ROLES) {
    const key = own[name]?.key;
    if (key && !Object.hasOwn(root[name].keys, key.id))
      lines.push(
        `The ${name} key on this box (${key.id}) is not one that root ${root.n} names: it counts for nothing.`,
      );
    if (damaged.includes(name)) lines.push(damagedWords(name));
    else if (!key && name !== 'root')
      lines.push(
        `The ${name} key is missing: restore keys/${name}.key from a backup, or take the spare ("npm run keys -- restore").`,
      );
  }
  const elsewhere = Object.keys(root.root.keys).some((id) => id !== own.root?.key.id);
  if (!elsewhere)
    lines.push('There is no spare: whoever takes this box takes the library. "npm run keys -- spare FILE" makes one.');
  if (!own.root && !damaged.includes('root') && !Object.keys(root.root.keys).some((id) => notes[id]))
    lines.push('No root key is here, and nothing is noted of where it lies.');
  return lines.length > 0 ? ['', ...lines] : [];
};
