import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assetFolders, keepBuild } from '../../../../server/hub/builds.ts';

/** An old tab's files stay served for the last three builds, and go with the fourth. */
describe('kept builds', () => {
  let root = '';
  let dataDir = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'relais-builds-'));
    dataDir = join(root, 'data');
    mkdirSync(dataDir);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** A built app with one hashed file. */
  const build = (name: string): string => {
    const appDir = join(root, name);
    mkdirSync(join(appDir, '.vite'), { recursive: true });
    mkdirSync(join(appDir, 'assets'));
    writeFileSync(join(appDir, '.vite/manifest.json'), JSON.stringify({ 'index.html': { file: `assets/${name}.js` } }));
    writeFileSync(join(appDir, `assets/${name}.js`), name);
    return appDir;
  };
  /** What a hub with this build serves. */
  const served = (appDir: string): string[] =>
    assetFolders(appDir, dataDir)
      .flatMap((folder) => readdirSync(folder))
      .sort();
  /** Starts a hub of a build, an hour after the last. */
  let hour = 0;
  const start = (appDir: string): void => {
    const folder = join(dataDir, 'builds');
    const before = ++hour * 3600;
    keepBuild(appDir, dataDir);
    // The newest is told by its time: the others are set back.
    for (const name of readdirSync(folder)) {
      if (!existsSync(join(folder, name, `${appDir.split('/').at(-1)}.js`))) continue;
      utimesSync(join(folder, name), before, before);
    }
  };

  it('serves three builds, and the fourth takes the place of the first', () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(build) as [string, string, string, string];
    for (const one of [a, b, c]) start(one);
    expect(new Set(served(c))).toEqual(new Set(['a.js', 'b.js', 'c.js']));
    start(d);
    expect(new Set(served(d))).toEqual(new Set(['b.js', 'c.js', 'd.js']));
  });

  it('a hub that starts again with the same build forgets none', () => {
    const [a, b, c] = ['a', 'b', 'c'].map(build) as [string, string, string];
    for (const one of [a, b, c, c, c, c]) start(one);
    expect(new Set(served(c))).toEqual(new Set(['a.js', 'b.js', 'c.js']));
  });

  it('going back to an older build makes that the newest', () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(build) as [string, string, string, string];
    for (const one of [a, b, c, a, d]) start(one);
    expect(new Set(served(d))).toEqual(new Set(['a.js', 'c.js', 'd.js']));
  });

  it('a hub without older builds serves its own', () => {
    expect(served(build('a'))).toEqual(['a.js']);
  });
});
