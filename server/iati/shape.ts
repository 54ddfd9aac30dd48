/**
 * The structure of an activity file: elements in their order, how often each may come, attributes and their types.
 *
 * Taken from the XML Schema of IATI 2.03 of 2018-02-19, `iati-activities-schema.xsd` with `iati-common.xsd`:
 * https://github.com/IATI/IATI-Schemas/tree/version-2.03 (IATI Standard, https://iatistandard.org/, CC BY 4.0).
 * Files of 2.01 and 2.02 are read against it as well: later versions of 2.0x only added.
 *
 * Every element may also hold elements of other namespaces after its own, and attributes of other namespaces, but
 * where it is `closed`.
 */
export interface Shape {
  readonly attributes: Readonly<Record<string, AttributeShape>>;
  readonly children: readonly Child[];
  /** What stands between the tags, where that is text. */
  readonly text?: ValueType;
  readonly closed?: boolean;
}

export interface AttributeShape {
  readonly required: boolean;
  /** A type of XML Schema, or the name of a codelist, which begins with a capital. */
  readonly type: ValueType;
}

export interface Child {
  readonly name: string;
  readonly min: 0 | 1;
  readonly max: 1 | 'many';
  readonly shape: Shape;
}

export type ValueType = string;

/** `'ref! type:OrganisationType'`: names, `!` where required, then the type unless it is a string. */
const attributes = (written: string): Record<string, AttributeShape> =>
  Object.fromEntries(
    written
      .split(' ')
      .filter(Boolean)
      .map((word) => {
        const [, name = '', mark, type = 'string'] = /^([\w:-]+?)(!?)(?:=(.+))?$/.exec(word) ?? [];
        return [name, { required: mark === '!', type }];
      }),
  );

const shape = (written: string, children: readonly Child[] = [], text?: ValueType): Shape => ({
  attributes: attributes(written),
  children,
  ...(text !== undefined && { text }),
});
const closed = (inner: Shape): Shape => ({ ...inner, closed: true });

/** Exactly one, at most one, at least one, any number. */
const one = (name: string, inner: Shape): Child => ({ name, min: 1, max: 1, shape: inner });
const opt = (name: string, inner: Shape): Child => ({ name, min: 0, max: 1, shape: inner });
const some = (name: string, inner: Shape): Child => ({ name, min: 1, max: 'many', shape: inner });
const many = (name: string, inner: Shape): Child => ({ name, min: 0, max: 'many', shape: inner });

const narrative = shape('xml:lang=language', [], 'string');
const words = [many('narrative', narrative)];
const requiredWords = [some('narrative', narrative)];
/** `textRequiredType` */
const text = shape('', requiredWords);
const code = (type = 'string'): Shape => shape(`code!=${type}`);
const day = shape('iso-date!=date');
const money = shape('currency=Currency value-date!=date', [], 'decimal');

const documentLink = shape('url!=anyURI format!', [
  one('title', text),
  opt('description', text),
  some('category', code('DocumentCategory')),
  many('language', code('language')),
  opt('document-date', day),
]);

const period = [one('period-start', day), one('period-end', day), one('value', money)];

const contact = shape('type=ContactType', [
  opt('organisation', text),
  opt('department', text),
  opt('person-name', text),
  opt('job-title', text),
  many('telephone', shape('', [], 'string')),
  many('email', shape('', [], 'string')),
  many('website', shape('', [], 'anyURI')),
  many('mailing-address', text),
]);

const location = shape('ref', [
  opt('location-reach', code()),
  many('location-id', shape('code! vocabulary!')),
  opt('name', text),
  opt('description', text),
  opt('activity-description', text),
  many('administrative', shape('code! vocabulary! level=nonNegativeInteger')),
  opt('point', shape('srsName!', [one('pos', shape('', [], 'string'))])),
  opt('exactness', code()),
  opt('location-class', code()),
  opt('feature-designation', code()),
]);

const provider = shape('ref provider-activity-id type=OrganisationType', words);
const receiver = shape('ref receiver-activity-id type=OrganisationType', words);
const region = 'code! vocabulary=RegionVocabulary vocabulary-uri=anyURI';
const sector = 'vocabulary=SectorVocabulary vocabulary-uri=anyURI code!';
const aidType = shape('code! vocabulary');

const transaction = shape('ref humanitarian=boolean', [
  one('transaction-type', code('TransactionType')),
  one('transaction-date', day),
  one('value', money),
  opt('description', text),
  opt('provider-org', provider),
  opt('receiver-org', receiver),
  opt('disbursement-channel', code()),
  many('sector', shape(sector, words)),
  opt('recipient-country', shape('code!=Country', words)),
  opt('recipient-region', shape(region, words)),
  opt('flow-type', code()),
  opt('finance-type', code()),
  many('aid-type', aidType),
  opt('tied-status', code()),
]);

