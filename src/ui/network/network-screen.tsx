import { useEffect, useRef, useState } from 'preact/hooks';
import type { AnswerCounts, PolicyChange } from '../../core/api/worker-api.ts';
import type { LogEntry } from '../../core/protocol/log.ts';
import { nearOffer } from '../../core/protocol/near.ts';
import { dayOf, type NetworkView } from '../../core/protocol/network.ts';
import { Network } from '../../view/network.tsx';
import type { App } from '../shell/app.ts';
import { useLive } from '../shell/hooks.ts';
import { phoneSaves, saving } from '../shell/settings.ts';
import { AheadPart } from './ahead-part.tsx';
import { NearPart } from './near-part.tsx';
import { roomLeft } from './room.ts';

const DAY_SECONDS = 86_400;

/** News of so long ago are old: whoever leaves takes them along for weeks more. */
const OLD_SECONDS = 30 * DAY_SECONDS;

/** The page of the network, from what this device knows. */
export function NetworkScreen({ app }: { readonly app: App }) {
  const v = app.context.value;
  const status = app.client.status.value;
  const network = useLive<NetworkView>((listener) => app.client.watchNetwork(listener), []);
  const counts = useLive<AnswerCounts>((listener) => app.client.watchAnswers([], listener), []);
  const [log, setLog] = useState<readonly LogEntry[]>([]);
  const running = status?.phase === 'running';
  // Read again after each sync.
  useEffect(() => {
    void app.client.log().then(setLog, () => {});
  }, [app, running, network]);
  // Where it stands stays: it is not to jump once the offer was taken.
  const [isOffered] = useState(() => nearOffer(location.hash) !== undefined);
  const [room, setRoom] = useState<number | boolean>();
  useEffect(() => void roomLeft().then(setRoom, () => {}), []);
  /** When a person tapped for news, until something else is said of the link. */
  const [asked, setAsked] = useState<number>();
  const outcome = asked !== undefined && log[0] !== undefined && log[0].at >= asked ? log[0] : undefined;
  const isAsked = asked !== undefined && outcome === undefined;
  const [persisted, setPersisted] = useState<boolean>();
  useEffect(() => {
    void navigator.storage?.persisted?.().then(setPersisted, () => {});
  }, []);

  // The form or the button that was used has gone: whoever has no pointer goes on at what took its place.
  const hasBundle = network?.policy.bundle !== undefined;
  const isFollowed = useRef(false);
  useEffect(() => {
    if (isFollowed.current) document.getElementById(hasBundle ? 'bundle-left' : 'bundle-price')?.focus();
    isFollowed.current = false;
  }, [hasBundle]);

  // Buttons and choices are the view's; what happens to them bubbles up to here.
  useEffect(() => {
    const change = (policy: PolicyChange): void => app.client.setPolicy(policy);
    const onClick = ({ target }: Event): void => {
      const id = (target as Element).closest('button')?.id;
      if (id === 'persist') void navigator.storage?.persist?.().then(setPersisted, () => {});
      if (id === 'ask' && !(running && isAsked)) {
        setAsked(Date.now());
        app.client.sendNow(true);
      }
      if (id === 'pause') change({ paused: true });
      if (id === 'go-on') change({ paused: undefined });
      if (id === 'bundle-drop') {
        isFollowed.current = true;
        change({ bundle: undefined });
      }
      if (id !== 'saving') return;
      saving.value = saving.value === 'on' ? 'off' : 'on';
      change({ saving: saving.value === 'on' });
    };
    const onChange = ({ target }: Event): void => {
      const { id, value } = target as HTMLSelectElement;
      const hours = network?.policy.hours;
      if (id === 'daily') change({ daily: value === '' ? undefined : Number(value) });
      if (id === 'hours-from')
        change({
          hours: value === '' ? undefined : { from: Number(value), to: hours?.to ?? (Number(value) + 6) % 24 },
        });
      if (id === 'hours-to' && hours) change({ hours: { ...hours, to: Number(value) } });
    };
    const onSubmit = (event: Event): void => {
      const form = event.target as HTMLFormElement;
      if (form.id !== 'bundle') return;
      event.preventDefault();
      isFollowed.current = true;
      const text = (name: string): string => String(new FormData(form).get(name) ?? '').trim();
      const until = text('until');
      change({
        bundle: {
          bytes: Number(text('size')) * 1e6,
          price: text('price'),
          from: dayOf(Date.now()),
          ...(until && { until }),
        },
      });
    };
    addEventListener('click', onClick);
    addEventListener('change', onChange);
    addEventListener('submit', onSubmit);
    return () => {
      removeEventListener('click', onClick);
      removeEventListener('change', onChange);
      removeEventListener('submit', onSubmit);
    };
  }, [app, network, running, isAsked]);

  const { done = 0, total, speed = 0 } = status?.progress ?? {};
  const seconds = total !== undefined && speed > 0 ? (total - done) / speed : undefined;
  return (
    <Network
      v={v}
      running={running}
      coming={total === undefined ? undefined : { done, total, ...(seconds !== undefined && { seconds }) }}
      link={status?.link}
      network={network}
      saving={saving.value === 'on'}
      phoneSaves={phoneSaves()}
      log={log}
      isAsked={isAsked}
      outcome={outcome}
      ahead={<AheadPart app={app} network={network} />}
      near={<NearPart app={app} network={network} />}
      isNearFirst={isOffered}
      checks={{
        library: status?.whole,
        pages: app.shell.state.value === 'ready' && app.shell.words.value.has(v.words),
        // What a write has found counts more than what is reckoned.
        room: status?.problem === 'full' ? false : room,
        news: status?.news && status.news * 1000,
        isOld: status?.news !== undefined && Date.now() / 1000 > status.news + OLD_SECONDS,
        persisted,
        unsent: counts && counts.kept + counts.carried + counts.attention,
        // A clock that is behind what was signed is wrong: whoever set it back, dates on answers would lie.
        clock: status?.news === undefined || Date.now() / 1000 > status.news - DAY_SECONDS,
      }}
    />
  );
}
