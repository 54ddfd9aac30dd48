import type { IatiActivity, Narrative, Part, Recipient, Vocabulary } from './activity.ts';
import type { XmlElement } from './xml.ts';

/**
 * An activity as elements, in the order of the schema. The writer writes them, and the rules that check files check
 * these too: each element has the line of the part that it was made of, so that a fault is told where the author wrote it.
 */
export const activityTree = (activity: IatiActivity): XmlElement => {
  const at = activity.line ?? 1;
  const { reporting } = activity;

  type Attributes = Readonly<Record<string, string | boolean | number | undefined>>;
  const element = (
    name: string,
    attributes: Attributes = {},
    children: readonly (XmlElement | undefined)[] = [],
    part: Part = {},
    text = '',
  ): XmlElement => ({
    name,
    line: part.line ?? at,
    attributes: new Map(
      Object.entries(attributes).flatMap(([key, value]): [string, string][] =>
        value === undefined ? [] : [[key, typeof value === 'boolean' ? (value ? '1' : '0') : String(value)]],
      ),
    ),
    children: children.filter((child) => child !== undefined),
    text,
  });
  const narratives = (texts: readonly Narrative[], part?: Part): XmlElement[] =>
    texts.map(({ lang, text }) =>
      element('narrative', { 'xml:lang': lang === activity.lang ? undefined : lang }, [], part, text),
    );
  const worded = (name: string, texts: readonly Narrative[], part?: Part): XmlElement | undefined =>
    texts.length > 0 ? element(name, {}, narratives(texts, part), part) : undefined;
  const coded = (name: string, code: string | undefined, part?: Part): XmlElement | undefined =>
    code === undefined ? undefined : element(name, { code }, [], part);
  const day = (name: string, value: string, part?: Part): XmlElement => element(name, { 'iso-date': value }, [], part);
  const plain = (name: string, text: string, part?: Part): XmlElement => element(name, {}, [], part, text);
  const vocabulary = (of: Vocabulary): Attributes => ({
    vocabulary: of.vocabulary,
    'vocabulary-uri': of.vocabularyUri,
  });
  const recipient = (name: string, of: Recipient & Vocabulary): XmlElement =>
    element(name, { ...vocabulary(of), code: of.code, percentage: of.percentage }, narratives(of.name, of), of);

  return element(
    'iati-activity',
    {
      'last-updated-datetime': activity.updated,
      'xml:lang': activity.lang,
      'default-currency': activity.currency,
      humanitarian: activity.humanitarian,
      hierarchy: activity.hierarchy,
    },
    [
      plain('iati-identifier', activity.identifier),
      element(
        'reporting-org',
        { ref: reporting.ref, type: reporting.type, 'secondary-reporter': reporting.secondary },
        narratives(reporting.name, reporting),
        reporting,
      ),
      element('title', {}, narratives(activity.title)),
      ...activity.descriptions.map((of) => element('description', { type: of.type }, narratives(of.text, of), of)),
      ...activity.participating.map((of) =>
        element(
          'participating-org',
          { ref: of.ref, type: of.type, role: of.role, 'activity-id': of.activityId },
          narratives(of.name, of),
          of,
        ),
      ),
      ...activity.otherIdentifiers.map((of) =>
        element(
          'other-identifier',
          { ref: of.ref, type: of.type },
          of.owner && [element('owner-org', { ref: of.owner.ref }, narratives(of.owner.name, of), of)],
          of,
        ),
      ),
      coded('activity-status', activity.status),
      ...activity.dates.map((of) =>
        element('activity-date', { 'iso-date': of.day, type: of.type }, narratives(of.text, of), of),
      ),
      ...activity.contacts.map((of) =>
        element(
          'contact-info',
          { type: of.type },
          [
            worded('organisation', of.organisation, of),
            worded('department', of.department, of),
            worded('person-name', of.person, of),
            worded('job-title', of.job, of),
            ...of.telephones.map((text) => plain('telephone', text, of)),
            ...of.emails.map((text) => plain('email', text, of)),
            ...of.websites.map((text) => plain('website', text, of)),
            ...of.addresses.map((texts) => worded('mailing-address', texts, of)),
          ],
          of,
        ),
      ),
      coded('activity-scope', activity.scope),
      ...activity.countries.map((of) => recipient('recipient-country', of)),
      ...activity.regions.map((of) => recipient('recipient-region', of)),
      ...activity.sectors.map((of) => recipient('sector', of)),
      ...activity.markers.map((of) =>
        element(
          'policy-marker',
          { ...vocabulary(of), code: of.code, significance: of.significance },
          narratives(of.name, of),
          of,
        ),
      ),
      ...activity.budgets.map((of) =>
        element(
          'budget',
          { type: of.type, status: of.status },
          [
            day('period-start', of.from, of),
            day('period-end', of.to, of),
            element('value', { currency: of.currency, 'value-date': of.valueDate }, [], of, of.value),
          ],
          of,
        ),
      ),
      ...activity.documents.map((of) =>
        element(
          'document-link',
          { format: of.format, url: of.url },
          [
            element('title', {}, narratives(of.title, of), of),
            worded('description', of.description, of),
            ...of.categories.map((code) => coded('category', code, of)),
            ...of.languages.map((code) => coded('language', code, of)),
            of.day === undefined ? undefined : day('document-date', of.day, of),
          ],
          of,
        ),
      ),
      ...activity.related.map((of) => element('related-activity', { ref: of.ref, type: of.type }, [], of)),
    ],
  );
};

/** The whole document. */
export const documentTree = (activities: readonly IatiActivity[], generated?: string): XmlElement => ({
  name: 'iati-activities',
  line: 1,
  attributes: new Map([
    ['version', '2.03'],
    ...(generated === undefined ? [] : ([['generated-datetime', generated]] as [string, string][])),
  ]),
  children: activities.map(activityTree),
  text: '',
});
