import type { Random } from "./random.ts";

/**
 * Draws from 0 to `count - 1` so that the n-th comes n times less often than the
 * first: a few streams get most of the events, as in life.
 */
export function zipf(count: number, random: Random): () => number {
  const cumulated = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += 1 / (i + 1);
    cumulated[i] = sum;
  }
  return () => firstAtLeast(cumulated, random() * sum);
}

function firstAtLeast(ascending: Float64Array, target: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < target) low = middle + 1;
    else high = middle;
  }
  return low;
}
