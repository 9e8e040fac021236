/** The events of one block that match; or, without any, how far a search has come. */
export interface BlockMatch {
  /** The block, by its last position; without a match any position. */
  readonly blockLast: number;
  /** Ascending. Empty: nothing up to and including `blockLast` matches. */
  readonly positions: readonly number[];
}

/**
 * Walks the blocks that match, in one direction. `seek` goes to the first match
 * in a block at or beyond `target` and stays there: a lower target does not move
 * it back. Resolves to `undefined` past the last match.
 */
export interface Cursor {
  seek(target: number): Promise<BlockMatch | undefined>;
}

/** 1 for ascending positions, -1 for descending ones. */
export type Direction = 1 | -1;

/** Whether `a` comes before `b` when walking in a direction. */
export function isBefore(a: number, b: number, direction: Direction): boolean {
  return (a - b) * direction < 0;
}
