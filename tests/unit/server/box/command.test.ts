import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runKeys } from '../../../../server/box/command.ts';
import { idOfKey, type Keys, openKeys, openRoots, readRoots, recipientFor } from '../../../../server/box/keys.ts';
import { openBox } from '../../../../server/box/next-root.ts';
import { readLetters, toGroups } from '../../../../server/box/paper.ts';
import { fromBase64Url } from '../../../../src/core/protocol/bytes.ts';
import { type Root, rootIdentity } from '../../../../src/core/protocol/root.ts';

/** The verbs of `npm run keys` on a real data folder, and on those of other people who hold keys. */

const NOW = Date.parse('2026-11-25T09:00:00Z');

let folder: string;
let dataDir: string;
let said: string[];
let typed: string;
/** The stick is not mounted: its folder is on the disk of the box. */
let isStickAway: boolean;

const run = async (line: string, where = dataDir): Promise<void> => {
  said = [];
  await runKeys(line.match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', '')) ?? [], {
    dataDir: where,
    folder,
    now: NOW,
    print: (text) => void said.push(text),
    diskOf: (path) => (path === where || isStickAway ? 1 : 2),
    type: async () => typed,
  });
};
/** The sentence that a verb is refused with; fails where it is not. */
const refusal = async (line: string, where = dataDir): Promise<string> => {
  const before = existsSync(join(where, 'keys')) ? contents(where) : undefined;
  const message = await run(line, where).then(
    () => '',
    (error: Error) => error.message,
  );
  if (before) expect(contents(where)).toEqual(before);
  expect(message).not.toBe('');
  return message;
};
const contents = (where: string): unknown =>
  readdirSync(join(where, 'keys'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'utf8')])
    .sort();
const newest = async (where = dataDir): Promise<Root> => ((await readRoots(where)).at(-1) as { signed: Root }).signed;
const rootIds = async (where = dataDir): Promise<readonly string[]> =>
  Object.keys((await newest(where)).root.keys).sort();
const keyFile = (name: string): string => join(dataDir, 'keys', `${name}.key`);
const file = (name: string): string => join(folder, name);
const newBox = async (where: string): Promise<Keys> => {
  mkdirSync(where, { recursive: true });
  const keys = await openKeys(where);
  await openRoots(where, keys);
  return keys;
};

let before: Keys;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'relais-verbs-'));
  dataDir = join(folder, 'data');
  before = await newBox(dataDir);
  typed = '';
  isStickAway = false;
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What every verb leaves behind: roots that follow from one another, and keys that the newest one names. */
const expectSound = async (n: number): Promise<void> => {
  const { root, own, roots } = await openBox(dataDir);
  expect(root.n).toBe(n);
  expect(rootIdentity((roots[0] as { signed: Root }).signed)).toBe(before.root?.id);
  for (const name of ['publisher', 'hub'] as const) expect(Object.keys(root[name].keys)).toEqual([own[name]?.key.id]);
  const keys = await openKeys(dataDir);
  expect(root.hub.seal).toBe(await recipientFor(keys.seal));
};

