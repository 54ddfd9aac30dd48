import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IatiActivity, type Narrative, withoutLines } from '../../../../server/iati/activity.ts';
import { checkIati } from '../../../../server/iati/check-iati.ts';
import { isError } from '../../../../server/iati/findings.ts';
import { readIati } from '../../../../server/iati/read-iati.ts';
import { isWritable, UnwritableError, writeIati } from '../../../../server/iati/write-iati.ts';

/** Any text that XML can carry, with what would be markup in it; its ends are what a reader keeps. */
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.constantFrom('a<b>&amp;"\'', ']]>', 'x\r\ny\tz', 'é\u{1F33E}', '<!--'),
  )
  .map((words) => words.trim())
  .filter((words) => words !== '' && isWritable(words));
/** In an attribute. */
const plain = text;
const ref = fc.stringMatching(/^[A-Z]{2}-[A-Z]{3}-[0-9]{1,6}$/);
const LANGUAGES = ['fr', 'en', 'ha', 'dje'] as const;

const words = (min = 1): fc.Arbitrary<Narrative[]> =>
  fc.uniqueArray(fc.record({ lang: fc.constantFrom(...LANGUAGES), text }), {
    selector: ({ lang }) => lang,
    minLength: min,
    maxLength: 3,
  });
const day = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2025-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const later = (from: string, days: number): string =>
  new Date(Date.parse(from) + days * 86_400_000).toISOString().slice(0, 10);
const amount = fc.tuple(fc.nat(1e9), fc.nat(99)).map(([whole, cents]) => `${whole}.${String(cents).padStart(2, '0')}`);
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });

/** As many shares as there are parts, that add up. */
const shared = <T extends object>(part: fc.Arbitrary<T>, min: number): fc.Arbitrary<(T & { percentage: string })[]> =>
  fc.array(fc.tuple(part, fc.integer({ min: 1, max: 9 })), { minLength: min, maxLength: 4 }).map((parts) => {
    const total = parts.reduce((sum, [, weight]) => sum + weight, 0);
    let left = 10_000;
    return parts.map(([one, weight], i) => {
      const share = i === parts.length - 1 ? left : Math.floor((10_000 * weight) / total);
      left -= share;
      return { ...one, percentage: String(share / 100) };
    });
  });

