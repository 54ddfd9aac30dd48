import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkIati } from '../../../../server/iati/check-iati.ts';

const GOLDEN = readFileSync(join(import.meta.dirname, 'golden/activities.xml'), 'utf8');

const told = (text: string | Uint8Array, today = '2026-11-24'): string[] =>
  checkIati(typeof text === 'string' ? new TextEncoder().encode(text) : text, 'a.xml', today).map(
    ({ severity, line, what }) => `${severity} ${line}: ${what}`,
  );

/** A small activity that is right, a line for each element. */
const SMALL = `<?xml version="1.0"?>
<iati-activities version="2.03">
<iati-activity xml:lang="fr" default-currency="USD">
<iati-identifier>AA-1-x</iati-identifier>
<reporting-org ref="AA-1" type="22"><narrative>Centre</narrative></reporting-org>
<title><narrative>Pompe</narrative></title>
<description><narrative>Poser une pompe.</narrative></description>
<participating-org role="4" ref="AA-1"/>
<activity-status code="2"/>
<activity-date type="2" iso-date="2024-02-29"/>
<recipient-country code="NE"/>
<sector code="14031"/>
<budget><period-start iso-date="2024-02-29"/><period-end iso-date="2025-03-01"/><value value-date="2024-02-29">100.50</value></budget>
<transaction><transaction-type code="2"/><transaction-date iso-date="2024-03-01"/><value value-date="2024-03-01">5</value></transaction>
</iati-activity>
</iati-activities>
`;
const small = (...changes: readonly (readonly [string | RegExp, string])[]): string[] =>
  told(changes.reduce((text, [from, to]) => text.replace(from, to), SMALL));

