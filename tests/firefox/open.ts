import { existsSync } from 'node:fs';
import puppeteer, { type Browser } from 'puppeteer-core';

const FIREFOX = [process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox'].find(
  (path) => path !== undefined && existsSync(path),
);

/** Firefox in French, on a profile that stays. */
export const openFirefox = (userDataDir: string): Promise<Browser> => {
  if (FIREFOX === undefined) throw new Error('No Firefox found: apt-get install firefox-esr, or name one in FIREFOX.');
  const options = { browser: 'firefox', executablePath: FIREFOX, headless: true, userDataDir } as const;
  return puppeteer.launch({ ...options, extraPrefsFirefox: { 'intl.accept_languages': 'fr-FR, fr' } });
};

/** SIGKILL, with no chance to write anything. */
export const killFirefox = async (browser: Browser): Promise<void> => {
  browser.process()?.kill('SIGKILL');
  await browser.close().catch(() => {});
};
