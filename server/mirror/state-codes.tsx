import { generate } from 'lean-qr';
import { nearLink, nearOrigin } from '../../src/core/protocol/near.ts';
import type { ViewContext } from '../../src/view/context.ts';

interface CodesProps {
  readonly v: ViewContext;
  /** Where phones reach this hub. */
  readonly addresses: readonly string[];
  /** Origin of the app that phones may have. */
  readonly appOrigin: string | undefined;
}

/** The addresses of a hub, to be photographed: for any browser, and for the app, where it can keep such an address. */
export function Codes({ v, addresses, appOrigin }: CodesProps) {
  const near = appOrigin === undefined ? [] : addresses.filter((address) => nearOrigin(address) === address);
  return (
    <>
      <h2>{v.t('inbox.relay.address')}</h2>
      {addresses.map((address) => (
        <figure key={address}>
          <Code text={address} label={v.t('inbox.relay.code')} />
          <figcaption>
            <bdi dir="ltr">{address}</bdi>
          </figcaption>
        </figure>
      ))}
      {appOrigin !== undefined && near.length > 0 && (
        <>
          <h2>{v.t('inbox.relay.app')}</h2>
          <p>{v.t('inbox.relay.appHint')}</p>
          {near.map((address) => (
            <figure key={address}>
              <Code text={nearLink(appOrigin, address)} label={v.t('inbox.relay.appCode')} />
              <figcaption>
                <a href={nearLink(appOrigin, address)}>
                  <bdi dir="ltr">{address}</bdi>
                </a>
              </figcaption>
            </figure>
          ))}
        </>
      )}
    </>
  );
}

/** A QR code: dark squares on white with a margin of four, whatever the page's colours are. */
function Code({ text, label }: { readonly text: string; readonly label: string }) {
  const code = generate(text);
  const squares: string[] = [];
  for (let y = 0; y < code.size; y++)
    for (let x = 0; x < code.size; x++) if (code.get(x, y)) squares.push(`M${x + 4} ${y + 4}h1v1h-1z`);
  const side = code.size + 8;
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${side} ${side}`} width="200" height="200">
      <path fill="#fff" d={`M0 0h${side}v${side}H0z`} />
      <path fill="#000" d={squares.join('')} />
    </svg>
  );
}
