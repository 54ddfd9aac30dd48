import type { ComponentChild } from 'preact';
import type { LogEntry } from '../core/protocol/log.ts';
import type { Link, NetworkView } from '../core/protocol/network.ts';
import { refusedIn, refusedWords } from './carry-refusal.ts';
import type { ViewContext } from './context.ts';
import { Icon } from './icon.tsx';
import { Cost } from './network-cost.tsx';
import { lengthText, sizeText } from './size.ts';

/** What a device that leaves the network should have; undefined: nobody knows yet. */
export interface Checks {
  readonly library: boolean | undefined;
  readonly pages: boolean;
  /** Bytes that are free, or whether there is enough where no size is known. */
  readonly room: number | boolean | undefined;
  /** Milliseconds since 1970, when the newest news was signed; and whether that is long ago. */
  readonly news: number | undefined;
  readonly isOld: boolean;
  /** Answers that wait, or need a person. */
  readonly unsent: number | undefined;
  readonly clock: boolean;
  /** Whether the browser has promised to keep it all. */
  readonly persisted: boolean | undefined;
}

/** Below so many bytes, the next recording may find no room. */
export const LITTLE_ROOM = 20_000_000;

interface NetworkProps {
  readonly v: ViewContext;
  readonly running: boolean;
  /** Of what is under way: bytes, and seconds that are left where anybody can tell. */
  readonly coming?: { readonly done: number; readonly total: number; readonly seconds?: number } | undefined;
  /** What the link was like when it was last used. */
  readonly link?: Readonly<Link> | undefined;
  readonly network: NetworkView | undefined;
  readonly checks: Checks;
  readonly saving: boolean;
  /** The phone's own switch for that is on. */
  readonly phoneSaves?: boolean;
  readonly log: readonly LogEntry[];
  /** A person has tapped for news, and waits. */
  readonly isAsked?: boolean;
  /** What came of that. */
  readonly outcome?: LogEntry | undefined;
  /** What comes before anybody looks at it. */
  readonly ahead?: ComponentChild;
  /** A hub on the same Wi-Fi. */
  readonly near?: ComponentChild;
  /** One is offered: it is what the page was opened for. */
  readonly isNearFirst?: boolean;
}

/** The network's page: what is under way, whether one can leave, what it costs, what came. Buttons have ids; what they do is the screen's. */
export function Network(props: NetworkProps) {
  const { v, network, checks, saving, phoneSaves, log, ahead, near, isNearFirst = false } = props;
  return (
    <section class="more">
      <h1>{v.t('network.title')}</h1>
      {isNearFirst && near}
      <Now {...props} />
      <button type="button" class="act" id="saving" aria-pressed={saving}>
        {saving && <Icon v={v} name="tick" />}
        {v.t('media.saving')}
      </button>
      <p class="sub">{v.t(phoneSaves && !saving ? 'media.savingPhone' : 'media.savingHint')}</p>
      <Ready v={v} checks={checks} />
      {network && <Cost v={v} network={network} />}
      {ahead}
      {!isNearFirst && near}
      <h2>{v.t('more.log')}</h2>
      {log.length === 0 && <p>{v.t('more.logEmpty')}</p>}
      <ul id="log" class="codes">
        {log.map((entry) => (
          <SyncLine key={entry.at} v={v} entry={entry} />
        ))}
      </ul>
    </section>
  );
}

/** The buttons stand above what is said of it, and stay: a second tap meets what the first one met. */
function Now({ v, running, coming, link, network, isAsked, outcome, isNearFirst = false }: NetworkProps) {
  const paused = network?.policy.paused === true;
  const isComing = running && coming !== undefined;
  return (
    <>
      <div class="choices">
        {/* One amber button: what was scanned comes first. */}
        <button
          type="button"
          class={isNearFirst && !network?.policy.near ? 'act' : 'act go'}
          id="ask"
          aria-disabled={(running && isAsked) || undefined}
        >
          {v.t('network.ask')}
        </button>
        <button type="button" class="act" id={paused ? 'go-on' : 'pause'}>
          {v.t(paused ? 'network.goOn' : 'network.pause')}
        </button>
      </div>
      <div role="status" class="now">
        {paused && <p>{v.t('network.paused')}</p>}
        {isComing && <Coming v={v} coming={coming} />}
        {/* Of a try that nobody asked for, there is nothing to say until something comes. */}
        {running && !isComing && isAsked && <p>{v.t('network.asking')}</p>}
        {!running && !paused && network?.hold && <Hold v={v} network={network} />}
        {!running && outcome && <p>{outcomeText(v, outcome)}</p>}
      </div>
      {link?.speed !== undefined && link.roundTrip !== undefined && (
        <p class="sub">
          {v.t('network.link', {
            size: sizeText(v, link.speed),
            time: lengthText(v, Math.ceil(link.roundTrip / 1000)),
          })}
        </p>
      )}
    </>
  );
}

