import type { NetworkView } from '../core/protocol/network.ts';
import type { ViewContext } from './context.ts';
import { sizeText } from './size.ts';

/** Megabytes a day that people choose from. */
const DAILY = [1, 2, 5, 10, 20, 50];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** What the link has carried, the bundle that was bought, the day's limit and the cheap hours. */
export function Cost({ v, network }: { readonly v: ViewContext; readonly network: NetworkView }) {
  const { policy, today, month } = network;
  const bytes = ({ up, down }: { readonly up: number; readonly down: number }): string => sizeText(v, up + down);
  return (
    <>
      <h2>{v.t('network.cost')}</h2>
      <p id="spent">
        {v.t('network.today', { size: bytes(today) })} · {v.t('network.month', { size: bytes(month) })}
      </p>
      <p class="sub">{v.t('network.estimate')}</p>
      <BundlePart v={v} network={network} />
      <label for="daily">{v.t('network.daily')}</label>
      <select id="daily" name="daily">
        <option value="" selected={policy.daily === undefined}>
          {v.t('network.noLimit')}
        </option>
        {DAILY.map((mb) => (
          <option key={mb} value={mb * 1e6} selected={policy.daily === mb * 1e6}>
            {sizeText(v, mb * 1e6)}
          </option>
        ))}
      </select>
      <Hours v={v} network={network} />
    </>
  );
}

function Hours({ v, network: { policy } }: { readonly v: ViewContext; readonly network: NetworkView }) {
  const { hours } = policy;
  const hour = (value: number) => (
    <option key={value} value={value}>
      {v.formatters.hour(value)}
    </option>
  );
  return (
    <>
      <label for="hours-from">{v.t('network.hours')}</label>
      <div class="filters">
        <select id="hours-from" name="hours-from" value={hours?.from ?? ''}>
          <option value="">{v.t('network.hoursAll')}</option>
          {HOURS.map(hour)}
        </select>
        {hours && (
          <select
            id="hours-to"
            name="hours-to"
            value={hours.to}
            aria-label={v.t('network.hoursFrom', {
              from: v.formatters.hour(hours.from),
              to: v.formatters.hour(hours.to),
            })}
          >
            {HOURS.map(hour)}
          </select>
        )}
      </div>
    </>
  );
}

function BundlePart({ v, network: { policy, left } }: { readonly v: ViewContext; readonly network: NetworkView }) {
  const { bundle } = policy;
  if (!bundle) {
    return (
      <form id="bundle" class="more">
        <h2>{v.t('network.bundle')}</h2>
        <label for="bundle-price">{v.t('network.bundlePrice')}</label>
        <input id="bundle-price" name="price" maxLength={20} required autocomplete="off" />
        <label for="bundle-size">{v.t('network.bundleSize')}</label>
        <input
          id="bundle-size"
          name="size"
          type="number"
          inputmode="decimal"
          min="0.1"
          max="1000000"
          step="any"
          required
        />
        <label for="bundle-until">{v.t('network.bundleUntil')}</label>
        <input id="bundle-until" name="until" type="date" />
        <button type="submit" class="act">
          {v.t('network.bundleNote')}
        </button>
      </form>
    );
  }
  return (
    <>
      <h2>{v.t('network.bundle')}</h2>
      <p id="bundle-left" tabindex={-1}>
        {left === undefined
          ? v.t('network.bundleOver', { price: bundle.price, day: v.formatters.day(bundle.until ?? bundle.from) })
          : v.t('network.bundleLeft', {
              price: bundle.price,
              left: sizeText(v, left),
              size: sizeText(v, bundle.bytes),
            })}
      </p>
      {left !== undefined && bundle.until && (
        <p class="sub">
          {v.t('network.bundleUntil')} {v.formatters.day(bundle.until)}
        </p>
      )}
      <button type="button" class="act" id="bundle-drop">
        {v.t('network.bundleDrop')}
      </button>
    </>
  );
}
