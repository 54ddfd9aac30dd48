import { beforeEach, describe, expect, it } from 'vitest';
import { Meter, OVERHEAD, sumOf } from '../../../../src/core/sync/traffic.ts';

let now: number;
let meter: Meter;
let told: number;

const open = (isSecure: boolean): void => {
  now = 1_000_000;
  told = 0;
  meter = new Meter(() => now, isSecure);
  meter.onProgress = () => told++;
};
beforeEach(() => open(false));

describe('a meter', () => {
  it('counts bodies as they are, and what HTTP adds to each request', () => {
    meter.request(100);
    meter.answer();
    meter.body(2_000, 2_000, 3_000);
    meter.body(1_000, 3_000, 3_000);
    meter.request(0);
    expect(meter.take()).toEqual({ up: 100 + 2 * OVERHEAD.up, down: 3_000 + OVERHEAD.down, requests: 2 });
    expect(meter.take()).toEqual({ up: 0, down: 0, requests: 0 });
  });

  it('says what both directions took since they were last counted', () => {
    meter.request(100);
    meter.answer();
    meter.body(2_000, 2_000, 2_000);
    expect(meter.carried).toBe(100 + OVERHEAD.up + OVERHEAD.down + 2_000);
    meter.take();
    expect(meter.carried).toBe(0);
  });

  it('goes on counting what came before a request that nobody answered', () => {
    meter.request(100);
    meter.answer();
    meter.request(0);
    meter.unanswered();
    expect(meter.take()).toEqual({ up: 100 + OVERHEAD.up, down: OVERHEAD.down, requests: 1 });
  });

  it('counts nothing that nobody answered, unless it had a body and took its time', () => {
    open(true);
    const nothing = { up: 0, down: 0, requests: 0 };
    const unanswered = (bytes: number, ms: number) => {
      now += 10_000;
      meter.request(bytes);
      now += ms;
      meter.unanswered();
      return meter.take();
    };
    expect(unanswered(0, 15_000)).toEqual(nothing);
    expect(unanswered(50, 999)).toEqual(nothing);
    const { up, handshakeUp, handshakeDown } = OVERHEAD;
    expect(unanswered(50, 1_000)).toEqual({ up: 50 + up + handshakeUp, down: handshakeDown, requests: 1 });
    meter.unanswered();
    expect(meter.take()).toEqual(nothing);
  });

  it('learns from each answer what the link is like, and shares it with the other meters of the link', () => {
    const other = new Meter(() => now, false, meter.link);
    const answered = (by: Meter, up: number, wait: number, bytes: number, ms: number): void => {
      by.request(up);
      now += wait;
      by.answer();
      now += ms;
      by.body(bytes, bytes, undefined);
      by.end();
    };
    answered(meter, 0, 800, 4_095, 500);
    expect(meter.link).toEqual({ roundTrip: 800 });
    answered(meter, 0, 600, 10_000, 2_000);
    expect(meter.link).toEqual({ roundTrip: 700, speed: 5_000 });
    answered(other, 0, 700, 15_000, 1_000);
    // 10 s for 50 kB, and 3.3 s: 6.7 s.
    expect(meter.link).toEqual({ roundTrip: 700, speed: 7_500 });
    // How long an upload took, and what a clock that was set back says, is not counted.
    answered(meter, 5_000, 9_000, 0, 0);
    answered(meter, 0, -3_600_000, 8_000, -1);
    expect(meter.link).toEqual({ roundTrip: 700, speed: 7_500 });
  });

  it('learns from an answer that is there at once', () => {
    meter.request(0);
    meter.answer();
    meter.body(4_096, 4_096, undefined);
    meter.end();
    // What came sooner than in 200 ms may have been on its way before.
    expect(meter.link).toEqual({ roundTrip: 0, speed: 4_096 * 5 });
  });

  it('does not take a slow link for a fast one, because of one body that came at once', () => {
    const body = (bytes: number, ms: number): void => {
      meter.request(0);
      meter.answer();
      now += ms;
      meter.body(bytes, bytes, undefined);
      meter.end();
    };
    for (let i = 0; i < 5; i++) body(6_000, 1_000);
    body(60_000, 1);
    expect(meter.link.speed).toBeLessThan(12_000);
    body(6_000, 1_000);
    expect(meter.link.speed).toBeLessThan(8_000);
  });

  it('learns nothing from several at once', () => {
    meter.request(0);
    now += 100;
    meter.request(0);
    meter.answer();
    now += 5;
    meter.body(9_000, 9_000, undefined);
    meter.end();
    meter.answer();
    meter.body(9_000, 9_000, undefined);
    meter.end();
    expect(meter.link).toEqual({});
    meter.request(0);
    now += 300;
    meter.answer();
    meter.end();
    expect(meter.link).toEqual({ roundTrip: 300 });
  });

  it('counts a handshake over https, where the connection was not used for a while', () => {
    open(true);
    const handshakes = (): number => (meter.take().down > OVERHEAD.handshakeDown - 1 ? 1 : 0);
    meter.request(0);
    expect(handshakes()).toBe(1);
    now += 4_000;
    meter.request(0);
    expect(handshakes()).toBe(0);
    // A body that takes its time keeps the connection open.
    now += 4_000;
    meter.body(1, 1, 2);
    now += 5_000;
    meter.request(0);
    expect(handshakes()).toBe(0);
    now += 6_000;
    meter.request(0);
    expect(handshakes()).toBe(1);
    // A clock that was set back is no connection.
    now -= 100_000;
    meter.request(0);
    expect(handshakes()).toBe(1);
  });

  it('tells how far a body is, and how fast it comes', () => {
    expect(meter.progress).toBeUndefined();
    meter.request(0);
    now += 500;
    meter.body(1_000, 5_000, 9_000);
    expect(meter.progress).toEqual({ done: 5_000, total: 9_000, speed: 0 });
    now += 500;
    meter.body(500, 5_500, 9_000);
    expect(meter.progress).toEqual({ done: 5_500, total: 9_000, speed: 1_500 });
    now += 1_000;
    meter.body(2_500, 8_000, 9_000);
    expect(meter.progress).toEqual({ done: 8_000, total: 9_000, speed: 2_000 });
    expect(told).toBe(3);
    meter.end();
    expect(meter.progress).toBeUndefined();
    expect(told).toBe(4);
    meter.end();
    expect(told).toBe(4);
  });

  it('begins anew with each answer', () => {
    meter.request(0);
    now += 10_000;
    meter.body(1_000, 1_000, undefined);
    meter.end();
    meter.request(0);
    now += 2_000;
    meter.body(4_000, 4_000, undefined);
    expect(meter.progress).toEqual({ done: 4_000, total: undefined, speed: 2_000 });
  });
});

it('sums up', () => {
  expect(sumOf([])).toEqual({ up: 0, down: 0, requests: 0 });
  const one = { up: 1, down: 2, requests: 3 };
  expect(sumOf([one, one])).toEqual({ up: 2, down: 4, requests: 6 });
});
