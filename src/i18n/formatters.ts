/** Dates, months, numbers and money as a language writes them. Times are in the device's own zone. */
export interface Formatters {
  /** When news came: weekday and hour within six days (`mardi 18 h`), else day, month and year. */
  readonly date: (at: number | Date, now?: number | Date) => string;
  /** The same to the minute, for lines of one hour to be told apart. */
  readonly moment: (at: number) => string;
  /** An hour of the day, 0 to 23, as a clock shows it. */
  readonly hour: (hour: number) => string;
  /** A calendar day, ISO `YYYY-MM-DD`. What is not one comes back as it is. */
  readonly day: (iso: string) => string;
  /** A month, `YYYY-MM`. What is not one comes back as it is. */
  readonly month: (iso: string) => string;
  readonly number: (value: number) => string;
  /** Several names in a row, with the separators of the language. */
  readonly list: (names: readonly string[]) => string;
  /** `currency` is an ISO 4217 code; an unknown one is written after the number. */
  readonly money: (amount: number, currency: string) => string;
}

const SIX_DAYS = 6 * 24 * 60 * 60 * 1000;

/** The tag itself where this runtime knows it, else French: cheap phones carry few locales, and no Zarma. */
function known(lang: string): string {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(lang)[0] ?? 'fr';
  } catch {
    return 'fr';
  }
}

export function formatters(lang: string): Formatters {
  const locale = known(lang);
  const form = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
  const dayOptions = { day: 'numeric', month: 'long', year: 'numeric' } as const;
  const weekday = form({ weekday: 'long' });
  const plainHour = form({ hour: 'numeric' });
  // Where a language writes the bare number, it would be read as the day of the month.
  const hourFormat = /^\p{Nd}+$/u.test(plainHour.format(0)) ? form({ hour: 'numeric', minute: '2-digit' }) : plainHour;
  // French writes `08 h` here; people say `8 h`.
  const hour = (time: number) =>
    hourFormat
      .format(time)
      .replace(/^0(?=\d)/, '')
      .replaceAll(' ', '\u00a0');
  const full = form(dayOptions);
  const minutes = form({ hour: 'numeric', minute: '2-digit' });
  // Days and months have no zone: read and written in UTC, so that none slips to its neighbour.
  const utcDay = form({ ...dayOptions, timeZone: 'UTC' });
  const utcMonth = form({ month: 'long', year: 'numeric', timeZone: 'UTC' });
  const number = new Intl.NumberFormat(locale);
  const written = (format: Intl.DateTimeFormat, text: string, iso: string) => {
    const time = Date.parse(iso);
    return Number.isNaN(time) ? text : format.format(time);
  };
  return {
    date(at, now = Date.now()) {
      const time = Number(at);
      const age = Number(now) - time;
      if (age >= 0 && age < SIX_DAYS) return `${weekday.format(time)} ${hour(time)}`;
      return full.format(time);
    },
    moment: (at) =>
      `${(Date.now() - at < SIX_DAYS ? weekday : full).format(at)} ${minutes.format(at).replace(/^0(?=\d)/, '')}`,
    hour: (n) => hour(new Date(2026, 0, 1, n).getTime()),
    day: (iso) => (/^\d{4}-\d\d-\d\d$/.test(iso) ? written(utcDay, iso, iso) : iso),
    month: (iso) => (/^\d{4}-\d\d$/.test(iso) ? written(utcMonth, iso, `${iso}-01`) : iso),
    number: (value) => number.format(value),
    list: (names) => new Intl.ListFormat(locale, { type: 'unit', style: 'short' }).format(names),
    money(amount, currency) {
      try {
        const options = { style: 'currency', currency, currencyDisplay: 'code', maximumFractionDigits: 0 } as const;
        return new Intl.NumberFormat(locale, options).format(amount);
      } catch {
        return `${number.format(amount)} ${currency}`;
      }
    },
  };
}
