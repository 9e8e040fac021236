/** Numbers that look random and are the same for the same seed: at least 0, less than 1. */
export type Random = () => number;

/** mulberry32 */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** From 0 to `count - 1`. */
export function pickIndex(random: Random, count: number): number {
  return Math.floor(random() * count);
}

/** A UUID (version 4) made of these numbers. */
export function randomUuid(random: Random): string {
  const hex = hexOf(random) + hexOf(random) + hexOf(random) + hexOf(random);
  const variant = (8 + pickIndex(random, 4)).toString(16);
  const third = `4${hex.slice(13, 16)}`;
  const fourth = variant + hex.slice(17, 20);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${third}-${fourth}-${hex.slice(20)}`;
}

/** 8 digits. */
function hexOf(random: Random): string {
  return pickIndex(random, 2 ** 32)
    .toString(16)
    .padStart(8, "0");
}

/** Puts the values into an order of chance (Fisher and Yates). */
export function shuffle(values: Uint32Array, random: Random): void {
  for (let i = values.length - 1; i > 0; i--) {
    const other = pickIndex(random, i + 1);
    const value = values[i] as number;
    values[i] = values[other] as number;
    values[other] = value;
  }
}