const measured = closed(
  shape('value', [
    many('location', shape('ref')),
    many('dimension', shape('name value')),
    opt('comment', text),
    many('document-link', documentLink),
  ]),
);

const indicator = shape('measure! ascending=boolean aggregation-status=boolean', [
  one('title', text),
  opt('description', text),
  many('document-link', documentLink),
  many('reference', shape('vocabulary! code! indicator-uri=anyURI')),
  many(
    'baseline',
    shape('iso-date=date year!=positiveInteger value', [
      many('location', shape('ref')),
      many('dimension', shape('name value')),
      many('document-link', documentLink),
      opt('comment', text),
    ]),
  ),
  many(
    'period',
    shape('', [one('period-start', day), one('period-end', day), many('target', measured), many('actual', measured)]),
  ),
]);

const result = shape('type! aggregation-status=boolean', [
  one('title', text),
  opt('description', text),
  many('document-link', documentLink),
  many('reference', shape('code! vocabulary! vocabulary-uri=anyURI')),
  some('indicator', indicator),
]);

const amount = shape('', [], 'decimal');
const crsAdd = shape('', [
  many('other-flags', shape('code! significance!=boolean')),
  opt(
    'loan-terms',
    shape('rate-1=decimal rate-2=decimal', [
      opt('repayment-type', code()),
      opt('repayment-plan', code()),
      opt('commitment-date', day),
      opt('repayment-first-date', day),
      opt('repayment-final-date', day),
    ]),
  ),
  opt(
    'loan-status',
    shape('year!=decimal currency=Currency value-date!=date', [
      opt('interest-received', amount),
      opt('principal-outstanding', amount),
      opt('principal-arrears', amount),
      opt('interest-arrears', amount),
    ]),
  ),
  opt('channel-code', shape('', [], 'string')),
]);

const fss = shape('extraction-date!=date priority=boolean phaseout-year=decimal', [
  many('forecast', shape('year!=decimal currency=Currency value-date=date', [], 'decimal')),
]);

const activityShape = shape(
  'last-updated-datetime=dateTime xml:lang=language default-currency=Currency humanitarian=boolean hierarchy=int linked-data-uri=anyURI budget-not-provided',
  [
    one('iati-identifier', shape('', [], 'string')),
    one('reporting-org', shape('ref! type!=OrganisationType secondary-reporter=boolean', requiredWords)),
    one('title', text),
    some('description', shape('type=DescriptionType', requiredWords)),
    some(
      'participating-org',
      shape('ref type=OrganisationType role!=OrganisationRole activity-id crs-channel-code', words),
    ),
    many('other-identifier', shape('ref! type!', [opt('owner-org', shape('ref', words))])),
    one('activity-status', code('ActivityStatus')),
    some('activity-date', shape('type!=ActivityDateType iso-date!=date', words)),
    many('contact-info', contact),
    opt('activity-scope', code('ActivityScope')),
    many('recipient-country', shape('code!=Country percentage=decimal', words)),
    many('recipient-region', shape(`${region} percentage=decimal`, words)),
    many('location', location),
    many('sector', shape(`${sector} percentage=decimal`, words)),
    many('tag', shape('code! vocabulary! vocabulary-uri=anyURI', words)),
    opt(
      'country-budget-items',
      shape('vocabulary!', [some('budget-item', shape('code! percentage=decimal', [opt('description', text)]))]),
    ),
    many('humanitarian-scope', shape('type! vocabulary! vocabulary-uri=anyURI code!', words)),
    many(
      'policy-marker',
      shape('vocabulary=PolicyMarkerVocabulary vocabulary-uri=anyURI code! significance=PolicySignificance', words),
    ),
    opt('collaboration-type', code()),
    opt('default-flow-type', code()),
    opt('default-finance-type', code()),
    many('default-aid-type', aidType),
    opt('default-tied-status', code()),
    many('budget', shape('type=BudgetType status=BudgetStatus', period)),
    many(
      'planned-disbursement',
      shape('type=BudgetType', [
        one('period-start', day),
        opt('period-end', day),
        one('value', money),
        opt('provider-org', provider),
        opt('receiver-org', receiver),
      ]),
    ),
    opt('capital-spend', shape('percentage!=decimal')),
    many('transaction', transaction),
    many('document-link', documentLink),
    many('related-activity', closed(shape('ref! type!=RelatedActivityType'))),
    many('legacy-data', closed(shape('name! value! iati-equivalent=NMTOKEN'))),
    opt('conditions', shape('attached!=boolean', [many('condition', closed(shape('type!', requiredWords)))])),
    many('result', result),
    opt('crs-add', crsAdd),
    opt('fss', fss),
  ],
);

/** The root, `iati-activities`. */
export const activitiesShape: Shape = shape('version! generated-datetime=dateTime linked-data-default=anyURI', [
  some('iati-activity', activityShape),
]);
