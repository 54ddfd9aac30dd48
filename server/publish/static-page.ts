import { policyTag } from './policy.ts';

const CHARSET = '<meta charset="utf-8">';
/** Where a hub takes answers. */
const ACTION = ' action="/o/plain"';

/**
 * A page as a host of files serves it: with its policy inside, a form that is posted nowhere, and links that lead to folders. `/fr/pump` is
 * `fr/pump/index.html`; asked for without the slash, such a host answers with another address, which is a round trip more.
 */
export const forFiles = (html: string, languages: readonly string[], styleHash: string): string => {
  const page = new RegExp(` href="(/(?:${languages.join('|')})(?:/[^"#?]*)?)(?=["#?])`, 'g');
  return html
    .replace(CHARSET, () => CHARSET + policyTag(styleHash))
    .replace(ACTION, '')
    .replace(page, (_, path: string) => ` href="${path.endsWith('/') ? path : `${path}/`}`);
};
