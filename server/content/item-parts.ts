import type { SheetField, SheetValue, Source, Tag } from '../../src/core/protocol/item.ts';
import { lineOf, type Problems } from './problems.ts';
import { type AuthoredField, type AuthoredScript, ITEM_FILE, type ItemFile, type Words } from './schema.ts';

/** Parts of an item, from what its folder and the front matter of one text say. */

export const sourcesOf = (file: ItemFile, matter: Words, yaml: string, problems: Problems): readonly Source[] => {
  for (const id of Object.keys(matter.sources))
    if (!file.sources.some((source) => source.id === id))
      problems.add(
        lineOf(yaml, `${id}:`) + 1,
        `There is no source "${id}".`,
        `Add it to ${ITEM_FILE}, or correct the id.`,
      );
  return file.sources.map(({ id, title, certainty, by, date, at }) => {
    const own = matter.sources[id];
    return { id, title: own?.title ?? title, certainty, ...defined({ by: own?.by ?? by, date, at, note: own?.note }) };
  });
};

export const tagsOf = (file: ItemFile): readonly Tag[] => {
  const of = (facet: string, codes: readonly string[]) => codes.map((code) => `${facet}:${code}` as Tag);
  return [
    ...of('need', file.needs),
    ...of('door', file.doors),
    ...of('audience', file.audiences),
    ...of('region', file.regions),
    ...of('wsis', file.wsis),
    ...of('target', file.targets),
    ...of('istanbul', file.istanbul),
  ].sort();
};

/** Front matter of any kind. */
interface Matter extends Words {
  readonly fields?: readonly AuthoredField[];
  readonly who?: string | undefined;
  readonly time?: string | undefined;
  readonly tools?: readonly string[] | undefined;
  readonly area?: string;
  readonly script?: AuthoredScript | undefined;
  readonly community?: string;
  readonly terms?: readonly { readonly term: string; readonly says: string }[] | undefined;
}

/** What only items of its kind have. */
export const ownOf = (file: ItemFile, matter: Matter): object => {
  const { kind } = file;
  switch (kind) {
    case 'case':
      return { kind };
    case 'sheet':
      return { kind, fields: (matter.fields ?? []).map(readField) };
    case 'guide':
      return { kind, ...defined({ who: matter.who, time: matter.time, tools: matter.tools }) };
    case 'bulletin': {
      const { urgency, issued, until, approved } = file;
      const script = matter.script && defined(matter.script);
      return { kind, area: matter.area, urgency, issued, until, ...defined({ approved, script }) };
    }
    case 'story':
      return { kind, community: matter.community, ...defined({ told: file.told, consent: file.consent }) };
    case 'reference':
      return { kind, type: file.type, ...defined({ gone: file.gone, terms: matter.terms }) };
  }
};

/** An object without its undefined fields, as `exactOptionalPropertyTypes` and canonical JSON want it. */
export const defined = <T extends Record<string, unknown>>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };

const readField = ({ key, label, value, inferred, note }: AuthoredField): SheetField => ({
  key,
  label,
  value: readValue(value),
  ...(inferred && { inferred }),
  ...(note !== undefined && { note }),
});

const readValue = (value: AuthoredField['value']): SheetValue => {
  if (typeof value === 'string') return { t: 'text', v: value };
  if (Array.isArray(value)) {
    const entries = value as readonly (string | { code: string; title: string })[];
    const codes = entries.filter((entry) => typeof entry !== 'string');
    return codes.length > 0 ? { t: 'codes', v: codes } : { t: 'list', v: entries as readonly string[] };
  }
  return 'amount' in value ? { t: 'money', ...value } : { t: 'period', ...value };
};
