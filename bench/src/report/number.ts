/** Three digits that matter, and no more than people can read: `12,400`, `0.452`. */
export function readable(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = Math.max(0, 3 - Math.ceil(Math.log10(Math.abs(value) + Number.MIN_VALUE)));
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString("en", { maximumFractionDigits: Math.min(digits, 3) });
}

export function percent(part: number | undefined): string {
  return part === undefined ? "–" : `${Math.round(part * 100)} %`;
}
