import type { ComponentChildren } from 'preact';
import type { ViewContext } from '../../src/view/context.ts';
import { Bar, type BarSlot, Header, SkipLink } from '../../src/view/frame.tsx';
import { LinkMark } from '../../src/view/link-mark.tsx';

interface FrameProps {
  readonly v: ViewContext;
  readonly centre: string;
  readonly current?: BarSlot;
  readonly children: ComponentChildren;
}

/** What stands around `<main>` on every page that is not made on the device. */
export function Frame({ v, centre, current, children }: FrameProps) {
  return (
    <>
      <SkipLink v={v} />
      <Header v={v} title={centre}>
        <LinkMark v={v} state="on" />
      </Header>
      <main id="main" tabindex={-1}>
        {children}
      </main>
      <Bar v={v} {...(current && { current })} />
    </>
  );
}
