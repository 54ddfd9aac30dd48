import * as v from 'valibot';
import { parse } from 'yaml';
import { type ActivityBlock, activityBlock } from '../../../../server/iati/activity-block.ts';
import { linesIn } from '../../../../server/iati/block-lines.ts';
import type { SheetInput } from '../../../../server/iati/sheet-to-iati.ts';

/** The library's project sheet with a block as an author would write it. Who reports, and all codes, are of the test. */
export const ITEM = `kind: sheet
picture: mast
activity:
  identifier: XI-EXAMPLE-1-seed-000
  reporting:
    ref: XI-EXAMPLE-1
    type: other
    name: { fr: Centre d’accès, en: Access centre }
    secondary: true
  title: title
  descriptions:
    general: [summary, description]
    objectives: [results]
  organisations:
    - { name: { fr: UIT, en: ITU }, type: multilateral, role: [accountable, implementing] }
    - { name: { fr: PNUD, en: UNDP }, type: 40, role: implementing }
    - name: { fr: Gouvernement du Japon, en: Government of Japan }
      type: government
      role: funding
  status: closed
  dates:
    planned-start: "2004-06"
    planned-end: "2007-06"
  scope: multi-national
  regions:
    - { code: 289, percent: 25 }
    - { code: 498, percent: 25 }
    - { code: 798, percent: 25 }
    - { code: 589, percent: 25 }
  sectors:
    - { code: 22040, percent: 100 }
    - code: C2
      vocabulary: own
      percent: 100
      name: { fr: "L’infrastructure", en: Infrastructure }
  currency: USD
  budget:
    - { from: "2004-06", to: "2007-06", value: 2460000, status: indicative, type: original, split: years }
  related:
    - { ref: XI-EXAMPLE-1-programme, type: parent }
`;

export const blockOf = (yaml: string): ActivityBlock =>
  v.parse(activityBlock, (parse(yaml) as { activity: unknown }).activity);

export const TEXTS: SheetInput['texts'] = [
  {
    lang: 'fr',
    title: 'Un Internet abordable',
    summary: 'Découvrir un projet qui voulait rendre Internet moins cher, avec l’entraide des pays du Sud.',
    fields: [
      {
        key: 'title',
        value: { t: 'text', v: 'Connectivité Internet abordable, réseaux fédérateurs & points d’échange' },
      },
      {
        key: 'description',
        value: { t: 'list', v: ['Aider les pays en développement', 'Coordonner l’assistance <fournie>'] },
      },
      { key: 'results', value: ['Un solide réseau d’infrastructure en Afrique'] },
      { key: 'amount', value: { t: 'money', amount: 2460000, currency: 'USD', estimate: true } },
    ],
  },
  {
    lang: 'en',
    title: 'An affordable Internet',
    summary:
      'Meet a project that set out to make the Internet cheaper, with countries of the South helping each other.',
    fields: [
      { key: 'title', value: { t: 'text', v: 'Affordable Internet connectivity, backbones & exchange points' } },
      {
        key: 'description',
        value: { t: 'list', v: ['Help developing countries', 'Coordinate the assistance <given>'] },
      },
      { key: 'results', value: ['A robust infrastructure network in Africa'] },
    ],
  },
];

export const sheetOf = (yaml = ITEM, texts = TEXTS): SheetInput => ({
  file: 'content/project-connectivity/item.yml',
  block: blockOf(yaml),
  texts,
  lineOf: linesIn(yaml, 'activity'),
});
