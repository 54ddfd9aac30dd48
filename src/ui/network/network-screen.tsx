import { useEffect, useState } from 'preact/hooks';
import type { AnswerCounts, PolicyChange } from '../../core/api/worker-api.ts';
import type { LogEntry } from '../../core/protocol/log.ts';
import { nearOffer } from '../../core/protocol/near.ts';
import { dayOf, type NetworkView } from '../../core/protocol/network.ts';
import { Network } from '../../view/network.tsx';
import type { App } from '../shell/app.ts';
import { useLive } from '../shell/hooks.ts';
import { saving } from '../shell/settings.ts';
import { AheadPart } from './ahead-part.tsx';
import { NearPart } from './near-part.tsx';

const DAY_SECONDS = 86_400;

/** Bytes that the browser still gives; undefined where it does not say. */
const useRoom = (again: unknown): number | undefined => {
  const [room, setRoom] = useState<number>();
  useEffect(() => {
    void navigator.storage?.estimate?.().then(
      ({ quota, usage }) => quota !== undefined && setRoom(Math.max(0, quota - (usage ?? 0))),
      () => {},
    );
  }, [again]);
  return room;
};

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
  const room = useRoom(running);
  const [persisted, setPersisted] = useState<boolean>();
  useEffect(() => {
    void navigator.storage?.persisted?.().then(setPersisted, () => {});
  }, []);

  // Buttons and choices are the view's; what happens to them bubbles up to here.
  useEffect(() => {
    const change = (policy: PolicyChange): void => app.client.setPolicy(policy);
    const onClick = ({ target }: Event): void => {
      const id = (target as Element).closest('button')?.id;
      if (id === 'persist') void navigator.storage?.persist?.().then(setPersisted, () => {});
      if (id === 'ask') app.client.sendNow(true);
      if (id === 'pause') change({ paused: true });
      if (id === 'go-on') change({ paused: undefined });
      if (id === 'bundle-drop') change({ bundle: undefined });
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
  }, [app, network]);

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
      log={log}
      ahead={<AheadPart app={app} network={network} />}
      near={<NearPart app={app} network={network} />}
      isNearFirst={isOffered}
      checks={{
        library: status?.whole,
        pages: app.shell.state.value === 'ready' && app.shell.words.value.has(v.words),
        room,
        persisted,
        unsent: counts && counts.kept + counts.carried + counts.attention,
        // A clock that is behind what was signed is wrong: whoever set it back, dates on answers would lie.
        clock: status?.news === undefined || Date.now() / 1000 > status.news - DAY_SECONDS,
      }}
    />
  );
}