describe('what is typed', () => {
  it.each([
    ['', 'npm run keys -- VERB'],
    ['dance', 'There is no verb "dance".'],
    ['toString', 'There is no verb "toString".'],
    ['rotate', '"rotate" needs one word: publisher, hub or root.'],
    ['rotate house', 'There is no key "house"'],
    ['rotate hub --new all', '"rotate" has no --new.'],
    ['show --more', 'There is no --more.'],
    ['show -m', 'There is no -m.'],
    ['holders --add', '--add needs a value.'],
    ['holders --add --drop', '--add needs a value.'],
    ['propose next.json rotate hub --new all', '"propose next.json rotate" has no --new.'],
    ['spare', '"spare" needs one FILE.'],
    ['offline hub stick.key', 'only the root key can lie elsewhere'],
    ['holders', 'Say what is to change'],
    ['holders --threshold 0', '--threshold needs a whole number from 1.'],
    ['holders --add short', '"short" is no public key'],
    ['holders --drop AAAAAAAAAAA', 'Root 1 names no root key AAAAAAAAAAA.'],
    ['holders --threshold 2', 'nobody could ever change the keys again'],
    ['rotate hub --root-key nowhere.key', 'There is no file'],
    ['propose next.json dance', 'After the file comes one of'],
    ['adopt next.json', 'There is no file'],
    ['delegate short --name x', '"short" is no public key'],
    ['revoke x', 'None is delegated.'],
  ])('"%s" is refused with a sentence, and changes nothing', async (line, sentence) => {
    expect(await refusal(line)).toContain(sentence);
  });

  it('may be a key that begins with a dash', async () => {
    const [id, key] = ['-'.padEnd(11, 'A'), '-'.padEnd(43, 'A')];
    expect(await refusal(`holders --drop ${id}`)).toContain(`Root 1 names no root key ${id}.`);
    await run(`holders --add ${key}`);
    expect(Object.values((await newest()).root.keys)).toContain(key);
    await run(`delegate ${key} --name School`);
    await run(`revoke ${key}`);
    expect(said[0]).toContain('(list 2)');
  });

  it('is not taken for a new library where a folder is empty', async () => {
    for (const verb of ['show', 'rotate hub', `spare ${file('spare.html')}`]) {
      const message = await refusal(verb, file('empty'));
      expect(message).toContain('There are no keys');
    }
    expect(readdirSync(file('empty'))).toEqual([]);
  });
});

describe('show', () => {
  it('says what there is, where it lies, and that there is no spare', async () => {
    await run('show');
    const text = said.join('\n');
    for (const word of [before.root?.id, before.publisher.id, before.hub.id, 'Root: number 1.', 'There is no spare'])
      expect(text).toContain(word);
    for (const name of ['root', 'publisher', 'hub'])
      expect(text).not.toContain(readFileSync(keyFile(name), 'utf8').trim());
  });

  it('says what is missing, and what counts for nothing', async () => {
    await run(`spare ${file('spare.html')}`);
    rmSync(keyFile('hub'));
    writeFileSync(keyFile('publisher'), `${'A'.repeat(43)}\n`);
    await run('show');
    const text = said.join('\n');
    expect(text).toContain('The hub key is missing');
    expect(text).toMatch(/The publisher key on this box \(\S+\) is not one that root 2 names/);
    expect(text).toContain('not on this box: spare, on paper, since 2026-11-25');
    expect(text).not.toContain('There is no spare');
  });
});

describe('rotate', () => {
  it('says that the root key is damaged, where it would have to sign', async () => {
    writeFileSync(keyFile('root'), 'half of a k');
    expect(await refusal('rotate publisher')).toContain('The root key on this box is damaged');
  });

  it('makes a new publisher key, and leaves the others', async () => {
    await run('rotate publisher');
    await expectSound(2);
    const after = await openKeys(dataDir);
    expect(after.publisher.id).not.toBe(before.publisher.id);
    expect([after.root?.id, after.hub.id]).toEqual([before.root?.id, before.hub.id]);
    expect(said.join(' ')).toContain(`The publisher's key is new: ${after.publisher.id}. Root 2 names it.`);
  });

  it('makes a new hub key, and keeps the old one for opening', async () => {
    const old = readFileSync(keyFile('hub'), 'utf8');
    await run('rotate hub');
    await expectSound(2);
    expect(readFileSync(join(dataDir, 'keys/former', `hub-${before.hub.id}.key`), 'utf8')).toBe(old);
    await run('rotate hub');
    await expectSound(3);
    expect(readdirSync(join(dataDir, 'keys/former'))).toHaveLength(2);
  });

  it('makes a new root key, which also recovers from now on', async () => {
    await run('rotate root');
    await expectSound(2);
    const after = await openKeys(dataDir);
    expect(await rootIds()).toEqual([after.root?.id]);
    expect((await newest()).hub.recovery).toBe(await recipientFor(after.recovery as Uint8Array));
  });

  it('goes on and on: each kind after each', async () => {
    for (const [i, name] of ['root', 'hub', 'publisher', 'root', 'hub'].entries()) {
      await run(`rotate ${name}`);
      await expectSound(i + 2);
    }
  });

  it('is refused where the root key is elsewhere, and done where its file is named', async () => {
    await run(`offline root ${file('stick.key')}`);
    expect(await refusal('rotate publisher')).toContain(`Who can still sign: ${before.root?.id}.`);
    expect(await refusal('rotate root')).toContain('Name its file: --root-key PATH.');
    await run(`rotate publisher --root-key ${file('stick.key')}`);
    await expectSound(2);
    expect(existsSync(keyFile('root'))).toBe(false);
    await run(`rotate root --root-key ${file('stick.key')}`);
    await expectSound(3);
    expect(existsSync(keyFile('root'))).toBe(true);
    expect(await refusal(`rotate hub --root-key ${file('nothing.key')}`)).toContain('There is no file');
  });

  it('is not done by a key that the root does not name', async () => {
    await run(`make ${file('other.key')}`);
    await run(`offline root ${file('stick.key')}`);
    expect(await refusal(`rotate hub --root-key ${file('other.key')}`)).toContain('not enough signatures');
  });
});

