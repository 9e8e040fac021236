import { MissingEntryError } from "../errors.js";
import { KeySpace } from "../format/constants.js";
import {
  keyName,
  namedRangeEnd,
  namedRangeStart,
  prefixEnd,
  prefixKey,
  streamKey,
} from "../format/keys.js";
import {
  decodeStreamPostings,
  POSTINGS_BYTES_MAX,
  type StreamPostings,
} from "../format/postings.js";
import { type Database, readChunk, readFirst } from "../log/database.js";
import type { ReadMatches } from "./chunked-cursor.js";
import type { Direction } from "./cursor.js";

/** Revisions, both inclusive. */
export interface RevisionRange {
  readonly first: number;
  readonly last: number;
}

/** What is known of a stream that has events. */
export interface StreamFacts {
  readonly stream: string;
  readonly lastRevision: number;
  readonly lastPosition: number;
  readonly firstTimeMs: number;
  readonly lastTimeMs: number;
}

/** Where the events of each stream are. Says nothing beyond what is durable. */
export class StreamIndex {
  constructor(private readonly db: Database) {}

  /** Postings of a stream's newest block; `undefined` if it has no event. */
  async last(stream: string): Promise<StreamPostings | undefined> {
    return (await this.newest(stream, 1))[0];
  }

  /**
   * Up to `limit` postings at the end of a stream, in order; no more than follow on one
   * another and are not damaged. Throws `DamagedEntryError` if the last one is.
   */
  async newest(stream: string, limit: number): Promise<readonly StreamPostings[]> {
    const range = { ...rangeOf(stream), reverse: true, fillCache: true };
    const [last, ...older] = await readChunk(this.db, range, limit);
    if (!last) return [];
    const found = [decode(last)];
    for (const entry of older) {
      const before = tryDecode(entry);
      if (before?.lastRevision !== firstRevision(found[0] as StreamPostings) - 1) break;
      found.unshift(before);
    }
    return found;
  }

  /**
   * Up to `limit` postings that hold some of the revisions, in order. Throws
   * `MissingEntryError` at a gap. REQUIRES: the stream has all of the revisions.
   */
  async postings(
    stream: string,
    range: RevisionRange,
    limit: number,
    backwards: boolean,
  ): Promise<readonly StreamPostings[]> {
    // Keyed by where they end: the one that holds `range.last` may end after it.
    const end = backwards ? await this.holding(stream, range.last) : undefined;
    const bounds = {
      gte: streamKey(stream, range.first),
      ...(backwards
        ? { lte: streamKey(stream, end?.lastRevision ?? range.last) }
        : { lt: namedRangeEnd(KeySpace.stream, stream) }),
      reverse: backwards,
      fillCache: true,
    };
    const entries = await readChunk(this.db, bounds, limit, limit * POSTINGS_BYTES_MAX);
    const found = entries.map((entry) => decode(entry));
    const held = found.filter((entry) => firstRevision(entry) <= range.last);
    checkGapless(stream, held, backwards ? range.last : range.first, backwards);
    return held;
  }

  /** The postings that hold a revision; `undefined` if the stream ends before it. */
  async holding(stream: string, revision: number): Promise<StreamPostings | undefined> {
    const end = namedRangeEnd(KeySpace.stream, stream);
    const range = { gte: streamKey(stream, revision), lt: end, fillCache: true };
    return decode(await readFirst(this.db, range));
  }

  /** The last revision of a stream at a position of the log; -1 if it had no event. */
  async revisionAt(stream: string, position: number): Promise<number> {
    const last = await this.last(stream);
    if (!last || (last.positions.at(-1) as number) <= position) return last?.lastRevision ?? -1;
    const entry = await this.#firstAtOrAfter(stream, last, position);
    if (!entry) return last.lastRevision;
    const later = entry.positions.filter((p) => p > position).length;
    return entry.lastRevision - later;
  }

