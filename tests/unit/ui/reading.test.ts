import { beforeEach, describe, expect, it } from 'vitest';
import { type Failure, PACES, Reading, type Speaker } from '../../../src/ui/voice/reading.ts';

/** The order of what is read, over a voice that only tells what it was asked to say. */

class FakeSpeaker implements Speaker {
  readonly log: string[] = [];
  #told: { ended: () => void; failed: (why: Failure) => void }[] = [];
  say(text: string, rate: number, tell: { ended: () => void; failed: (why: Failure) => void }): void {
    this.log.push(rate === 1 ? text : `${text} × ${rate}`);
    this.#told.push(tell);
  }
  hush(): void {
    this.log.push('-');
  }
  /** The sentence that was begun `back` sentences ago ends. */
  end(back = 0): void {
    this.#told.at(-1 - back)?.ended();
  }
  fail(why: Failure): void {
    this.#told.at(-1)?.failed(why);
  }
}

let speaker: FakeSpeaker;
let reading: Reading<{ text: string }>;
const start = (...texts: string[]): void => reading.start(texts.map((text) => ({ text })));
beforeEach(() => {
  speaker = new FakeSpeaker();
  reading = new Reading(speaker);
});

describe('a reading', () => {
  it('says one sentence after the other, and rests after the last', () => {
    start('a', 'b');
    expect(reading.at.value?.text).toBe('a');
    speaker.end();
    expect(reading.at.value?.text).toBe('b');
    speaker.end();
    expect(reading.state.value).toBe('rest');
    expect(reading.at.value).toBeUndefined();
    expect(speaker.log).toEqual(['a', 'b', '-']);
  });

  it('goes on after a pause with the sentence that was cut', () => {
    start('a', 'b');
    speaker.end();
    reading.pause();
    expect([reading.state.value, reading.at.value?.text]).toEqual(['paused', 'b']);
    // The browser tells of the end of what was cut.
    speaker.end();
    expect(reading.state.value).toBe('paused');
    reading.goOn();
    expect(speaker.log).toEqual(['a', 'b', '-', 'b']);
  });

  it('changes its pace at once, in a round of three', () => {
    start('a', 'b');
    for (let step = 0; step < PACES.length; step++) reading.changePace();
    expect(speaker.log).toEqual(['a', 'a × 1.35', 'a × 0.75', 'a']);
    // What was said in another pace is over: its end moves nothing.
    speaker.end(1);
    expect(reading.at.value?.text).toBe('a');
  });

  it('remembers a pace that was chosen during a pause', () => {
    start('a');
    reading.pause();
    reading.changePace();
    expect(speaker.log).toEqual(['a', '-']);
    reading.goOn();
    expect(speaker.log.at(-1)).toBe('a × 1.35');
  });

  it('begins anew in the place of what is being read', () => {
    start('a', 'b');
    start('c');
    speaker.end(1);
    expect(reading.at.value?.text).toBe('c');
    expect(speaker.log).toEqual(['a', 'c']);
  });

  it('says nothing more once it was stopped', () => {
    start('a', 'b');
    reading.stop();
    speaker.end();
    expect(speaker.log).toEqual(['a', '-']);
    expect(reading.state.value).toBe('rest');
  });

  it('of nothing rests', () => {
    start();
    expect(reading.state.value).toBe('rest');
  });
});

describe('a voice that stops by itself', () => {
  it('is a pause where somebody else speaks', () => {
    start('a', 'b');
    speaker.fail('taken');
    expect([reading.state.value, reading.broken.value]).toEqual(['paused', false]);
  });

  it('ends the reading where the device cannot', () => {
    start('a', 'b');
    speaker.fail('broken');
    expect([reading.state.value, reading.broken.value]).toEqual(['rest', true]);
  });
});
