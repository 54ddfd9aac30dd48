import { useState } from 'preact/hooks';
import { codeLink } from '../../core/carry/code-link.ts';
import type { BulletinItem } from '../../core/protocol/item.ts';
import { pageLanguage } from '../../view/language.ts';
import type { App } from '../shell/app.ts';
import { useLazy } from '../shell/hooks.ts';

/** An urgent notice for the next phone: a code that it photographs, where no network comes. */
export function NoticeCode({ app, item }: { readonly app: App; readonly item: BulletinItem }) {
  const v = app.context.value;
  const [isAsked, setAsked] = useState(false);
  return (
    <div {...pageLanguage(v, item.lang)}>
      {isAsked ? (
        <Shown app={app} item={item} />
      ) : (
        <p>
          <button type="button" class="act" onClick={() => setAsked(true)}>
            {v.t('bulletin.code')}
          </button>
        </p>
      )}
    </div>
  );
}

function Shown({ app, item: { lang, id } }: { readonly app: App; readonly item: BulletinItem }) {
  const v = app.context.value;
  const made = useLazy(async () => {
    const [parts, code] = await Promise.all([import('../parts.ts'), app.client.noticeCode(lang, id)]);
    return { parts, code };
  });
  if (made === undefined) return <p role="status">{v.t('link.busy')}</p>;
  if (made === null) return <p role="status">{v.t('network.why.no-link')}</p>;
  const { parts, code } = made;
  if (code !== undefined)
    return <parts.Codes v={v} links={[codeLink(location.origin, code)]} hint={v.t('bulletin.codeHint')} />;
  return (
    <p role="status">
      {v.t('bulletin.codeLong')} <a href={`/${v.lang}/-/carry`}>{v.t('carry.title')}</a>
    </p>
  );
}
