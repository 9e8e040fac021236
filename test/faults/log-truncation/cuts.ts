import type { Random } from "../random.ts";
import type { Cut } from "./newest-log.ts";
import type { KilledServer } from "./prepare.ts";

/** A cut, and what of the log must be left then. */
export interface Truncation {
  /** For the report. */
  readonly kind: string;
  readonly cut: Cut;
  /** Events that are there: at least, and at most. */
  readonly least: number;
  readonly most: number;
}

/** In the record of the last append but one, besides those around its fragments. */
const LARGE_CUTS = 40;
const EARLIER_CUTS = 40;
const ZERO_CUTS = 20;
/** What a disk writes as a whole: within a write, zeros begin where one of these begins. */
const SECTOR_BYTES = 512;
/** Fewer cannot be told from what a write itself may end with. */
const ZEROS_MIN = 4;
/** Of LevelDB's log. A record that does not fit into one is written in fragments. */
const BLOCK_BYTES = 32 * 1024;
/** More than the header of a fragment, and than what is left empty for lack of space for one. */
const AROUND_BLOCK_BYTES = 9;

/** All that are tried. `total`: events of the whole log. */
export function allCuts(killed: KilledServer, total: number, random: Random): Truncation[] {
  const [beforeLarge, beforeLast, end] = killed.ends;
  const [ofLarge, ofLast] = killed.events;
  const exactly = (events: number) => ({ least: events, most: events });
  const withoutLast = exactly(total - ofLast);
  const withoutBoth = exactly(total - ofLast - ofLarge);
  const within = (first: number, last: number, count: number): number[] =>
    Array.from({ length: count }, () => random.integer(first, last));
  return [
    { kind: "nothing cut off", cut: { at: end, zeros: 0 }, ...exactly(total) },
    ...range(beforeLast, end - 1).map((at) => cutOff("last record cut", at, withoutLast)),
    ...within(1, end - beforeLast, ZERO_CUTS).map((zeros) =>
      zeroed("last record zeros", beforeLast, beforeLast + zeros, withoutLast),
    ),
    ...sectors(beforeLast, end).map((at) => zeroed("last record zeros", at, end, withoutLast)),
    ...someOf(sectors(beforeLarge, beforeLast), ZERO_CUTS, random).map((at) =>
      zeroed("large record zeros", at, beforeLast, withoutBoth),
    ),
    ...[
      ...within(beforeLarge, beforeLast - 1, LARGE_CUTS),
      ...aroundBlocks(beforeLarge, beforeLast - 1),
    ].map((at) => cutOff("large record cut", at, withoutBoth)),
    ...within(0, beforeLarge - 1, EARLIER_CUTS).map((at) =>
      cutOff("earlier record cut", at, { least: 0, most: withoutBoth.most }),
    ),
  ];
}

type Left = Pick<Truncation, "least" | "most">;

function cutOff(kind: string, at: number, left: Left): Truncation {
  return { kind, cut: { at, zeros: 0 }, ...left };
}

/** Zeros from one place until another, which is where the file ends then. */
function zeroed(kind: string, from: number, until: number, left: Left): Truncation {
  return { kind, cut: { at: from, zeros: until - from }, ...left };
}

/** Where sectors begin, after one place and well before another. */
function sectors(after: number, before: number): number[] {
  return range(after + 1, before - ZEROS_MIN).filter((at) => at % SECTOR_BYTES === 0);
}

/** Some of them, and the last one. */
function someOf(places: readonly number[], count: number, random: Random): number[] {
  const some = Array.from({ length: count }, () => random.pick(places));
  return [...new Set([...some, ...places.slice(-1)])];
}

function aroundBlocks(first: number, last: number): number[] {
  const near = (at: number): boolean =>
    at % BLOCK_BYTES < AROUND_BLOCK_BYTES || at % BLOCK_BYTES >= BLOCK_BYTES - AROUND_BLOCK_BYTES;
  return range(first, last).filter(near);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
