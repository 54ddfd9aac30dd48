import type { ViewContext } from './context.ts';

/** Bytes for people who pay for them: a megabyte has a million, as on the bundle. */
export function sizeText({ t, formatters }: ViewContext, bytes: number): string {
  const round = (value: number): string =>
    formatters.number(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
  if (bytes < 1e6) return t('network.kb', { size: formatters.number(Math.ceil(bytes / 1e3)) });
  return bytes < 1e9 ? t('network.mb', { size: round(bytes / 1e6) }) : t('network.gb', { size: round(bytes / 1e9) });
}
