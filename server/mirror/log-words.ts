import { PORTAL } from '../../src/core/errors.ts';
import type { LogEntry } from '../../src/core/protocol/log.ts';
import { type RefusedFile, refusedText } from '../../src/view/carry-refusal.ts';
import type { ViewContext } from '../../src/view/context.ts';
import { MOST_FILE } from '../carry/receive.ts';

/** Why a sync failed, or a file was refused, in words for a box that nobody holds in the hand. */
export const whyOf = (v: ViewContext, { by, code = 'no-link', details = '{}' }: LogEntry): string => {
  if (by === 'carried' && code !== PORTAL && code !== 'cut') {
    // As `noteRefusal` got them.
    const { file: name, part } = JSON.parse(details) as { readonly file?: string } & Pick<RefusedFile, 'part'>;
    return refusedText(v, { code, name, part, most: MOST_FILE });
  }
  if (code === 'paused') return v.t('inbox.relay.usedUp');
  return code === 'full' || code === 'storage' ? v.t('inbox.relay.disk') : v.t(`network.why.${code}`);
};