describe('spare', () => {
  const letters = (): string => readFileSync(file('spare.html'), 'utf8');
  const idOfSpare = async (): Promise<string> => (await rootIds()).find((id) => id !== before.root?.id) as string;

  it('is one more root key, on a page for its owner only, and nowhere on the box', async () => {
    await run(`spare ${file('spare.html')}`);
    await expectSound(2);
    expect(await rootIds()).toHaveLength(2);
    expect((await newest()).root.threshold).toBe(1);
    expect(statSync(file('spare.html')).mode & 0o777).toBe(0o600);
    const reading = readLetters(letters());
    const seed = Buffer.from(('seed' in reading && reading.seed) as Uint8Array);
    const everything = [JSON.stringify(contents(dataDir)), ...said].join('\n');
    for (const secret of [seed.toString('base64url'), seed.toString('base64'), seed.toString('hex'), ...toGroups(seed)])
      expect(everything).not.toContain(secret);
    expect(letters()).toContain(await idOfSpare());
    expect(letters()).toContain(before.root?.id);
  });

  it('has to sign together with the box where that is asked for', async () => {
    await run(`spare ${file('spare.html')} --threshold 2`);
    await expectSound(2);
    expect((await newest()).root.threshold).toBe(2);
    expect(await refusal('rotate hub')).toContain('It takes 2 signatures by root keys of root 2, and has 1.');
    await run(`restore --new hub --file ${file('spare.html')}`);
    await expectSound(3);
  });

  it('is text where the file is', async () => {
    await run(`spare ${file('spare.txt')}`);
    expect(readFileSync(file('spare.txt'), 'utf8')).not.toContain('<');
    expect(readLetters(readFileSync(file('spare.txt'), 'utf8'))).toHaveProperty('seed');
  });

  it('is a page to print', async () => {
    expect(await refusal(`spare ${file('spare.key')}`)).toContain('has to end with .html or .txt');
    expect(existsSync(file('spare.key'))).toBe(false);
  });

  it('is said to lie on the disk of the box, where it does', async () => {
    await run(`spare ${file('one.html')}`);
    expect(said.join('\n')).not.toContain('on the same disk');
    isStickAway = true;
    await run(`spare ${file('two.html')}`);
    expect(said[0]).toContain(`${file('two.html')} is on the same disk as the data folder.`);
  });

  it('is not written into the data folder, and not over another file', async () => {
    expect(await refusal(`spare ${join(dataDir, 'spare.html')}`)).toContain('copied with every backup');
    symlinkSync(dataDir, file('link'));
    expect(await refusal(`spare ${file('link/spare.html')}`)).toContain('copied with every backup');
    writeFileSync(file('spare.html'), 'my letter');
    expect(await refusal(`spare ${file('spare.html')}`)).toContain('is no spare key');
    expect(letters()).toBe('my letter');
  });

  it('is taken up again where the power went between page and root', async () => {
    await run(`spare ${file('spare.html')}`);
    const [page, id] = [letters(), await idOfSpare()];
    // As if the root had never come.
    for (const name of ['root-2.json', 'notes.json', 'former'])
      rmSync(join(dataDir, 'keys', name), { recursive: true });
    await run(`spare ${file('spare.html')}`);
    expect(letters()).toBe(page);
    expect(await idOfSpare()).toBe(id);
    expect(await refusal(`spare ${file('spare.html')}`)).toContain('is in force already');
  });
});

