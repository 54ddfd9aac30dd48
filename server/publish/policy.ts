import { contentPolicy, SHELL_REACH } from '../hub/security.ts';

/**
 * The policy as tags, for a host whose headers say nothing: the first in the head, since they hold from there on. `styleHash` is the one inlined sheet; the
 * app's own page has none, and reaches a hub on the Wi-Fi. Browsers take `frame-ancestors` from a header only.
 */
export const policyTag = (styleHash?: string): string => {
  const lines = (styleHash === undefined ? contentPolicy('', SHELL_REACH) : contentPolicy(styleHash)).split('; ');
  const policy = lines.filter((line) => !line.startsWith('frame-ancestors')).join('; ');
  const own = styleHash === undefined ? policy.replace(" 'sha256-'", '') : policy;
  return `<meta http-equiv="Content-Security-Policy" content="${own}"><meta name="referrer" content="no-referrer">`;
};
