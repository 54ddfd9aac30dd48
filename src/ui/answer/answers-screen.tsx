import { useEffect, useState } from 'preact/hooks';
import type { AnswerCounts } from '../../core/api/worker-api.ts';
import { isNumber } from '../../core/protocol/ids.ts';
import { toAsciiDigits } from '../../core/text/digits.ts';
import { type Found, MyAnswers } from '../../view/answers.tsx';
import { Kept } from '../../view/kept.tsx';
import type { App } from '../shell/app.ts';
import { useLive } from '../shell/hooks.ts';
import { play } from '../shell/tones.ts';
import type { SentAnswer } from './session.ts';

/** Where this visitor's answers are; the one that was just sent comes first, alone. */
export function AnswersScreen({ app }: { readonly app: App }) {
  const v = app.context.value;
  const sent = app.session.sent.value;
  const just = app.session.justSent.value;
  const numbers = sent.map(({ number }) => number);
  const counts = useLive<AnswerCounts>((listener) => app.client.watchAnswers(numbers, listener), numbers);
  const [found, setFound] = useState<Found>();
  // A number that was looked up is nobody else's business.
  useEffect(() => setFound(undefined), [app.session.visitor.value]);

  const stateOf = ({ number, state }: SentAnswer) => counts?.states[number] ?? state;
  // The tick came while somebody looks on; one that arrived at once has had its tone.
  const ticked = just !== undefined && just.state !== 'centre' && stateOf(just) === 'centre';
  useEffect(() => {
    if (ticked) play('arrived');
  }, [ticked]);
  if (just) {
    const state = stateOf(just);
    if (state !== 'attention')
      return <Kept v={v} number={just.number} state={state} holder={counts?.holders[just.number]} />;
  }

  const submit = (event: Event): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    if (form.id === 'retry') app.client.retry();
    if (form.id === 'find') void find(form);
  };

  const find = async (form: HTMLFormElement): Promise<void> => {
    app.session.look();
    const number = toAsciiDigits(String(new FormData(form).get('number') ?? ''));
    const state = isNumber(number) ? await app.client.find(number).catch(() => 'unknown' as const) : 'unknown';
    setFound(state === 'unknown' ? 'unknown' : { number, state });
  };

  return (
    // The forms inside are the view's; their submits bubble up to here.
    <div onSubmit={submit}>
      <MyAnswers
        v={v}
        mine={sent.map((one) => ({
          number: one.number,
          title: one.title,
          state: stateOf(one),
          holder: counts?.holders[one.number],
        }))}
        counts={{
          kept: counts?.kept ?? 0,
          held: counts?.held ?? 0,
          arrived: counts?.centre ?? 0,
          attention: counts?.attention ?? 0,
        }}
        {...(found && { found })}
      />
    </div>
  );
}
