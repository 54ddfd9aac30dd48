import { useEffect, useState } from 'preact/hooks';
import { nearOffer, nearOrigin } from '../../core/protocol/near.ts';
import type { NetworkView } from '../../core/protocol/network.ts';
import { Near, type NearTold } from '../../view/near.tsx';
import type { App } from '../shell/app.ts';

interface NearPartProps {
  readonly app: App;
  readonly network: NetworkView | undefined;
}

/** Chromium from 142 on, over https. All others stop plain http before anybody is asked. */
const isAble = (): boolean => isSecureContext && 'targetAddressSpace' in Request.prototype;

/** The app's own page, whose policy lets it go there (docs/security.md); one that the hub wrote becomes it when it is loaded again. */
const isShell = (): boolean => 'shell' in document.documentElement.dataset;

/** The hub on this Wi-Fi, on the network's page. */
export function NearPart({ app, network }: NearPartProps) {
  const [offer, setOffer] = useState(() => nearOffer(location.hash));
  const [told, setTold] = useState<NearTold>();
  /** What was asked for last. */
  const [address, setAddress] = useState(offer);
  const { near } = network?.policy ?? {};
  useEffect(() => {
    // A second code, photographed while the page is open.
    const onHash = (): void => {
      setOffer(nearOffer(location.hash));
      setTold(undefined);
    };
    addEventListener('hashchange', onHash);
    return () => removeEventListener('hashchange', onHash);
  }, []);

  useEffect(() => {
    const forget = (): void => {
      history.replaceState(history.state, '', location.pathname);
      setOffer(undefined);
    };
    const ask = (text: string): void => {
      const origin = nearOrigin(text);
      setAddress(text);
      if (!origin) {
        setTold('malformed');
        return;
      }
      if (!isAble() || !(isShell() || navigator.serviceWorker?.controller)) {
        setTold('unable');
        return;
      }
      if (!isShell()) {
        location.hash = `hub=${origin}`;
        location.reload();
        return;
      }
      setTold('asking');
      app.client.meetNear(origin, (met) => {
        if (met === 'met') forget();
        setTold(met === 'met' ? undefined : met);
      });
    };
    const onSubmit = (event: Event): void => {
      const form = event.target as HTMLFormElement;
      if (form.id !== 'near-ask') return;
      event.preventDefault();
      ask(String(new FormData(form).get('address') ?? ''));
    };
    const onClick = ({ target }: Event): void => {
      if ((target as Element).closest('button')?.id !== 'near-drop') return;
      forget();
      app.client.setPolicy({ near: undefined });
    };
    addEventListener('submit', onSubmit);
    addEventListener('click', onClick);
    return () => {
      removeEventListener('submit', onSubmit);
      removeEventListener('click', onClick);
    };
  }, [app]);

  if (!network) return null;
  const origin = nearOrigin(address ?? '');
  return <Near v={app.context.value} near={near} offer={offer} told={told} plain={origin && `${origin}/`} />;
}