describe('an activity file', () => {
  it('passes where it is right', () => {
    expect(small()).toEqual([]);
    expect(small(['2.03', '2.01'])).toEqual([]);
    expect(small(['2.03', '2.02'])).toEqual([]);
    expect(told(GOLDEN)).toEqual([]);
  });

  it('may carry elements and attributes of other namespaces, after its own', () => {
    const own = (at: string) =>
      small(
        ['version="2.03"', 'version="2.03" xmlns:x="http://example.org/x" x:a="1"'],
        [at, `<x:more><y/></x:more>${at}`],
      );
    expect(own('</iati-activity>')).toEqual([]);
    expect(own('<activity-status')).toEqual([
      'error 9: <{http://example.org/x}more> of another namespace stands before <activity-status>.',
    ]);
  });

  it('is told every fault with its line, at once', () => {
    expect(
      small(
        ['ref="AA-1" type="22"', 'ref="AA-1"'],
        ['<title><narrative>Pompe</narrative></title>', '<title>Pompe</title>'],
        ['role="4"', 'role="5"'],
        ['<activity-status code="2"/>', '<activity-state code="2"/>'],
        ['2024-02-29"/>\n<rec', '2023-02-29"/>\n<rec'],
        ['code="NE"', 'code="Niger" percent="3"'],
        ['code="14031"', 'code="1403"'],
        ['>100.50<', '>100,50<'],
        [
          '<transaction-type code="2"/><transaction-date iso-date="2024-03-01"/>',
          '<transaction-date iso-date="2027-03-01"/><transaction-type code="2"/>',
        ],
      ),
    ).toEqual([
      'error 3: <iati-activity> has no <activity-status>.',
      'error 5: <reporting-org> has no attribute "type".',
      'error 6: <title> has no <narrative>.',
      'error 6: <title> has text directly inside: "Pompe".',
      'error 8: role of <participating-org> is "5", which is not in the codelist OrganisationRole.',
      'error 9: <activity-state> has no place in <iati-activity>.',
      'error 10: iso-date of <activity-date> is "2023-02-29", which is not a day.',
      'error 11: code of <recipient-country> is "Niger", which is not a country.',
      'error 11: <recipient-country> has an attribute "percent", which the schema does not have.',
      'error 12: The sector "1403" is none of vocabulary 1.',
      'error 13: <value> is "100,50", which is not a number.',
      'error 14: <transaction-date> is out of its order in <transaction>.',
      'error 14: The date of a transaction, 2027-03-01, is still to come.',
    ]);
  });

  const cases: readonly (readonly [string, readonly (readonly [string | RegExp, string])[], string])[] = [
    [
      'an order',
      [['<title>', '<activity-status code="2"/><title>']],
      'error 6: <activity-status> is out of its order in <iati-activity>.',
    ],
    [
      'a second',
      [['<sector', '<activity-scope code="4"/><activity-scope code="4"/><sector']],
      'error 12: A second <activity-scope> in <iati-activity>.',
    ],
    [
      'an identifier without its organisation',
      [['>AA-1-x<', '>BB-1-x<']],
      'error 4: The identifier "BB-1-x" does not begin with that of the reporting organisation.',
    ],
    [
      'an identifier that is only its organisation',
      [['>AA-1-x<', '>AA-1-<']],
      'error 4: The identifier "AA-1-" does not begin with that of the reporting organisation.',
    ],
    ['a sign that may not be', [['>AA-1-x<', '>AA-1-x/y<']], 'error 4: The identifier "AA-1-x/y" has one of / & | ?.'],
    [
      'an organisation without name',
      [[' ref="AA-1"/>', '/>']],
      'error 8: <participating-org> has neither a ref nor a name.',
    ],
    ['no start', [['type="2" iso', 'type="4" iso']], 'error 10: There is no date of a start.'],
    [
      'an end before the start',
      [['<recip', '<activity-date type="4" iso-date="2024-01-01"/><recip']],
      'error 11: The end, 2024-01-01, comes before the start, 2024-02-29.',
    ],
    [
      'a start to come',
      [['2024-02-29"/>\n<rec', '2027-02-28"/>\n<rec']],
      'error 10: An actual date, 2027-02-28, is still to come.',
    ],
    [
      'no recipient',
      [['<recipient-country code="NE"/>', '']],
      'error 3: There is no <recipient-country> or <recipient-region>.',
    ],
    [
      'shares without percentage',
      [['<sector', '<recipient-country code="ML" percentage="50"/><sector']],
      'error 11: <recipient-country> "NE" has no percentage.',
    ],
    [
      'shares above a hundred',
      [['code="14031"', 'code="14031" percentage="101"']],
      'error 12: The percentage 101 is not from 0 to 100.',
    ],
    [
      'a share of too little',
      [['code="14031"', 'code="14031" percentage="99.9"']],
      'error 12: Sectors of vocabulary 1 add up to 99.9, not to 100.',
    ],
    [
      'a sector twice over',
      [['</transaction>', '<sector code="14031"/></transaction>']],
      'error 14: <sector> is told both of the activity and of a transaction.',
    ],
    [
      'an own sector without name',
      [['code="14031"', 'code="C2" vocabulary="99"']],
      'error 12: The sector "C2" is of your own vocabulary and has no name.',
    ],
    [
      'a budget of more than a year',
      [['"2025-03-01"', '"2025-03-02"']],
      "error 13: The budget's period, 2024-02-29 to 2025-03-02, is longer than a year.",
    ],
    [
      'a budget backwards',
      [['"2025-03-01"', '"2024-02-28"']],
      'error 13: The end, 2024-02-28, comes before the start, 2024-02-29.',
    ],
    [
      'an amount without currency',
      [
        ['default-currency="USD"', ''],
        ['<value value-date="2024-03-01">', '<value currency="XOF" value-date="2024-03-01">'],
      ],
      'error 13: The amount has no currency.',
    ],
    [
      'a currency that is none',
      [['"USD"', '"CFA"']],
      'error 3: default-currency of <iati-activity> is "CFA", which is not a currency.',
    ],
    [
      'a text of no language',
      [['xml:lang="fr" ', '']],
      'error 5: A <narrative> of <reporting-org> says no language, and neither does the activity.',
    ],
    ['an empty text', [['>Pompe<', '> <']], 'error 6: A <narrative> of <title> is empty.'],
    [
      'a marker without significance',
      [['<budget>', '<policy-marker code="1"/><budget>']],
      'error 13: The policy marker has no significance.',
    ],
    [
      'a budget that is there and not',
      [['default-currency', 'budget-not-provided="1" default-currency']],
      'error 3: budget-not-provided stands there, and a budget too.',
    ],
    [
      'a document without an address',
      [
        [
          '</iati-activity>',
          '<document-link url="plan.pdf" format="application/pdf"><title><narrative>Plan</narrative></title><category code="A02"/></document-link></iati-activity>',
        ],
      ],
      'error 15: The document\'s address "plan.pdf" is not whole.',
    ],
    [
      'another language',
      [['</title>', '<narrative xml:lang="en">Pump</narrative></title>']],
      'warning 7: <description> is not told in "en".',
    ],
    ['an old version', [['2.03', '1.05']], 'error 2: The file is of IATI 1.05.'],
    ['no version', [[' version="2.03"', '']], 'error 2: <iati-activities> has no attribute "version".'],
    [
      'another file',
      [[/iati-activities/g, 'iati-organisations']],
      'error 2: The file is a <iati-organisations>, not <iati-activities>.',
    ],
    [
      'a namespace',
      [['<iati-activities ', '<iati-activities xmlns="http://iatistandard.org/" ']],
      'error 2: The file is a <{http://iatistandard.org/}iati-activities>, not <iati-activities>.',
    ],
  ];
  for (const [name, changes, expected] of cases) {
    it(`is told ${name}`, () => {
      expect(small(...changes)).toContain(expected);
    });
  }

  it('adds thirds up', () => {
    const three = '<sector code="14031" percentage="33.33"/>';
    expect(small(['<sector code="14031"/>', three.repeat(3)])).toEqual([]);
    expect(small(['<sector code="14031"/>', three.repeat(2)])).toHaveLength(1);
  });

  it('tells the same activity twice', () => {
    const inner = SMALL.slice(SMALL.indexOf('<iati-activity '), SMALL.indexOf('</iati-activities>'));
    expect(told(SMALL.replace('</iati-activities>', `${inner}</iati-activities>`))).toEqual([
      'error 17: The activity "AA-1-x" stands in line 4 already.',
    ]);
  });
});

