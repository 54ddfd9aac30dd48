import { renderToString } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import { viewContext } from '../../../server/publish/site.ts';
import type { LogEntry } from '../../../src/core/protocol/log.ts';
import type { NetworkView } from '../../../src/core/protocol/network.ts';
import { Ahead } from '../../../src/view/ahead.tsx';
import { type Checks, Network } from '../../../src/view/network.tsx';

const v = viewContext('fr');
const traffic = { up: 0, down: 0, requests: 0 };
const network: NetworkView = { policy: {}, today: traffic, month: traffic, left: undefined, hold: undefined };
const checks: Checks = {
  ...{ library: true, pages: true, room: true, news: Date.parse('2026-03-01'), isOld: false, unsent: 0, clock: true },
  persisted: true,
};
const page = { v, running: false, network, checks, saving: false, log: [] };
const htmlOf = (props: Partial<Parameters<typeof Network>[0]>): string =>
  renderToString(<Network {...page} {...props} />).replaceAll('\u00a0', ' ');
/** What is told while somebody looks on. */
const statusOf = (props: Partial<Parameters<typeof Network>[0]>): string =>
  /<div role="status" class="now">(.*?)<\/div>/.exec(htmlOf(props))?.[1] ?? 'none';
const failed: LogEntry = { at: Date.now(), by: 'page', ok: false, code: 'portal', sent: 0, changed: 0 };

describe('what is under way', () => {
  it('leaves both buttons where they are, and what was tapped cannot be tapped again', () => {
    const html = htmlOf({ running: true, isAsked: true });
    expect(html).toMatch(/id="ask" aria-disabled="true".*id="pause".*role="status"/);
    expect(htmlOf({})).toMatch(/id="ask">.*id="pause".*role="status"/);
  });

  it('says nothing of a try that nobody asked for, until something comes', () => {
    expect(statusOf({ running: true })).toBe('');
    expect(statusOf({ running: true, isAsked: true })).toContain('On cherche…');
    expect(statusOf({ running: true, coming: { done: 1, total: 2 } })).toContain('<progress');
  });

  it('tells whoever tapped what came of it', () => {
    expect(statusOf({ outcome: failed, log: [failed] })).toContain('Ce Wi-Fi veut d’abord montrer sa page.');
    expect(statusOf({ log: [failed] })).toBe('');
  });
});

describe('whether one can leave', () => {
  const ready = 'Tout est prêt. Vous pouvez partir.';

  it('names the day of the last news, and old ones keep people at the link', () => {
    expect(htmlOf({})).toContain(ready);
    expect(htmlOf({})).toContain('Dernières nouvelles : 1 mars 2026');
    expect(htmlOf({ checks: { ...checks, isOld: true } })).not.toContain(ready);
  });

  it('says that there is room without a number where the browser hides it, and that there is none', () => {
    expect(htmlOf({})).toContain('Il y a encore de la place.');
    const full = htmlOf({ checks: { ...checks, room: false } });
    expect(full).toContain('Téléphone plein. Enlevez quelque chose.');
    expect(full).not.toContain(ready);
  });
});

it('says why pictures wait where the phone has its own switch on, as long as ours is off', () => {
  const why = 'Ce téléphone économise déjà : ça attend.';
  expect(htmlOf({})).not.toContain(why);
  expect(htmlOf({ phoneSaves: true })).toContain(why);
  expect(htmlOf({ phoneSaves: true, saving: true })).toContain('Les images attendent que vous les touchiez.');
  const share = { have: 0, all: 2, missing: 9 };
  const ahead = { pictures: share, recordings: share, stored: 0, busy: false, full: false };
  const aheadOf = (props: Partial<Parameters<typeof Ahead>[0]>): string =>
    renderToString(
      <Ahead
        v={v}
        ahead={ahead}
        bundle={undefined}
        wanted={{ recordings: true }}
        saving={false}
        isGoing={false}
        {...props}
      />,
    ).replaceAll('\u00a0', ' ');
  expect(aheadOf({})).not.toContain('attend');
  expect(aheadOf({ phoneSaves: true })).toContain(why);
  expect(aheadOf({ phoneSaves: true, wanted: undefined })).not.toContain(why);
  expect(aheadOf({ phoneSaves: true, saving: true })).not.toContain(why);
});

it('lines of one hour can be told apart', () => {
  const at = new Date(2026, 1, 3, 9, 5).getTime();
  expect(htmlOf({ log: [{ ...failed, at }] })).toContain('3 février 2026 9:05 : ');
});
