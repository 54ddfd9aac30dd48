import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import en from '../../../locales/en.json';
import { cardOf } from '../../../src/core/protocol/card.ts';
import {
  type BulletinItem,
  FACETS,
  type FacetNames,
  type FormItem,
  type LibraryItem,
  NEEDS,
  READABLE_KINDS,
  type SheetItem,
} from '../../../src/core/protocol/item.ts';
import type { LogEntry } from '../../../src/core/protocol/log.ts';
import type { NetworkView, Policy } from '../../../src/core/protocol/network.ts';
import { pseudo } from '../../../src/i18n/pseudo.ts';
import { translator } from '../../../src/i18n/translator.ts';
import { MyAnswers } from '../../../src/view/answers.tsx';
import { Article } from '../../../src/view/article.tsx';
import type { AnswerState, ViewContext } from '../../../src/view/context.ts';
import { Filters } from '../../../src/view/filters.tsx';
import { AnswerForm } from '../../../src/view/form.tsx';
import { Bar, Header, Languages, SkipLink } from '../../../src/view/frame.tsx';
import { Home } from '../../../src/view/home.tsx';
import { Kept } from '../../../src/view/kept.tsx';
import { LinkMark } from '../../../src/view/link-mark.tsx';
import { ListPage, Ways } from '../../../src/view/list.tsx';
import { Missing } from '../../../src/view/missing.tsx';
import { More } from '../../../src/view/more.tsx';
import { Network, PlainNetwork } from '../../../src/view/network.tsx';
import { Notice } from '../../../src/view/notice.tsx';
import { StateBadge } from '../../../src/view/state.tsx';

/** Every view in the pseudo locale: what a reader sees comes from `locales/` or from the library, never from a view. */

/** Stands for text of the library and for what formatters write. */
const own = (text: string): string => `¤${text}¤`;
const tell = translator('en', pseudo(en));
const asked: string[] = [];
const v: ViewContext = {
  lang: 'qps-plocm',
  words: 'qps-plocm',
  dir: 'rtl',
  draft: true,
  t: (key, values) => {
    asked.push(key);
    return tell(key, values);
  },
  icon: '',
  formatters: {
    date: () => own('lundi 3 h'),
    list: (names) => names.join(' '),
    moment: () => own('lundi 3 h 05'),
    hour: () => own('22 h'),
    day: () => own('1er mai'),
    month: () => own('mai'),
    number: (value) => String(value),
    money: () => own('5 USD'),
  },
};

/** Without the pseudo locale's strings, those inside of others first. */
const withoutIsolates = (text: string): string => {
  const less = text.replaceAll(/\u2067[^\u2067\u2069]*\u2069/g, '');
  return less === text ? text : withoutIsolates(less);
};

/** What a person reads or hears: text and spoken attributes, without the pseudo locale's and the library's. */
const foreign = (view: VNode): string[] => {
  const html = renderToString(view);
  const spoken = [...html.matchAll(/ (?:aria-label|title|alt|placeholder)="([^"]*)"/g)].map(([, text]) => text ?? '');
  const read = html.replaceAll(/<[^>]+>/g, '\n');
  return [...spoken, read].flatMap(
    (text) =>
      withoutIsolates(text)
        .replaceAll(/¤[^¤]*¤/g, '')
        .match(/\p{L}+(?:[ .]\p{L}+)*/gu) ?? [],
  );
};

