/** The middle one, or the mean of the two in the middle. `NaN` of nothing. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Between two values, in proportion. `percent` is 0 to 100. `NaN` of nothing. */
export function percentile(values: readonly number[] | Float64Array, percent: number): number {
  const sorted = Float64Array.from(values).sort();
  const place = ((sorted.length - 1) * percent) / 100;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

/** The least and the greatest. */
export type Spread = readonly [least: number, greatest: number];

export function spreadOf(values: readonly number[]): Spread {
  return [Math.min(...values), Math.max(...values)];
}
