import type { AheadView, Bundle, Link, Share, Ahead as Wanted } from '../core/protocol/network.ts';
import type { ViewContext } from './context.ts';
import { Icon } from './icon.tsx';
import { costText, sizeText } from './size.ts';

interface AheadProps {
  readonly v: ViewContext;
  readonly ahead: AheadView;
  readonly bundle: Bundle | undefined;
  readonly wanted: Wanted | undefined;
  readonly link?: Readonly<Link> | undefined;
  readonly saving: boolean;
  /** The phone's own switch for that is on. */
  readonly phoneSaves?: boolean;
  /** They were taken away a moment ago: that can be taken back. */
  readonly isGoing: boolean;
}

/** Which pictures and recordings come before anybody looks at them, what that costs, and how far it is. Buttons have ids; what they do is the screen's. */
export function Ahead(props: AheadProps) {
  const { v, ahead, wanted, saving, phoneSaves, isGoing } = props;
  const { pictures, recordings, stored, full } = ahead;
  const isChosen = wanted !== undefined;
  return (
    <>
      <h2>{v.t('network.ahead')}</h2>
      {pictures.all + recordings.all === 0 && <p>{v.t('network.aheadNone')}</p>}
      <div class="choices">
        <Kind {...props} name="pictures" label={v.t('network.aheadPictures')} share={pictures} />
        <Kind {...props} name="recordings" label={v.t('network.aheadRecordings')} share={recordings} />
      </div>
      <div role="status">
        {isChosen && full && <p>{v.t('media.full')}</p>}
        {isChosen && !full && saving && <p>{v.t('network.aheadSaving')}</p>}
        {isChosen && !full && !saving && phoneSaves && <p>{v.t('media.savingPhone')}</p>}
      </div>
      <p class="sub">{v.t('network.aheadHint')}</p>
      {(stored > 0 || isGoing) && (
        <button type="button" class="act" id={isGoing ? 'media-undo' : 'media-drop'}>
          {isGoing ? v.t('form.undo') : `${v.t('network.aheadDrop')} · ${sizeText(v, stored)}`}
        </button>
      )}
    </>
  );
}

interface KindProps extends AheadProps {
  readonly name: 'pictures' | 'recordings';
  readonly label: string;
  readonly share: Share;
}

function Kind({ v, bundle, wanted, link, ahead, name, label, share: { have, all, missing } }: KindProps) {
  if (all === 0) return null;
  const checked = wanted?.[name] !== undefined;
  const numbers = { have: v.formatters.number(have), all: v.formatters.number(all) };
  return (
    <>
      <label>
        <input type="checkbox" name={`ahead-${name}`} checked={checked} />
        <span>
          {label}
          {missing > 0 && ` · ${costText(v, missing, link, bundle)}`}
        </span>
      </label>
      <p class="sub" id={`ahead-${name}`}>
        {have === all && (
          <>
            <Icon v={v} name="tick" />{' '}
          </>
        )}
        {v.t('network.aheadHave', numbers)}
      </p>
      {checked && ahead.busy && missing > 0 && <progress max={all} value={have} aria-label={label} />}
    </>
  );
}
