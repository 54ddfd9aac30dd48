import { type NearMet, nearText } from '../core/protocol/near.ts';
import type { ViewContext } from './context.ts';

/** What came of the last wish. `asking`: nobody knows yet. `unable`: this browser knows no way. */
export type NearTold = Exclude<NearMet, 'met'> | 'asking' | 'unable';

interface NearProps {
  readonly v: ViewContext;
  /** The hub that comes first: `http://192.168.1.5:8080`. */
  readonly near: string | undefined;
  /** An address that a link offers, as it stands there. */
  readonly offer: string | undefined;
  readonly told: NearTold | undefined;
  /** Where the same library can be read without the app: of the address that was asked for, if it is one. */
  readonly plain: string | undefined;
}

/** A hub on the same Wi-Fi: offered by a link or typed, asked for once, kept, taken away. Buttons have ids; what they do is the screen's. */
export function Near({ v, near, offer, told, plain }: NearProps) {
  const isKept = near !== undefined && (offer === undefined || offer === near) && told === undefined;
  return (
    <>
      <h2 id="near-title">{v.t('near.title')}</h2>
      {isKept ? (
        <>
          <p>
            <bdi dir="ltr" id="near">
              {nearText(near)}
            </bdi>
          </p>
          <button type="button" class="act" id="near-drop">
            {v.t('near.drop')}
          </button>
        </>
      ) : (
        <form id="near-ask" class="more" key={offer}>
          <p class="sub">{v.t('near.hint')}</p>
          <label for="near-address">{v.t('near.address')}</label>
          <input
            id="near-address"
            name="address"
            dir="ltr"
            inputmode="url"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            placeholder="192.168.1.5:8080"
            maxLength={60}
            required
            defaultValue={offer && nearText(offer)}
          />
          <button type="submit" class={offer === undefined ? 'act' : 'act go'} disabled={told === 'asking'}>
            {v.t('near.use')}
          </button>
        </form>
      )}
      <div role="status">{told && <Told v={v} told={told} plain={plain} />}</div>
    </>
  );
}

function Told({
  v,
  told,
  plain,
}: {
  readonly v: ViewContext;
  readonly told: NearTold;
  readonly plain: string | undefined;
}) {
  return (
    <>
      {told === 'asking' && <p>{v.t('near.asking')}</p>}
      {told === 'denied' && <p>{v.t('near.denied')}</p>}
      {told === 'no-link' && <p>{v.t('near.silent')}</p>}
      {told === 'malformed' && <p>{v.t('near.numbers')}</p>}
      {told === 'foreign-root' && <p>{v.t('network.why.foreign-root')}</p>}
      {told === 'early' && <p>{v.t('network.libraryNo')}</p>}
      {told === 'unable' && <p>{v.t('near.unable')}</p>}
      {(told === 'unable' || told === 'denied') && plain && (
        <a class="act" href={plain}>
          <bdi dir="ltr">{plain}</bdi>
        </a>
      )}
    </>
  );
}
