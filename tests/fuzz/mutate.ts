import type { Draw } from '../sim/random.ts';

/** What chance does to a file: a few of these at once, as a broken disk, a broken program or somebody with bad intentions would. */

type Mutation = (draw: Draw, bytes: Uint8Array, others: readonly Uint8Array[]) => Uint8Array;

const join = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

/** A place to cut, more often near the beginning: that is where lengths and kinds stand. */
const place = (draw: Draw, length: number): number =>
  draw.below(draw.chance(0.4) ? Math.min(length, 64) + 1 : length + 1);

const span = (draw: Draw, bytes: Uint8Array): readonly [number, number] => {
  const start = place(draw, bytes.length);
  return [start, Math.min(bytes.length, start + 1 + draw.below(draw.chance(0.7) ? 16 : 400))];
};

/** Numbers at which lengths and counts go wrong. */
const EXTREMES = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];

const MUTATIONS: readonly Mutation[] = [
  function turnBits(draw, bytes) {
    const out = Uint8Array.from(bytes);
    for (let n = 1 + draw.below(8); n > 0 && out.length > 0; n--) {
      const at = draw.below(out.length);
      out[at] = (out[at] as number) ^ (1 << draw.below(8));
    }
    return out;
  },
  function overwrite(draw, bytes) {
    const out = Uint8Array.from(bytes);
    const [start, end] = span(draw, out);
    const fill = draw.pick([undefined, 0, 0xff, 0x22, 0x7b]);
    for (let at = start; at < end; at++) out[at] = fill ?? draw.below(256);
    return out;
  },
  function extreme(draw, bytes) {
    const out = Uint8Array.from(bytes);
    if (out.length < 4) return out;
    new DataView(out.buffer).setUint32(
      Math.min(place(draw, out.length), out.length - 4),
      draw.pick(EXTREMES),
      draw.chance(0.5),
    );
    return out;
  },
  function cut(draw, bytes) {
    return bytes.slice(0, draw.below(bytes.length + 1));
  },
  function leaveOut(draw, bytes) {
    const [start, end] = span(draw, bytes);
    return join(bytes.subarray(0, start), bytes.subarray(end));
  },
  function repeat(draw, bytes) {
    const [start, end] = span(draw, bytes);
    const part = bytes.subarray(start, end);
    return join(bytes.subarray(0, end), ...Array.from({ length: 1 + draw.below(20) }, () => part), bytes.subarray(end));
  },
  function insert(draw, bytes) {
    const at = place(draw, bytes.length);
    return join(bytes.subarray(0, at), draw.bytes(1 + draw.below(40)), bytes.subarray(at));
  },
  function swap(draw, bytes) {
    const [a, b, c] = [draw, draw, draw].map(() => draw.below(bytes.length + 1)).sort((one, two) => one - two) as [
      number,
      number,
      number,
    ];
    return join(bytes.subarray(0, a), bytes.subarray(b, c), bytes.subarray(a, b), bytes.subarray(c));
  },
  function splice(draw, bytes, others) {
    const other = draw.pick(others);
    return join(bytes.subarray(0, place(draw, bytes.length)), other.subarray(place(draw, other.length)));
  },
];

/** One to three mutations, one after the other. */
export const mutated = (draw: Draw, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array => {
  let out = bytes;
  for (let n = draw.pick([1, 1, 1, 2, 3]); n > 0; n--) out = draw.pick(MUTATIONS)(draw, out, others);
  return out;
};