  /** Matches by position, for filters that name a stream. */
  matches(stream: string, direction: Direction): ReadMatches {
    return async (target, limit) => {
      const backwards = direction === -1;
      const last = await this.last(stream);
      if (!last) return [];
      const start = await this.#firstAtOrAfter(stream, last, target);
      // Backwards the walk begins with the block at the target, not after it.
      const before = start && start.blockLast > target ? firstRevision(start) - 1 : undefined;
      const range = backwards
        ? { first: 0, last: before ?? start?.lastRevision ?? last.lastRevision }
        : { first: start ? firstRevision(start) : last.lastRevision + 1, last: last.lastRevision };
      return range.last < range.first ? [] : this.postings(stream, range, limit, backwards);
    };
  }

  /** Up to `limit` streams by prefix, in byte order, after a name (exclusive). */
  async list(prefix: string, after: string | undefined, limit: number): Promise<StreamFacts[]> {
    const end = prefixEnd(KeySpace.stream, prefix);
    const streams: StreamFacts[] = [];
    let from =
      after === undefined
        ? prefixKey(KeySpace.stream, prefix)
        : namedRangeEnd(KeySpace.stream, after);
    while (streams.length < limit) {
      const entry = await readFirst(this.db, { gte: from, lt: end });
      if (!entry) break;
      const facts = await this.facts(keyName(entry[0]));
      if (!facts) break;
      streams.push(facts);
      from = namedRangeEnd(KeySpace.stream, facts.stream);
    }
    return streams;
  }

  async facts(stream: string): Promise<StreamFacts | undefined> {
    const [first, last] = await Promise.all([this.holding(stream, 0), this.last(stream)]);
    if (!first || !last) return undefined;
    return {
      stream,
      lastRevision: last.lastRevision,
      lastPosition: last.positions.at(-1) as number,
      firstTimeMs: first.timeMs,
      lastTimeMs: last.timeMs,
    };
  }

  /** Binary search over revisions: positions rise with them. */
  async #firstAtOrAfter(
    stream: string,
    last: StreamPostings,
    blockLast: number,
  ): Promise<StreamPostings | undefined> {
    if (last.blockLast < blockLast) return undefined;
    let found = last;
    let low = 0;
    while (low < firstRevision(found)) {
      const middle = Math.floor((low + firstRevision(found) - 1) / 2);
      const entry = await this.holding(stream, middle);
      if (entry && entry.blockLast < blockLast) low = entry.lastRevision + 1;
      else if (entry) found = entry;
      else break;
    }
    return found;
  }
}

/** Revision of the first event of the stream in the block. */
export function firstRevision(entry: StreamPostings): number {
  return entry.lastRevision - entry.positions.length + 1;
}

/** That entries follow on one another, from the one that holds the revision `from`. */
function checkGapless(
  stream: string,
  entries: readonly StreamPostings[],
  from: number,
  backwards: boolean,
): void {
  const isGapless = entries.every((entry, i) => {
    const before = entries[i - 1];
    if (!before) return firstRevision(entry) <= from && entry.lastRevision >= from;
    return backwards
      ? entry.lastRevision === firstRevision(before) - 1
      : firstRevision(entry) === before.lastRevision + 1;
  });
  if (!isGapless || entries.length === 0)
    throw new MissingEntryError(streamKey(stream, from), from);
}

function rangeOf(stream: string): { gt: Buffer; lt: Buffer } {
  return {
    gt: namedRangeStart(KeySpace.stream, stream),
    lt: namedRangeEnd(KeySpace.stream, stream),
  };
}

function decode(entry: [Buffer, Buffer]): StreamPostings;
function decode(entry: [Buffer, Buffer] | undefined): StreamPostings | undefined;
function decode(entry: [Buffer, Buffer] | undefined): StreamPostings | undefined {
  return entry && decodeStreamPostings(entry[0], entry[1]);
}

/** What cannot be read is for whoever needs it to find. */
function tryDecode(entry: [Buffer, Buffer]): StreamPostings | undefined {
  try {
    return decode(entry);
  } catch {
    return undefined;
  }
}