describe('restore', () => {
  let paper: string;
  let spareId: string;
  beforeEach(async () => {
    await run(`spare ${file('spare.html')}`);
    paper = readFileSync(file('spare.html'), 'utf8');
    spareId = (await rootIds()).find((id) => id !== before.root?.id) as string;
    const reading = readLetters(paper);
    typed = toGroups((reading as { seed: Uint8Array }).seed).join(' ');
  });

  it('names the groups that were typed wrong, and changes nothing', async () => {
    const wrong = typed
      .split(' ')
      .map((group, i) => (i === 2 || i === 8 ? `${group.slice(0, 4)}${group[4] === 'A' ? 'B' : 'A'}` : group));
    typed = wrong.join(' ');
    expect(await refusal('restore --new all')).toMatch(/^Groups 3, 9 are wrong\..* Nothing was changed\.$/);
    typed = wrong.slice(1).join(' ');
    expect(await refusal('restore --new all')).toContain('That is 65 signs');
  });

  it('says that nothing is missing, and what to say after a theft', async () => {
    expect(await refusal('restore')).toContain('restore --new all');
  });

  it.each(['publisher', 'hub', 'root'])('replaces what is damaged: %s', async (name) => {
    writeFileSync(keyFile(name), 'half of a k');
    await expect(openKeys(dataDir)).rejects.toThrow(/is damaged\. .*npm run keys -- restore/);
    await run('show');
    expect(said.join('\n')).toContain(`The ${name} key on this box is damaged`);
    await run('restore');
    await expectSound(3);
    expect((await newest())[name as 'hub'].keys).not.toHaveProperty(before[name as 'hub'].id);
  });

  it.each([
    ['publisher', 'publisher'],
    ['hub', 'hub'],
    ['root', 'root'],
    ['publisher and hub', 'publisher,hub'],
  ])('replaces what is lost: %s', async (_, names) => {
    for (const name of names.split(',')) rmSync(keyFile(name));
    await run('restore');
    await expectSound(3);
    const after = await openKeys(dataDir);
    for (const name of ['root', 'publisher', 'hub'] as const)
      expect(after[name]?.id === before[name]?.id, name).toBe(!names.split(',').includes(name));
    expect(await rootIds()).toEqual([spareId, after.root?.id].sort());
  });

  it('takes over after a theft: all keys are new, and those of the thief count no longer', async () => {
    writeFileSync(file('stolen.key'), readFileSync(keyFile('root')));
    await run('restore --new all');
    await expectSound(3);
    const after = await openKeys(dataDir);
    expect(await rootIds()).toEqual([spareId, after.root?.id].sort());
    expect(said.join('\n')).toContain(`Root keys that count no longer: ${before.root?.id}.`);
    expect(said.join('\n')).toContain('npm run publish -- --after 1000');
    // Whoever stole the box’s root key cannot go on from here.
    await run(`offline root ${file('stick.key')}`);
    expect(await refusal(`rotate hub --root-key ${file('stolen.key')}`)).toContain('not enough signatures');
  });

  it('keeps another spare where that is said', async () => {
    await run(`spare ${file('second.html')}`);
    const all = await rootIds();
    await run(`restore --new root --keep ${all.find((id) => id !== spareId && id !== before.root?.id)}`);
    expect(await rootIds()).toHaveLength(3);
    expect(await rootIds()).not.toContain(before.root?.id);
    expect(await refusal('restore --new root --keep AAAAAAAAAAA')).toContain('names no such root key');
  });

  it('gives the box back a root key without a new root', async () => {
    rmSync(keyFile('root'));
    await run('restore --as-root');
    expect((await openKeys(dataDir)).root?.id).toBe(spareId);
    await expectSound(2);
    await run('rotate publisher');
    await expectSound(3);
  });

  it('makes an empty box that of the library, from its roots and the paper', async () => {
    const roots = file('c/root');
    mkdirSync(roots, { recursive: true });
    for (const n of [1, 2]) writeFileSync(join(roots, `${n}.json`), readFileSync(join(dataDir, `keys/root-${n}.json`)));
    rmSync(dataDir, { recursive: true });
    expect(await run('restore').catch((error: Error) => error.message)).toContain('does not know the library');
    await run(`restore --roots ${roots}`);
    await expectSound(3);
    expect(await rootIds()).toContain(spareId);
    expect(await rootIds()).not.toContain(before.root?.id);
  });

  it('refuses roots that are damaged, or have a gap at their beginning', async () => {
    const roots = file('roots');
    mkdirSync(roots);
    expect(await refusal(`restore --new all --roots ${roots}`)).toContain('has no 1.json');
    const [one, two] = [1, 2].map((n) => readFileSync(join(dataDir, `keys/root-${n}.json`), 'utf8')) as [
      string,
      string,
    ];
    writeFileSync(join(roots, '1.json'), two);
    expect(await refusal(`restore --new all --roots ${roots}`)).toContain('do not follow from one another');
    writeFileSync(join(roots, '1.json'), one);
    writeFileSync(join(roots, '2.json'), two.slice(0, -2));
    expect(await refusal(`restore --new all --roots ${roots}`)).toContain('damaged');
    writeFileSync(join(roots, '2.json'), two.replace('"n":2', '"n":3'));
    expect(await refusal(`restore --new all --roots ${roots}`)).toContain('do not follow from one another');
  });

  it('refuses the roots of another library, and a paper of another one', async () => {
    await newBox(file('other'));
    expect(await refusal(`restore --new all --roots ${file('other/keys')}`)).toContain('of another library');
    const [mine, theirs] = [typed, file('other')];
    typed = mine;
    expect(await refusal('restore --new all', theirs)).toContain('does not name it');
  });

  it('reads the letters from a file too', async () => {
    typed = '';
    isStickAway = false;
    await run(`restore --new hub --file ${file('spare.html')}`);
    await expectSound(3);
  });
});

