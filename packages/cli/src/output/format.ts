// How values are written for people. Counts have their thousands apart; positions and
// revisions, which are typed again, have not.

const seconds = { day: 86_400, hour: 3600, minute: 60 } as const;

/** A time for people: UTC, to the millisecond. */
export function formatTime(time: Date): string {
  return time.toISOString().replace("T", " ");
}

// Made once: to make one takes a hundred times as long as to use it.
const countFormat = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** "1,234". */
export function formatCount(count: number | bigint): string {
  return countFormat.format(count);
}

/** "1 event", "1,234 events". */
export function countOf(count: number | bigint, noun: string): string {
  return `${formatCount(count)} ${noun}${Number(count) === 1 ? "" : "s"}`;
}

/** "12 bytes", "1.8 MB"; as disks are sold, in powers of ten. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return countOf(bytes, "byte");
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), 4);
  return `${(bytes / 1000 ** power).toFixed(1)} ${["B", "kB", "MB", "GB", "TB"][power]}`;
}

/** How long something takes, to be read at a glance: "8 s", "3 min 5 s", "2 h 4 min", "3 d 2 h". */
export function formatDuration(durationMs: number): string {
  const total = Math.max(0, Math.round(durationMs / 1000));
  const days = Math.floor(total / seconds.day);
  const hours = Math.floor((total % seconds.day) / seconds.hour);
  const minutes = Math.floor((total % seconds.hour) / seconds.minute);
  const parts: [number, string][] = [
    [days, "d"],
    [hours, "h"],
    [minutes, "min"],
    [total % seconds.minute, "s"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  const shown = first < 0 ? parts.slice(-1) : parts.slice(first, first + 2);
  const told = shown.filter(([value], i) => i === 0 || value > 0);
  return told.map(([value, unit]) => `${value} ${unit}`).join(" ");
}
