/** CHROMIUM, then a system browser in PATH, then Playwright's own download; undefined where there is none. */
export const findChromium: () => string | undefined;