describe('a file that leaves the box', () => {
  it.each([
    'spare away/x.html',
    'offline root away/root.key',
    'make away/mine.key',
    'propose away/next.json rotate hub',
  ])('"%s" is refused where its folder is missing, and none is made', async (line) => {
    expect(await refusal(line)).toContain(`There is no folder ${file('away')}. Is the stick plugged in`);
    expect(existsSync(file('away'))).toBe(false);
  });

  it.each(['spare x.html', 'offline root x.html', 'make x.html', 'propose x.html rotate hub'])(
    '"%s" is refused where that is a folder',
    async (line) => {
      mkdirSync(file('x.html'));
      expect(await refusal(line)).toContain(`${file('x.html')} is no file.`);
    },
  );
});

describe('the root key on a stick', () => {
  it('stays on the box where the stick is not mounted', async () => {
    isStickAway = true;
    expect(await refusal(`offline root ${file('stick.key')}`)).toContain('is on the same disk as the data folder');
    expect(existsSync(file('stick.key'))).toBe(false);
  });

  it('leaves the box, and comes back', async () => {
    const seed = readFileSync(keyFile('root'), 'utf8').trim();
    await run(`offline root ${file('stick.key')}`);
    expect(existsSync(keyFile('root'))).toBe(false);
    expect(readFileSync(file('stick.key'), 'utf8')).toContain(seed);
    expect(statSync(file('stick.key')).mode & 0o777).toBe(0o600);
    await expectSound(1);
    await run('show');
    expect(said.join('\n')).toContain('not on this box: offline, in a file, since 2026-11-25');
    expect(await refusal(`offline root ${file('stick.key')}`)).toContain('not on this box');
    await run(`online root ${file('stick.key')}`);
    expect((await openKeys(dataDir)).root?.id).toBe(before.root?.id);
  });

  it('is moved once more where the power went between stick and box', async () => {
    const text = readFileSync(keyFile('root'), 'utf8');
    await run(`offline root ${file('stick.key')}`);
    writeFileSync(keyFile('root'), text);
    await run(`offline root ${file('stick.key')}`);
    expect(existsSync(keyFile('root'))).toBe(false);
  });

  it('stays where the file has another key', async () => {
    await run(`make ${file('other.key')}`);
    expect(await refusal(`offline root ${file('other.key')}`)).toContain('has another key');
    expect(await refusal(`online root ${file('other.key')}`)).toContain('does not name the key');
  });

  it('is no lost key for restore', async () => {
    await run(`spare ${file('spare.html')}`);
    await run(`offline root ${file('stick.key')}`);
    rmSync(keyFile('publisher'));
    await run(`restore --file ${file('spare.html')}`);
    expect(await rootIds()).toContain(before.root?.id);
  });
});

