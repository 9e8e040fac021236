import { type BlockMatch, type Cursor, type Direction, isBefore } from "./cursor.js";

const CHUNK_MIN = 16;
const CHUNK_MAX = 1024;

/** Reads up to `limit` matches, in order, from the first at or beyond `target`. */
export type ReadMatches = (target: number, limit: number) => Promise<readonly BlockMatch[]>;

/**
 * A cursor over stored postings that reads them in chunks, small ones first:
 * often the first match is all that is wanted. `chunkMax` is asked before each
 * chunk how many matches it may have.
 */
export function chunkedCursor(
  read: ReadMatches,
  direction: Direction,
  chunkMax: () => number = () => CHUNK_MAX,
): Cursor {
  let chunk: readonly BlockMatch[] = [];
  let at = 0;
  let size = CHUNK_MIN;
  let exhausted = false;

  const skipTo = (target: number): BlockMatch | undefined => {
    while (at < chunk.length && isBefore((chunk[at] as BlockMatch).blockLast, target, direction)) {
      at++;
    }
    return chunk[at];
  };

  return {
    async seek(target) {
      const found = skipTo(target);
      if (found || exhausted) return found;
      const limit = Math.min(size, chunkMax());
      chunk = await read(target, limit);
      exhausted = chunk.length < limit;
      size = Math.min(size * 4, CHUNK_MAX);
      at = 0;
      return chunk[0];
    },
  };
}
