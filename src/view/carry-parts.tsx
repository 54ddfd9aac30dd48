import type { CarriedShelf } from '../core/protocol/carried.ts';
import { collectionOf, languageOf } from '../core/protocol/shelf.ts';
import { languageName } from '../i18n/translator.ts';
import type { ViewContext } from './context.ts';
import { Icon } from './icon.tsx';
import { sizeText } from './size.ts';

/** Parts that the pages of what goes by hand share: those of the device, of the centre, and of a hub in between. */

/** A shelf by name: `Français`, `Français · projets`, by the collection's id. */
export const shelfText = (shelf: string): string =>
  [languageName(languageOf(shelf)), collectionOf(shelf) ?? []].flat().join(' · ');

interface ChoicesProps {
  readonly v: ViewContext;
  /** Whose languages these are: this device's, where nothing is said. */
  readonly legend?: string;
  readonly shelves: readonly CarriedShelf[];
  /** Bytes of pictures and recordings. */
  readonly mediaBytes: number;
  readonly chosen: ReadonlySet<string>;
  readonly media: boolean;
}

/** What goes along: fields `shelf`, one for each language and collection, and `media`. */
export function CarryChoices({ v, legend, shelves, mediaBytes, chosen, media }: ChoicesProps) {
  return (
    <fieldset id="carry-shelves">
      <legend class="sub">{legend ?? v.t('more.languages')}</legend>
      <div class="choices">
        {shelves.map(({ lang, name, bytes }) => (
          <label key={lang}>
            <input type="checkbox" name="shelf" value={lang} checked={chosen.has(lang)} />
            <span>
              <span>
                <bdi>{languageName(languageOf(lang))}</bdi>
                {name !== undefined && ' · '}
                {name !== undefined && <bdi>{name}</bdi>}
                {` · ${sizeText(v, bytes)}`}
              </span>
            </span>
          </label>
        ))}
        {mediaBytes > 0 && (
          <label>
            <input type="checkbox" name="media" value="1" checked={media} />
            <span>{`${v.t('carry.media')} · ${sizeText(v, mediaBytes)}`}</span>
          </label>
        )}
      </div>
    </fieldset>
  );
}

/** What came of a file, a line each. */
export function CarryLines({ v, lines }: { readonly v: ViewContext; readonly lines: readonly string[] }) {
  return (
    <ul class="codes choices" id="carry-result">
      {lines.map((line) => (
        <li key={line} class="state is-centre">
          <Icon v={v} name="tick" />
          <span>{line}</span>
        </li>
      ))}
    </ul>
  );
}

/** What somebody has to know, or to do. */
export function CarryHand({ v, children }: { readonly v: ViewContext; readonly children: string }) {
  return (
    <p class="state carry-problem">
      <Icon v={v} name="hand" />
      <span>{children}</span>
    </p>
  );
}