describe('several holders', () => {
  const publicKeys: string[] = [];
  const holder = (name: string): string => file(`${name}.key`);
  beforeEach(async () => {
    publicKeys.length = 0;
    for (const name of ['amina', 'issa']) {
      await run(`make ${holder(name)}`, file(`${name}-data`));
      publicKeys.push(said.at(-1) as string);
    }
    await run(`holders --add ${publicKeys[0]} --add ${publicKeys[1]}`);
  });

  it('are named, and one of them is enough at first', async () => {
    await expectSound(2);
    expect(await rootIds()).toHaveLength(3);
    await run(`offline root ${file('stick.key')}`);
    await run(`rotate hub --root-key ${holder('issa')}`);
    await expectSound(3);
  });

  it('sign step by step where two are needed', async () => {
    // Two of the next root's keys have to sign it already.
    expect(await refusal('holders --threshold 2')).toContain(
      'It takes 2 signatures by root keys of root 3, and has 1.',
    );
    await run(`propose ${file('next.json')} holders --threshold 2`);
    expect(said.join('\n')).toContain('It takes 2 signatures by root keys of root 3, and has 1.');
    await expectSound(2);
    expect(await refusal(`adopt ${file('next.json')}`)).toContain('signatures are missing');
    await run(`sign ${file('next.json')} --root-key ${holder('amina')}`, file('amina-data'));
    expect(said.join('\n')).toContain('Root 3.');
    await run(`adopt ${file('next.json')}`);
    await expectSound(3);
    expect((await newest()).root.threshold).toBe(2);

    expect(await refusal('rotate hub')).toContain('It takes 2 signatures by root keys of root 3, and has 1.');
    await run(`propose ${file('hub.json')} rotate hub`);
    await expectSound(3);
    // The same key twice is one signature, and a stranger's is none.
    await run(`sign ${file('hub.json')}`);
    await run(`make ${file('stranger.key')}`);
    await run(`sign ${file('hub.json')} --root-key ${file('stranger.key')}`, file('x'));
    expect(await refusal(`adopt ${file('hub.json')}`)).toContain('has 1');
    await run(`sign ${file('hub.json')} --root-key ${holder('issa')}`, file('issa-data'));
    await run(`adopt ${file('hub.json')}`);
    await expectSound(4);
    expect((await openKeys(dataDir)).hub.id).not.toBe(before.hub.id);
    expect(existsSync(join(dataDir, 'keys/proposed.json'))).toBe(false);
    const after = contents(dataDir);
    await run(`adopt ${file('hub.json')}`);
    expect(said).toEqual(['Root 4 is in force already. Nothing to do.']);
    expect(contents(dataDir)).toEqual(after);
  });

  it('cannot be changed by a file that was altered on its way', async () => {
    await run(`propose ${file('next.json')} rotate publisher`);
    const text = readFileSync(file('next.json'), 'utf8');
    writeFileSync(file('next.json'), text.replace('"threshold":1', '"threshold":2'));
    await refusal(`adopt ${file('next.json')}`);
    writeFileSync(file('next.json'), text.slice(1));
    expect(await refusal(`adopt ${file('next.json')}`)).toContain('was damaged on its way');
    writeFileSync(file('next.json'), text);
    await run(`adopt ${file('next.json')}`);
    await expectSound(3);
  });

  it('do not shut the box out by a root with keys that it has not', async () => {
    await run(`propose ${file('one.json')} rotate publisher`);
    await run(`propose ${file('two.json')} rotate publisher`);
    expect(await refusal(`adopt ${file('one.json')}`)).toContain('names another publisher key than this box has');
    await run(`adopt ${file('two.json')}`);
    await expectSound(3);
    expect(await refusal(`adopt ${file('one.json')}`)).toContain('the next one has to be 4');
  });

  it('are let go again, the box’s own key too', async () => {
    const [amina, issa] = publicKeys.map((key) => idOfKey(fromBase64Url(key)));
    await run(`holders --drop ${amina}`);
    expect(await rootIds()).toEqual([issa, before.root?.id].sort());
    // It also opens answers: somebody has to take that over first.
    expect(await refusal(`holders --drop ${before.root?.id}`)).toContain('Make a new spare first');
    await run(`spare ${file('spare.html')}`);
    expect(await refusal(`holders --drop ${before.root?.id}`)).toContain(`Who can still sign:`);
    await run(`holders --drop ${before.root?.id} --root-key ${holder('issa')}`);
    await expectSound(5);
    expect(existsSync(keyFile('root'))).toBe(false);
    expect(await rootIds()).not.toContain(before.root?.id);
  });
});

