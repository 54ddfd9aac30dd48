import { useEffect, useState } from 'preact/hooks';
import type { AheadView, NetworkView, Ahead as Wanted } from '../../core/protocol/network.ts';
import { Ahead } from '../../view/ahead.tsx';
import { useFit } from '../media/fit.ts';
import type { App } from '../shell/app.ts';
import { phoneSaves, saving } from '../shell/settings.ts';

/** As long as what was typed can be brought back. */
const UNDO_MS = 5_000;

interface AheadPartProps {
  readonly app: App;
  readonly network: NetworkView | undefined;
}

/** Pictures and recordings that come before anybody looks at them, on the network's page. */
export function AheadPart({ app, network }: AheadPartProps) {
  const fit = useFit();
  const [ahead, setAhead] = useState<AheadView>();
  const [isGoing, setGoing] = useState(false);
  useEffect(() => fit && app.client.watchAhead(fit, setAhead), [app, fit]);
  const stored = network?.policy.ahead;
  /** What was tapped, until it is stored: a box must not fall back for a moment. */
  const [tapped, setTapped] = useState<{ readonly wanted: Wanted | undefined }>();
  useEffect(() => setTapped(undefined), [JSON.stringify(stored)]);
  const wanted = tapped ? tapped.wanted : stored;

  useEffect(() => {
    const onChange = ({ target }: Event): void => {
      const box = target as HTMLInputElement;
      if (!fit || !/^ahead-/.test(box.name)) return;
      const pictures = box.name === 'ahead-pictures' ? box.checked && fit : wanted?.pictures;
      const recordings = box.name === 'ahead-recordings' ? box.checked : wanted?.recordings;
      const both: Wanted = { ...(pictures && { pictures }), ...(recordings && { recordings }) };
      const next = pictures || recordings ? both : undefined;
      setTapped({ wanted: next });
      app.client.setPolicy({ ahead: next });
    };
    const onClick = ({ target }: Event): void => {
      const id = (target as Element).closest('button')?.id;
      if (id === 'media-drop') setGoing(true);
      if (id === 'media-undo') setGoing(false);
    };
    addEventListener('change', onChange);
    addEventListener('click', onClick);
    return () => {
      removeEventListener('change', onChange);
      removeEventListener('click', onClick);
    };
  }, [app, fit, wanted]);

  // For five seconds it can be taken back; whoever goes on before that keeps them.
  useEffect(() => {
    if (!isGoing) return;
    const timer = setTimeout(() => {
      setGoing(false);
      // The button goes: whoever has no pointer goes on beside it.
      if (document.activeElement?.id === 'media-undo') document.querySelector<HTMLElement>('[name^="ahead-"]')?.focus();
      // Or they would come again.
      app.client.setPolicy({ ahead: undefined });
      app.client.dropMedia();
    }, UNDO_MS);
    return () => clearTimeout(timer);
  }, [app, isGoing]);

  if (!ahead || !network) return null;
  const link = app.client.status.value?.link;
  return (
    <Ahead
      v={app.context.value}
      ahead={ahead}
      bundle={network.policy.bundle}
      wanted={wanted}
      link={link}
      saving={saving.value === 'on'}
      phoneSaves={phoneSaves()}
      isGoing={isGoing}
    />
  );
}