const activity: fc.Arbitrary<IatiActivity> = fc
  .record({
    org: ref,
    number: fc.stringMatching(/^[A-Za-z0-9_. -]{1,20}$/).map((end) => `n${end.trim()}`),
    lang: fc.constantFrom(...LANGUAGES),
    currency: fc.constantFrom('USD', 'XOF', 'EUR'),
    humanitarian: maybe(fc.boolean()),
    hierarchy: maybe(fc.integer({ min: 1, max: 3 })),
    updated: maybe(day.map((one) => `${one}T12:30:00Z`)),
    secondary: maybe(fc.boolean()),
    name: words(),
    title: words(),
    descriptions: fc.array(fc.record({ type: maybe(fc.constantFrom('1', '2', '3', '4')), text: words() }), {
      minLength: 1,
      maxLength: 3,
    }),
    participating: fc.array(
      fc.record({
        ref: maybe(ref),
        type: maybe(fc.constantFrom('10', '40', '90')),
        role: fc.constantFrom('1', '2', '3', '4'),
        activityId: maybe(plain),
        name: words(),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    otherIdentifiers: fc.array(
      fc.record({
        ref: plain,
        type: fc.constantFrom('A1', 'B9'),
        owner: maybe(fc.record({ ref: maybe(ref), name: words() })),
      }),
      { maxLength: 2 },
    ),
    status: fc.constantFrom('1', '2', '3', '4', '5', '6'),
    start: day,
    length: fc.integer({ min: 0, max: 4000 }),
    dateText: words(0),
    contacts: fc.array(
      fc.record({
        type: maybe(fc.constantFrom('1', '4')),
        organisation: words(0),
        department: words(0),
        person: words(0),
        job: words(0),
        telephones: fc.array(text, { maxLength: 2 }),
        emails: fc.array(text, { maxLength: 2 }),
        websites: fc.array(fc.webUrl(), { maxLength: 2 }),
        addresses: fc.array(words(), { maxLength: 2 }),
      }),
      { maxLength: 2 },
    ),
    scope: maybe(fc.constantFrom('1', '2', '8')),
    countries: shared(fc.record({ code: fc.constantFrom('NE', 'ML', 'BD', 'IN'), name: words(0) }), 1),
    sectors: shared(
      fc.record({ code: fc.constantFrom('22040', '14031', '43040'), vocabulary: fc.constant('1'), name: words(0) }),
      1,
    ),
    own: shared(
      fc.record({ code: plain, vocabulary: fc.constant('99'), vocabularyUri: maybe(fc.webUrl()), name: words() }),
      0,
    ),
    markers: fc.array(
      fc.record({ code: fc.constantFrom('1', '7'), significance: fc.constantFrom('0', '2'), name: words(0) }),
      { maxLength: 2 },
    ),
    budgets: fc.array(
      fc.record({
        type: maybe(fc.constantFrom('1', '2')),
        status: maybe(fc.constantFrom('1', '2')),
        from: day,
        days: fc.integer({ min: 0, max: 365 }),
        value: amount,
        currency: maybe(fc.constantFrom('USD', 'XAF')),
        valueDate: day,
      }),
      { maxLength: 3 },
    ),
    documents: fc.array(
      fc.record({
        url: fc.webUrl(),
        format: fc.constantFrom('application/pdf', 'text/html'),
        title: words(),
        description: words(0),
        categories: fc.array(fc.constantFrom('A01', 'B02'), { minLength: 1, maxLength: 2 }),
        languages: fc.array(fc.constantFrom('fr', 'en'), { maxLength: 2 }),
        day: maybe(day),
      }),
      { maxLength: 2 },
    ),
    related: fc.array(fc.record({ ref: plain, type: fc.constantFrom('1', '5') }), { maxLength: 2 }),
  })
  .map(({ org, number, secondary, name, start, length, dateText, sectors, own, budgets, ...rest }) =>
    pruned({
      ...rest,
      identifier: `${org}-${number}`,
      reporting: { ref: org, type: '22', secondary, name },
      dates: [
        { type: '1', day: start, text: dateText },
        { type: '3', day: later(start, length), text: [] },
      ],
      regions: [],
      sectors: [...sectors, ...own],
      budgets: budgets.map(({ days, ...budget }) => ({ ...budget, to: later(budget.from, days) })),
    } as unknown as IatiActivity),
  );

const pruned = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('the writer and the checker', () => {
  it('agree: what is written passes, and comes back as it was', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(activity, { selector: ({ identifier }) => identifier, minLength: 1, maxLength: 3 }),
        (activities) => {
          const xml = new TextEncoder().encode(writeIati(activities, '2026-11-24T12:00:00Z'));
          expect(checkIati(xml, 'a.xml', '2099-01-01').filter(isError)).toEqual([]);
          expect(readIati(xml, { file: 'a.xml' }).activities.map(withoutLines)).toEqual(activities);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('never throws, whatever a file has', () => {
    const [small] = fc.sample(activity, { numRuns: 1, seed: 7 });
    if (!small) throw new Error('There is no activity.');
    const xml = writeIati([small]);
    fc.assert(
      fc.property(fc.nat(xml.length), fc.nat(30), fc.string({ maxLength: 8 }), (at, out, put) => {
        const bytes = new TextEncoder().encode(`${xml.slice(0, at)}${put}${xml.slice(at + out)}`);
        for (const { line, what, remedy } of readIati(bytes, { file: 'a.xml', today: '2026-11-24' }).findings) {
          expect(line).toBeGreaterThan(0);
          expect(what).not.toBe('');
          expect(remedy).not.toBe('');
        }
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(readIati(bytes, { file: 'a.xml' }).activities).toEqual([]);
      }),
    );
  });

  it('refuse what XML cannot carry', () => {
    const [one] = fc.sample(activity, { numRuns: 1, seed: 7 });
    if (!one) throw new Error('There is no activity.');
    for (const bad of ['\u0000', '\u001f', '\ufffe', '\ud800', 'a\udc00']) {
      expect(() => writeIati([{ ...one, title: [{ lang: 'fr', text: bad }] }])).toThrow(UnwritableError);
    }
  });
});
