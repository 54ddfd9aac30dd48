/** The page's one Trusted Types policy: scripts of our own origin, by address. Without it `new Worker` and `register` throw. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}

const own = (url: string): string => {
  const { origin, href } = new URL(url, location.href);
  if (origin !== location.origin) throw new TypeError(`not our origin: ${origin}`);
  return href;
};

const policy = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('relais', {
  createScriptURL: own,
});

/** An address that `Worker` and `register` take. */
export const scriptUrl = (url: string): string => policy?.createScriptURL(url) ?? own(url);
