import { existsSync } from 'node:fs';
import { join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer-core';

const FIREFOX = [process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox'].find(
  (path) => path !== undefined && existsSync(path),
);

/** So long at most, in milliseconds. */
const PUT_BACK_MS = 3_000;

/** Firefox in French, on a profile that stays. */
export const openFirefox = async (userDataDir: string): Promise<Browser> => {
  if (FIREFOX === undefined) throw new Error('No Firefox found: apt-get install firefox-esr, or name one in FIREFOX.');
  // Puppeteer puts the settings of the one before back after that has ended, and tells nobody when it has.
  for (const until = Date.now() + PUT_BACK_MS; Date.now() < until && isPuttingBack(userDataDir); )
    await new Promise((resolve) => setTimeout(resolve, 50));
  const options = { browser: 'firefox', executablePath: FIREFOX, headless: true, userDataDir } as const;
  return puppeteer.launch({ ...options, extraPrefsFirefox: { 'intl.accept_languages': 'fr-FR, fr' } });
};

const isPuttingBack = (profile: string): boolean =>
  ['prefs.js', 'user.js'].some((file) => existsSync(join(profile, `${file}.puppeteer`)));

/** SIGKILL, with no chance to write anything. */
export const killFirefox = async (browser: Browser): Promise<void> => {
  browser.process()?.kill('SIGKILL');
  await browser.close().catch(() => {});
};
