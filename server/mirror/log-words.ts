import type { LogEntry } from '../../src/core/protocol/log.ts';
import { refusedIn } from '../../src/view/carry-refusal.ts';
import type { ViewContext } from '../../src/view/context.ts';
import { hubRefusedWords } from '../../src/view/hub-refusal.ts';

/** Why a sync failed, or a file was refused, in words for a box that nobody holds in the hand. */
export const whyOf = (v: ViewContext, { by, code = 'no-link', details }: LogEntry): string => {
  if (by === 'carried') return hubRefusedWords(v, code, refusedIn(details));
  if (code === 'paused') return v.t('inbox.relay.usedUp');
  return code === 'full' || code === 'storage' ? v.t('inbox.relay.disk') : v.t(`network.why.${code}`);
};
