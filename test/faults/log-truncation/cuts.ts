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
const ZERO_CUTS = 30;
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
    ...within(1, end - beforeLast, ZERO_CUTS).map((zeros) => ({
      kind: "last record zeros",
      cut: { at: beforeLast, zeros },
      ...withoutLast,
    })),
    ...[
      ...within(beforeLarge, beforeLast - 1, LARGE_CUTS),
      ...aroundBlocks(beforeLarge, beforeLast - 1),
    ].map((at) => cutOff("large record cut", at, withoutBoth)),
    ...within(0, beforeLarge - 1, EARLIER_CUTS).map((at) =>
      cutOff("earlier record cut", at, { least: 0, most: withoutBoth.most }),
    ),
  ];
}

function cutOff(kind: string, at: number, left: Pick<Truncation, "least" | "most">): Truncation {
  return { kind, cut: { at, zeros: 0 }, ...left };
}

function aroundBlocks(first: number, last: number): number[] {
  const near = (at: number): boolean =>
    at % BLOCK_BYTES < AROUND_BLOCK_BYTES || at % BLOCK_BYTES >= BLOCK_BYTES - AROUND_BLOCK_BYTES;
  return range(first, last).filter(near);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