const languages = ['fr', 'en'].map((lang) => ({ lang, name: own(lang), href: `/${lang}/` }));
const common = { v: 1, id: 'pump', lang: 'qps-plocm', rev: 1, title: own('La pompe') } as const;
const text = [own('Un'), { t: 'b' as const, c: [own('puits')] }, { t: 'cite' as const, s: 'a' }];
const item: LibraryItem = {
  ...common,
  kind: 'case',
  summary: own('Un puits'),
  place: own('Niger'),
  picture: 'millet',
  order: 1,
  tags: ['need:money'],
  related: [],
  body: [
    { t: 'h', l: 2, c: text },
    { t: 'h', l: 3, c: text },
    { t: 'p', c: text },
    { t: 'ul', c: [text] },
    { t: 'table', head: [text], rows: [[text]] },
    { t: 'formula', lines: [own('a = b')] },
    { t: 'register', title: own('R'), columns: [own('A')], example: [[own('x')]], lines: 3 },
    { t: 'note', k: 'note', c: [{ t: 'p', c: text }] },
    { t: 'note', k: 'unsure', c: [{ t: 'p', c: text }] },
  ],
  sources: [
    { id: 'a', title: own('A'), by: own('B'), date: '2005', at: own('example.org'), certainty: 'says', note: own('?') },
    { id: 'b', title: own('B'), certainty: 'unsure' },
  ],
  review: { state: 'machine-draft' },
  licence: own('CC BY 4.0'),
  form: 'short',
};
const fields: SheetItem['fields'] = [
  { key: 'a', label: own('Titre'), value: { t: 'text', v: own('x') }, inferred: true, note: own('n') },
  { key: 'b', label: own('Liste'), value: { t: 'list', v: [own('x')] } },
  { key: 'c', label: own('Prix'), value: { t: 'money', amount: 5, currency: 'USD', estimate: true } },
  { key: 'd', label: own('Temps'), value: { t: 'period', from: '2003-01', to: '2005-12' } },
  { key: 'e', label: own('Lignes'), value: { t: 'codes', v: [{ code: own('C2'), title: own('x') }] } },
];
const { kind: _, ...any } = item;
const bulletin: BulletinItem = {
  ...any,
  kind: 'bulletin',
  tags: ['need:notices'],
  area: own('Tillia'),
  urgency: 1,
  issued: '2026-05-01',
  until: '2026-06-01',
  approved: { by: own('B'), on: '2026-05-01' },
};
const kinds: readonly LibraryItem[] = [
  item,
  { ...any, kind: 'sheet', fields },
  { ...any, kind: 'guide', who: own('x'), time: own('x'), tools: [own('x')] },
  ...([1, 2, 3] as const).map((urgency) => ({ ...bulletin, urgency })),
  { ...any, kind: 'story', community: own('x'), told: 'a' },
  { ...any, kind: 'story', community: own('x'), consent: { record: own('x'), on: '2026-05-01' } },
  { ...any, kind: 'reference', type: 'glossary', gone: true, terms: [{ term: own('x'), says: own('x') }] },
];
const names: readonly FacetNames[] = FACETS.map((facet) => ({
  facet,
  values: NEEDS.map((need) => [need, own('x')] as const),
}));
const reading = { v, centre: own('Centre'), fingerprint: own('abcdefg'), today: '2026-05-15', related: [] };
const form: FormItem = {
  ...common,
  kind: 'form',
  version: 1,
  addressee: 'centre',
  submit: own('Envoyer'),
  questions: [
    {
      type: 'select_one',
      name: 'helped',
      label: own('Ça aide ?'),
      required: false,
      appearance: 'faces',
      choices: [{ name: 'yes', label: own('Oui'), icon: 'face-yes' }],
    },
    { type: 'text', name: 'words', label: own('Quoi ?'), hint: own('Sans nom'), required: false, max: 500 },
  ],
};
const log: readonly LogEntry[] = [
  { at: 2, by: 'page', ok: true, changed: 2, sent: 1, up: 1_000, down: 2_000_000, ms: 9_000 },
  { at: 1, by: 'page', ok: false, changed: 0, sent: 0, code: 'tampered', details: own('{}') },
];
const traffic = { up: 1, down: 2e9, requests: 1 };
const networkOf = (policy: Policy, rest: Partial<NetworkView> = {}): NetworkView => ({
  policy,
  today: traffic,
  month: traffic,
  left: undefined,
  hold: undefined,
  ...rest,
});
const bundle = { bytes: 4e8, price: own('500 F'), from: '2026-11-10', until: '2026-11-16' };
const well = { library: true, pages: true, room: 1e9, news: 1, isOld: false, unsent: 0, clock: true, persisted: true };
const badly = {
  library: false,
  pages: false,
  room: 1e6,
  news: 1,
  isOld: true,
  unsent: 2,
  clock: false,
  persisted: false,
};
const networkPage = { v, running: false, network: networkOf({}), checks: well, saving: false, log: [] };

const answers = { kept: 1, held: 1, arrived: 2, attention: 1 };
const mine = (['kept', 'centre', 'attention'] as const).map((state) => ({
  number: '12345678',
  title: own('x'),
  state,
}));
const reviews: readonly LibraryItem['review'][] = [
  { state: 'human-draft' },
  { state: 'reviewed' },
  { state: 'reviewed', by: own('B') },
  { state: 'reviewed', by: own('B'), on: '2026-05-01' },
];
const states: readonly AnswerState[] = ['draft', 'kept', 'centre', 'organisation', 'reply', 'attention'];
const more = { v, languages, fingerprint: own('abc'), version: own('1.1'), licence: own('CC') };

const home = { v, centre: own('Centre'), today: '2026-05-15', names, languages };