export function Coming({
  v,
  coming,
}: {
  readonly v: ViewContext;
  readonly coming: NonNullable<NetworkProps['coming']>;
}) {
  const { done, total, seconds } = coming;
  return (
    <>
      <progress max={total} value={done} aria-label={v.t('link.busy')} />
      <p>
        {v.t('network.coming', { done: sizeText(v, done), total: sizeText(v, total) })}
        {seconds !== undefined &&
          ` · ${v.t('network.timeLeft', { time: lengthText(v, Math.max(1, Math.round(seconds))) })}`}
      </p>
    </>
  );
}

function Hold({ v, network }: { readonly v: ViewContext; readonly network: NetworkView }) {
  const { hold, policy } = network;
  const hours = policy.hours && { from: v.formatters.hour(policy.hours.from), to: v.formatters.hour(policy.hours.to) };
  return (
    <>
      {hold === 'hours' && hours && <p>{v.t('network.holdHours', hours)}</p>}
      {hold === 'daily' && <p>{v.t('network.holdDaily')}</p>}
      {hold === 'bundle' && <p>{v.t('network.holdBundle')}</p>}
      <p class="sub">{v.t('network.allTheSame')}</p>
    </>
  );
}

function Ready({ v, checks }: { readonly v: ViewContext; readonly checks: Checks }) {
  const { library, pages, room, news, isOld, unsent, clock, persisted } = checks;
  const lines: (readonly [boolean, string])[] = [
    [library === true, v.t(library ? 'network.libraryYes' : 'network.libraryNo')],
    [pages, v.t(pages ? 'network.pagesYes' : 'network.pagesNo')],
    [clock, v.t(clock ? 'network.clockYes' : 'network.clockNo')],
  ];
  if (unsent !== undefined)
    lines.push([unsent === 0, unsent === 0 ? v.t('network.sentYes') : v.t('network.sentNo', { count: unsent })]);
  if (news !== undefined) lines.push([!isOld, v.t('link.lastNews', { when: v.formatters.date(news) })]);
  if (typeof room === 'number') {
    const enough = room >= LITTLE_ROOM;
    lines.push([enough, v.t(enough ? 'network.roomYes' : 'network.roomNo', { size: sizeText(v, room) })]);
  } else if (room !== undefined) lines.push([room, v.t(room ? 'network.roomSome' : 'network.why.full')]);
  // Not among them: many a browser never promises it, and one can leave all the same.
  const all = lines.every(([fine]) => fine);
  if (persisted !== undefined) lines.push([persisted, v.t(persisted ? 'more.storageKept' : 'more.storageLoose')]);
  return (
    <>
      <h2>{v.t('network.ready')}</h2>
      <p>
        <b>{v.t(all ? 'network.readyYes' : 'network.readyNo')}</b>
      </p>
      <ul id="ready" class="codes choices">
        {lines.map(([fine, text]) => (
          <li key={text} class={fine ? 'state is-centre' : 'state'}>
            <Icon v={v} name={fine ? 'tick' : 'hand'} />
            <span>{text}</span>
          </li>
        ))}
      </ul>
      {persisted === false && (
        <button type="button" class="act" id="persist">
          {v.t('more.storageAsk')}
        </button>
      )}
    </>
  );
}

interface LineProps {
  readonly v: ViewContext;
  readonly entry: LogEntry;
  /** Why it failed, where this is no phone: its operator is told the details as well. */
  readonly why?: string;
}

/** How a sync ended. */
const outcomeText = (v: ViewContext, entry: LogEntry, why?: string): string => {
  const { at, by, ok, code = 'no-link', details, changed } = entry;
  const when = v.formatters.moment(at);
  if (ok) return v.t('more.logItems', { count: changed, when });
  return v.t('network.failed', {
    when,
    why: why ?? (by === 'carried' ? refusedWords(v, code, refusedIn(details)) : v.t(`network.why.${code}`)),
  });
};

/** What is known without any details of it. */
const PLAIN_ENDS: ReadonlySet<LogEntry['code']> = new Set(['no-link', 'portal', 'cut', 'paused']);

/** One sync in plain words. What went wrong in which byte, a phone keeps and does not show. */
export function SyncLine({ v, entry, why }: LineProps) {
  const { by, ok, code, details, sent, up = 0, down = 0, ms } = entry;
  const more = [
    ...(by === 'carried' ? [v.t('carry.title')] : []),
    ...(by === 'near' ? [v.t('near.by')] : []),
    ...(sent > 0 ? [v.t('network.sent', { count: sent })] : []),
    ...(up + down > 0 ? [sizeText(v, up + down)] : []),
    ...(ms !== undefined && ms >= 1_000 ? [lengthText(v, Math.round(ms / 1000))] : []),
  ];
  return (
    <li>
      {outcomeText(v, entry, why)}
      {more.length > 0 && <small>{` · ${more.join(' · ')}`}</small>}
      {why !== undefined && !ok && by !== 'carried' && !PLAIN_ENDS.has(code) && details && (
        <small>
          {' '}
          <code dir="ltr">{details}</code>
        </small>
      )}
    </li>
  );
}

/** The same page before any script, or without one: what the network is used for can only be told by a script. */
export function PlainNetwork({ v }: { readonly v: ViewContext }) {
  return (
    <section class="more">
      <h1>{v.t('network.title')}</h1>
      <p>{v.t('more.logEmpty')}</p>
    </section>
  );
}
