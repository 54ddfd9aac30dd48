import type { ViewContext } from './context.ts';
import { Icon } from './icon.tsx';
import { sizeText } from './size.ts';

/** A collection in one language, as this phone has it or may have it. */
export interface CollectionLine {
  readonly shelf: string;
  readonly name: string;
  /** How many items it has. */
  readonly items: number;
  /** Bytes of its texts: all of them where it is kept, else those that would come. */
  readonly bytes: number;
  /** `coming`: chosen, and not whole yet. */
  readonly state: 'away' | 'coming' | 'kept';
  /** It was taken away a moment ago: that can be taken back. */
  readonly isGoing?: boolean;
}

interface LinesProps {
  readonly v: ViewContext;
  readonly lines: readonly CollectionLine[];
  /** A button was tapped; where it is absent, taps bubble up to whoever knows what the buttons mean. */
  readonly onTap?: ((line: CollectionLine) => void) | undefined;
}

/** What a phone takes or not, a button each: `data-keep` to take it, `data-language` to drop it, as for a language. */
export function CollectionLines({ v, lines, onTap }: LinesProps) {
  return (
    <ul class="codes">
      {lines.map((line) => (
        <li key={line.shelf}>
          <Line v={v} line={line} onTap={onTap} />
        </li>
      ))}
    </ul>
  );
}

interface LineProps extends Pick<LinesProps, 'v' | 'onTap'> {
  readonly line: CollectionLine;
}

function Line({ v, line, onTap }: LineProps) {
  const { shelf, name, items, bytes, state, isGoing } = line;
  const words = isGoing ? v.t('form.undo') : v.t(state === 'away' ? 'more.addLanguage' : 'more.removeLanguage');
  const size = bytes > 0 && ` · ${sizeText(v, bytes)}`;
  return (
    <>
      <button
        type="button"
        class="act"
        onClick={onTap && (() => onTap(line))}
        {...(state === 'away' ? { 'data-keep': shelf } : { 'data-language': shelf })}
        {...(isGoing && { 'data-undo': '' })}
      >
        <span>
          <bdi>{name}</bdi>
          {` · ${words}`}
          {!isGoing && ` · ${v.t('all.count', { count: items })}`}
          {!isGoing && size}
        </span>
      </button>
      {state === 'coming' && !isGoing && (
        <p class="state" role="status">
          <Icon v={v} name="clock" />
          <span>{v.t('missing.later.text')}</span>
        </p>
      )}
    </>
  );
}

interface OffersProps extends LinesProps {
  /** Instead of what stands over them at the end of a list. */
  readonly title?: string;
}

/** That there is more than this phone has; nothing where there is not. */
export function CollectionOffers({ v, lines, title, onTap }: OffersProps) {
  if (lines.length === 0) return null;
  return (
    <section id="collections">
      <h2>{title ?? v.t('all.others')}</h2>
      <CollectionLines v={v} lines={lines} onTap={onTap} />
    </section>
  );
}
