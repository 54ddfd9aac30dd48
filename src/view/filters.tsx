import type { FacetNames, ItemKind } from '../core/protocol/item.ts';
import type { ViewContext } from './context.ts';
import { ownLanguage } from './language.ts';

interface FiltersProps {
  readonly v: ViewContext;
  /** What the field searches. */
  readonly label: string;
  readonly names: readonly FacetNames[];
  readonly kinds: readonly ItemKind[];
  /** Whether the filters stand open. */
  readonly open: boolean;
}

/** Above a list: a search, and behind a line one choice for each thing that items are filed under. */
export function Filters({ v, label, names, kinds, open }: FiltersProps) {
  return (
    <>
      <div class="words">
        <label for="filter">{label}</label>
        <input id="filter" type="search" autocomplete="off" dir="auto" />
      </div>
      <details open={open}>
        <summary>{v.t('all.narrow')}</summary>
        <div class="filters">
          <Filter
            v={v}
            facet="kind"
            label={v.t('facet.kind')}
            lang={v.words}
            values={kinds.map((kind) => [kind, v.t(`kind.${kind}`)])}
          />
          {names.map(({ facet, values }) => (
            <Filter key={facet} v={v} facet={facet} label={v.t(`facet.${facet}`)} lang={v.lang} values={values} />
          ))}
        </div>
      </details>
    </>
  );
}

interface FilterProps {
  readonly v: ViewContext;
  readonly facet: string;
  readonly label: string;
  /** Of the values. */
  readonly lang: string;
  readonly values: readonly (readonly [string, string])[];
}

function Filter({ v, facet, label, lang, values }: FilterProps) {
  return (
    <label>
      {label}
      <select name={facet}>
        <option value="">{v.t('all.any')}</option>
        {values.map(([code, name]) => (
          <option key={code} value={code} {...ownLanguage(v, lang)}>
            {/^(?:[CI]|T-)\w+$/.test(code) ? `${code} · ${name}` : name}
          </option>
        ))}
      </select>
    </label>
  );
}