describe('what is no file of ours', () => {
  it('is refused where it has a document type, however harmless', () => {
    const laughs = `<?xml version="1.0"?>\n<!DOCTYPE lolz [\n<!ENTITY lol "lol">\n${Array.from({ length: 9 }, (_, i) => `<!ENTITY lol${i + 1} "${`&lol${i || ''};`.repeat(10)}">`).join('\n')}\n]>\n<iati-activities version="2.03">&lol9;</iati-activities>`;
    const before = performance.now();
    expect(told(laughs)).toEqual([expect.stringMatching(/^error \d+: The file has a document type/)]);
    expect(performance.now() - before).toBeLessThan(1000);
    const outside =
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<iati-activities version="2.03">&x;</iati-activities>';
    expect(told(outside)).toEqual(['error 1: The file has a document type (<!DOCTYPE ...>).']);
  });

  it('is refused where it is no XML, with the lines of several slips', () => {
    const findings = told('<iati-activities version="2.03">\n<a b=1/>\n&nbsp;\n</iati-activities>');
    expect(findings[0]).toMatch(/^error 2: This is not XML: /);
    expect(findings.some((one) => one.startsWith('error 3: '))).toBe(true);
    expect(told(SMALL.replace('1.0', '1.1').replace('Pompe', '&#1;'))[0]).toMatch(/^error 6: This is not XML: /);
    expect(told('')).toEqual(['error 1: The file is empty.']);
    expect(told('<a>'.repeat(100_000)).at(-1)).toMatch(/More than 64 elements inside each other/);
  });

  it('is read in the encodings that it says, and refused in others', () => {
    const accents = SMALL.replace('Pompe', 'Pompe à eau');
    const utf16 = (big: boolean): Uint8Array => {
      const out = new Uint8Array(2 + accents.length * 2);
      const view = new DataView(out.buffer);
      [0xfeff, ...Array.from(accents, (one) => one.charCodeAt(0))].forEach((unit, i) => {
        view.setUint16(i * 2, unit, !big);
      });
      return out;
    };
    expect(told(utf16(false))).toEqual([]);
    expect(told(utf16(true))).toEqual([]);
    expect(told(utf16(false).subarray(2))).toEqual(['error 1: The file looks like UTF-16 without its mark.']);
    const latin = Uint8Array.from(accents.replace('1.0"', '1.0" encoding="ISO-8859-1"'), (one) => one.charCodeAt(0));
    expect(told(latin)).toEqual([]);
    const undeclared = Uint8Array.from(accents, (one) => one.charCodeAt(0));
    expect(told(undeclared)).toEqual(['error 6: The file says that it is UTF-8, and has bytes that are not.']);
    expect(told(SMALL.replace('1.0"', '1.0" encoding="Shift_JIS"'))).toEqual([
      'error 1: The file says that it is written in "Shift_JIS", which is not read.',
    ]);
    expect(told(`\uFEFF${SMALL}`)).toEqual([]);
    expect(told(new Uint8Array(20 * 1024 * 1024 + 1))).toEqual(['error 1: The file has 21 MB: at most 20 are read.']);
  });

  it('stays quick and small, whatever is in it', () => {
    const begin = performance.now();
    const many = (what: string, count: number) =>
      told(SMALL.replace('<title>', () => `${what.repeat(count)}<title>`)).length;
    expect(many('<a/>', 200_000)).toBe(10_001);
    expect(many('<transaction/><transaction><sector code="1"/></transaction>', 30_000)).toBe(10_001);
    expect(many('<sector code="22040" percentage="0"/>\n<title/>', 50_000)).toBe(10_001);
    expect(performance.now() - begin).toBeLessThan(20_000);
  }, 30_000);

  it('counts lines of Windows, and of tags over several lines', () => {
    expect(told(SMALL.replace('role="4"', '\n\n role="9"').replaceAll('\n', '\r\n'))).toEqual([
      'error 8: role of <participating-org> is "9", which is not in the codelist OrganisationRole.',
    ]);
  });
});