describe('hubs', () => {
  const hubKey = async (name: string): Promise<string> => {
    await run('request', file(name));
    return said[1] as string;
  };
  const list = async (): Promise<{ n: number; hubs: { name: string; until?: number }[] }> =>
    JSON.parse(readFileSync(join(dataDir, 'keys/hubs.json'), 'utf8'));

  it('ask with their public key, the same each time, as text and as a code', async () => {
    const key = await hubKey('hub');
    expect(key).toMatch(/^[\w-]{43}$/);
    expect(said.join('\n')).toContain('█');
    expect(await hubKey('hub')).toBe(key);
  });

  it('are delegated, with an end or without, and revoked', async () => {
    const [school, market] = [await hubKey('school'), await hubKey('market')];
    await run(`delegate ${school} --name "École de Tillia" --until 2027-06-30`);
    await run(`delegate ${market} --name Marché`);
    expect(await list()).toMatchObject({
      n: 2,
      hubs: [{ name: 'École de Tillia', until: Date.parse('2027-06-30T23:59:59Z') / 1000 }, { name: 'Marché' }],
    });
    await run('show');
    expect(said.join('\n')).toContain(`École de Tillia  ${school}, until 2027-06-30`);
    await run('revoke "École de Tillia"');
    expect(await list()).toMatchObject({ n: 3, hubs: [{ name: 'Marché' }] });
    expect(await refusal('revoke "École de Tillia"')).toContain('There are: "Marché".');
    await run('revoke Marché --after 20');
    expect(await list()).toMatchObject({ n: 21, hubs: [] });
  });

  it('take the place of one with the same key or name, and it is said', async () => {
    const [one, two] = [await hubKey('one'), await hubKey('two')];
    await run(`delegate ${one} --name École`);
    await run(`delegate ${two} --name École`);
    expect(said.join('\n')).toContain(`It takes the place of "École" with the key ${one}.`);
    expect(await list()).toMatchObject({ n: 2, hubs: [{ key: two, name: 'École' }] });
  });

  it.each([
    ['--until 2027-02-30 --name x', 'it has to be a day'],
    ['--until tomorrow --name x', 'it has to be a day'],
    ['--until 2026-11-24 --name x', 'that day is over'],
    ['', 'A hub needs a name for people'],
    [`--name ${'x'.repeat(81)}`, '1 to 80 letters'],
  ])('are refused with %s', async (options, sentence) => {
    const key = await hubKey('hub');
    expect(await refusal(`delegate ${key} ${options}`)).toContain(sentence);
  });
});