const views: Readonly<Record<string, VNode | readonly VNode[]>> = {
  'the frame': [
    <SkipLink key="s" v={v} />,
    <Header key="h" v={v} title={own('Centre')} sub={own('sub')} />,
    <Bar key="b" v={v} current="home" />,
    <Languages key="l" v={v} languages={languages} />,
  ],
  'the first page': [
    <Home key="0" {...home} items={[]} />,
    <Home key="1" {...home} items={[cardOf(item), cardOf(bulletin)]} news={['pump']} />,
    <Home key="2" {...home} items={kinds.map(cardOf)} />,
  ],
  'lists of items': [
    <ListPage key="0" v={v} title={own('x')} items={kinds.map(cardOf)} pages={{ before: '/a', after: '/b' }} />,
    <ListPage key="1" v={v} title={own('x')} items={[]}>
      <Filters v={v} label={v.t('search.label')} names={names} kinds={READABLE_KINDS} open />
    </ListPage>,
    <Ways key="2" v={v} names={names} items={kinds.map(cardOf)} />,
  ],
  'every kind of item': kinds.map((one) => (
    <Article key={one.kind} {...reading} item={one} related={[cardOf(item)]} languages={languages} />
  )),
  'a withdrawn notice': <Article {...reading} item={{ ...bulletin, until: '2026-01-01' }} />,
  'a text in place of another, from a machine': (
    <Article {...reading} item={{ ...item, lang: 'fr', review: { state: 'machine-draft', of: 'en' } }} />
  ),
  'every state of review': reviews.map((review) => <Article key={review.by} {...reading} item={{ ...item, review }} />),
  'a form': <AnswerForm v={v} form={form} itemId="pump" />,
  'what was kept': [
    <Kept key="k" v={v} number="12345678" state="kept" />,
    <Kept key="h" v={v} number="12345678" state="held" />,
    <Kept key="c" v={v} number="12345678" state="centre" />,
  ],
  'my answers': [
    <MyAnswers key="0" v={v} mine={[]} counts={answers} found="unknown" />,
    <MyAnswers key="p" v={v} plain mine={[]} counts={answers} />,
    <MyAnswers key="1" v={v} mine={mine} counts={answers} found={{ number: '12345678', state: 'centre' }} />,
  ],
  'every state': states.map((state) => <StateBadge key={state} v={v} state={state} organisation={own('ONG')} />),
  'the link': (['on', 'off', 'busy'] as const).flatMap((state) => [<LinkMark key={state} v={v} state={state} />]),
  'what is missing': [<Missing key="l" v={v} known={true} />, <Missing key="n" v={v} known={false} />],
  'a notice': [
    <Notice key="i" v={v} kind="info">
      {own('x')}
    </Notice>,
    <Notice key="d" v={v} kind="danger">
      {own('x')}
    </Notice>,
  ],
  'the network': [
    <Network key="0" {...networkPage} />,
    <Network
      key="1"
      {...networkPage}
      running
      coming={{ done: 1, total: 2, seconds: 9 }}
      checks={badly}
      log={log}
      saving
    />,
    <Network key="2" {...networkPage} running network={networkOf({ paused: true, daily: 1e6, bundle }, { left: 3 })} />,
    <Network key="3" {...networkPage} network={networkOf({ bundle }, { hold: 'daily' })} />,
    <Network key="4" {...networkPage} network={networkOf({}, { hold: 'bundle' })} />,
    <Network key="5" {...networkPage} network={networkOf({ hours: { from: 22, to: 6 } }, { hold: 'hours' })} />,
    <Network key="6" {...networkPage} running isAsked checks={{ ...well, room: true }} />,
    <Network key="7" {...networkPage} outcome={log[1]} checks={{ ...well, room: false }} />,
    <PlainNetwork key="p" v={v} />,
  ],
  'everything else': [
    <More key="0" {...more} fingerprint={undefined} persisted={true} />,
    <More
      key="1"
      {...more}
      languages={languages.map((language, index) => ({ ...language, kept: index > 0 }))}
      persisted={false}
    />,
  ],
};

describe('a view has no words of its own', () => {
  it.each(Object.entries(views))('%s', (_, view) => {
    expect([view].flat().flatMap((one) => foreign(one as VNode))).toEqual([]);
  });

  it('and a word that stood in a view would be found', () => {
    expect(foreign(<nav aria-label="Fermer">{own('Oui')} Envoyer maintenant</nav>)).toEqual([
      'Fermer',
      'Envoyer maintenant',
    ]);
    expect(foreign(<p>{v.t('there.is-none')}</p>)).not.toEqual([]);
  });

  it('asks for keys that exist only', () => {
    expect(asked.length).toBeGreaterThan(100);
    expect([...new Set(asked)].filter((key) => key !== 'there.is-none' && tell(key, { count: 2 }) === key)).toEqual([]);
  });
});
