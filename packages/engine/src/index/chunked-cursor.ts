import { type BlockMatch, type Cursor, type Direction, isBefore } from "./cursor.js";

const CHUNK_FIRST = 8;
/** After a skip the next match is often all that is wanted. */
const CHUNK_SKIPPED = 2;
const CHUNK_GROWTH = 4;
const CHUNK_MAX = 1024;

/** Reads up to `limit` matches, in order, from the first at or beyond `target`. */
export type ReadMatches = (target: number, limit: number) => Promise<readonly BlockMatch[]>;

/**
 * A cursor over stored postings that reads them in chunks: small ones first, since
 * often the first match is all that is wanted, larger ones while it is walked along,
 * and small ones again when it is made to skip. `chunkMax` is asked before each chunk
 * how many matches it may have.
 */
export function chunkedCursor(
  read: ReadMatches,
  direction: Direction,
  chunkMax: () => number = () => CHUNK_MAX,
): Cursor {
  let chunk: readonly BlockMatch[] = [];
  let at = 0;
  let size = CHUNK_FIRST;
  /** Matches of the chunk that were stopped at. */
  let used = 0;
  let usedAt = -1;
  let exhausted = false;

  const skipTo = (target: number): BlockMatch | undefined => {
    while (at < chunk.length && isBefore((chunk[at] as BlockMatch).blockLast, target, direction)) {
      at++;
    }
    return chunk[at];
  };

  const stopHere = (): BlockMatch | undefined => {
    if (at < chunk.length && at !== usedAt) {
      used++;
      usedAt = at;
    }
    return chunk[at];
  };

  return {
    async seek(target) {
      if (skipTo(target) || exhausted) return stopHere();
      if (chunk.length > 0) size = used * 2 > chunk.length ? size * CHUNK_GROWTH : CHUNK_SKIPPED;
      size = Math.min(size, CHUNK_MAX);
      const limit = Math.min(size, chunkMax());
      chunk = await read(target, limit);
      exhausted = chunk.length < limit;
      at = 0;
      used = 0;
      usedAt = -1;
      return stopHere();
    },
  };
}
