import { Draw } from '../sim/random.ts';
import type { ConnectionCut, CutKind, LinkProxy } from './proxy.ts';

/** What a bad link does to a proxy, drawn from a seed or by the clock. */

export interface DrawnCuts {
  readonly seed: number;
  /** Of all connections, how many are cut: 0 to 1. */
  readonly share: number;
  /** The byte is one of so many first ones, each as likely. */
  readonly within: number;
  /** One of these ways, each as likely. */
  readonly kinds: readonly CutKind[];
}

/** For `LinkProxy.cutSome`: the same connections are cut at the same bytes for the same seed. */
export const drawnCuts =
  ({ seed, share, within, kinds }: DrawnCuts) =>
  (connection: number): ConnectionCut | undefined => {
    const draw = new Draw(seed, `connection ${connection}`);
    if (!draw.chance(share)) return undefined;
    return { at: 1 + draw.below(within), kind: draw.pick(kinds) };
  };

export interface Windows {
  /** Milliseconds without a link before the first window. */
  readonly before: number;
  /** How long a window lasts, and the time without a link behind it, in milliseconds. */
  readonly up: number;
  readonly down: number;
  /** What the link does meanwhile: refuses everything, or lets it hang. */
  readonly kind: CutKind;
  /** Told when a window opens: the first is 1. */
  readonly onOpen?: (n: number) => void;
}

/** A link that comes and goes, from now on. Returns what ends that, with the link as it is in that moment. */
export const openWindows = (
  link: Pick<LinkProxy, 'cut' | 'restore'>,
  { before, up, down, kind, onOpen = () => {} }: Windows,
): (() => void) => {
  let timer: NodeJS.Timeout;
  const open = (n: number): void => {
    link.restore();
    timer = setTimeout(() => {
      link.cut(kind);
      timer = setTimeout(() => open(n + 1), down);
    }, up);
    onOpen(n);
  };
  link.cut(kind);
  timer = setTimeout(() => open(1), before);
  return () => clearTimeout(timer);
};
