import type { ComponentChild } from 'preact';
import type { SheetField, SheetValue } from '../core/protocol/item.ts';
import type { ViewContext } from './context.ts';
import { Icon } from './icon.tsx';
import { pageLanguage } from './language.ts';

function written(v: ViewContext, lang: string, value: SheetValue): ComponentChild {
  const { t, formatters } = v;
  switch (value.t) {
    case 'text':
      return value.v;
    case 'list':
      return (
        <ul>
          {value.v.map((entry) => (
            <li>{entry}</li>
          ))}
        </ul>
      );
    case 'money': {
      const amount = formatters.money(value.amount, value.currency);
      return <bdi {...pageLanguage(v, lang)}>{value.estimate ? t('item.estimate', { amount }) : amount}</bdi>;
    }
    case 'period':
      return (
        <span {...pageLanguage(v, lang)}>
          {t('item.period', { from: formatters.month(value.from), to: formatters.month(value.to) })}
        </span>
      );
    case 'codes':
      return (
        <ul class="codes">
          {value.v.map(({ code, title }) => (
            <li>
              <bdi>{code}</bdi> {title}
            </li>
          ))}
        </ul>
      );
    default:
      return null;
  }
}

interface FieldsProps {
  readonly v: ViewContext;
  /** Of the item. */
  readonly lang: string;
  readonly fields: readonly SheetField[];
}

/** The fields of a project sheet. What the document does not say itself is marked by a shape and a word. */
export function SheetFields({ v, lang, fields }: FieldsProps) {
  return (
    <dl class="fields">
      {fields.map(({ key, label, value, inferred, note }) => (
        <div key={key} class={inferred ? 'unsure' : undefined}>
          <dt>{label}</dt>
          <dd>
            {written(v, lang, value)}
            {inferred && (
              <p class="mark-inferred" {...pageLanguage(v, lang)}>
                <Icon v={v} name="pencil" />
                {v.t('item.inferred')}
              </p>
            )}
            {note !== undefined && <p class="sub">{note}</p>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
