import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { carryOut, commitChange, finishChange } from '../../../../server/box/change.ts';

let dataDir: string;
const path = (name: string): string => join(dataDir, 'keys', name);
const text = (name: string): string => readFileSync(path(name), 'utf8');

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'relais-change-'));
  mkdirSync(path(''));
  writeFileSync(path('root-1.json'), 'one');
  writeFileSync(path('hub.key'), 'old');
  writeFileSync(path('root.key'), 'gone');
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

const change = { put: { 'hub.key': 'new', 'former/hub-a.key': 'old', 'root-2.json': 'two' }, remove: ['root.key'] };
const expectDone = (): void => {
  expect(readdirSync(path('')).sort()).toEqual(['former', 'hub.key', 'root-1.json', 'root-2.json']);
  expect([text('hub.key'), text('former/hub-a.key'), text('root-2.json')]).toEqual(['new', 'old', 'two']);
};

it('puts and removes files, each for the owner only but for roots', () => {
  process.umask(0o022);
  commitChange(dataDir, change);
  expectDone();
  const modes = ['hub.key', 'former/hub-a.key', 'root-2.json'].map((name) => statSync(path(name)).mode & 0o777);
  expect(modes).toEqual([0o600, 0o600, 0o644]);
});

it.each([
  ['before its first file', () => {}],
  ['after its first file', () => writeFileSync(path('hub.key'), 'new')],
  ['before the note of it was taken away', () => commitChange(dataDir, change)],
])('is carried out to the end where the power went %s', async (_, until) => {
  until();
  writeFileSync(path('change.json'), JSON.stringify(change));
  await finishChange(dataDir);
  expectDone();
  await finishChange(dataDir);
  expectDone();
});

it('did not happen where the power went while it was noted, and leaves no secret behind', () => {
  writeFileSync(path('change.json.4242.new'), '{"put":{"hub.key":"ne');
  writeFileSync(path('hub.key.4242.new'), 'ne');
  carryOut(dataDir);
  expect(readdirSync(path('')).sort()).toEqual(['hub.key', 'root-1.json', 'root.key']);
  expect(text('hub.key')).toBe('old');
});

it('leaves alone what a new box is just making', () => {
  rmSync(path('root-1.json'));
  writeFileSync(path('publisher.key.4242.new'), 'half');
  writeFileSync(path('operator-code.4242.new'), 'half');
  carryOut(dataDir);
  expect(existsSync(path('publisher.key.4242.new'))).toBe(true);
  writeFileSync(path('root-1.json'), 'one');
  carryOut(dataDir);
  expect(existsSync(path('publisher.key.4242.new'))).toBe(false);
  expect(existsSync(path('operator-code.4242.new'))).toBe(true);
});

it('puts a key away before another takes its place', () => {
  // What stands in the way of the new key is a folder: the change stops there.
  rmSync(path('hub.key'));
  mkdirSync(path('hub.key/in-the-way'), { recursive: true });
  expect(() => commitChange(dataDir, change)).toThrow();
  expect(text('former/hub-a.key')).toBe('old');
});
