import type { ViewContext } from './context.ts';
import { Icon } from './icon.tsx';
import { sizeText } from './size.ts';

/** A collection in one language, as this phone has it or may have it. */
export interface CollectionLine {
  readonly shelf: string;
  readonly name: string;
  /** How many items it has. */
  readonly items: number;
  /** What it costs on the wire, in bytes: all of it where it is kept, else what would come; 0 where nobody knows. */
  readonly bytes: number;
  /** `coming`: chosen, and not whole yet. */
  readonly state: 'away' | 'coming' | 'kept';
  /** It was taken away a moment ago: that can be taken back. */
  readonly isGoing?: boolean;
}

interface LinesProps {
  readonly v: ViewContext;
  readonly lines: readonly CollectionLine[];
}

/** What a phone takes or not, a button each: `data-keep` to take it, `data-language` to drop it, as for a language. */
export function CollectionLines({ v, lines }: LinesProps) {
  return (
    <ul class="codes under">
      {lines.map((line) => {
        const { shelf, state, isGoing } = line;
        const what = isGoing ? 'form.undo' : state === 'away' ? 'more.addLanguage' : 'more.removeLanguage';
        return (
          <li key={shelf}>
            <button
              type="button"
              class="act"
              {...(state === 'away' ? { 'data-keep': shelf } : { 'data-language': shelf })}
              {...(isGoing && { 'data-undo': '' })}
            >
              <Words v={v} line={line} act={v.t(what)} />
            </button>
            {state === 'coming' && !isGoing && <Coming v={v} />}
          </li>
        );
      })}
    </ul>
  );
}

function Words({ v, line, act }: { readonly v: ViewContext; readonly line: CollectionLine; readonly act?: string }) {
  const { name, items, bytes, isGoing } = line;
  const size = bytes > 0 ? [sizeText(v, bytes)] : [];
  const rest = [...(act === undefined ? [] : [act]), ...(isGoing ? [] : [v.t('all.count', { count: items }), ...size])];
  return (
    <span>
      <bdi>{name}</bdi>
      {` · ${rest.join(' · ')}`}
    </span>
  );
}

/** That something was chosen, and is not here yet. */
export function Coming({ v }: { readonly v: ViewContext }) {
  return (
    <p class="state" role="status">
      <Icon v={v} name="clock" />
      <span>{v.t('missing.later.text')}</span>
    </p>
  );
}

interface OffersProps extends LinesProps {
  /** Instead of what stands over them at the end of a list. */
  readonly title?: string;
  readonly onKeep: (shelf: string) => void;
}

/** That there is more than this phone has; nothing where there is not. One tap keeps it; a second one by mistake takes nothing back. */
export function CollectionOffers({ v, lines, title, onKeep }: OffersProps) {
  return (
    <section id="collections" class="home">
      <h2>{title ?? v.t('all.others')}</h2>
      {lines.map((line) =>
        line.state === 'away' ? (
          <button key={line.shelf} type="button" class="act" onClick={() => onKeep(line.shelf)}>
            <Words v={v} line={line} act={v.t('more.addLanguage')} />
          </button>
        ) : (
          <div key={line.shelf}>
            <Words v={v} line={line} />
            <Coming v={v} />
          </div>
        ),
      )}
    </section>
  );
}
