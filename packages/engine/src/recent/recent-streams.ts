import { LRUCache } from "lru-cache";
import type { Block } from "../format/block.js";
import { streamsOfBlock } from "../index/block-streams.js";
import type { StreamIndex } from "../index/stream-index.js";
import { RecentStream, SLICES_MAX } from "./recent-stream.js";
import { StreamSlice } from "./stream-slice.js";

/** A stream that has been appended to so many times since it was read is not in use any more. */
const UNREAD_MAX = 16;

interface Entry {
  readonly recent: RecentStream;
  /** Slices that came since it was last read. */
  unread: number;
}

interface Loading {
  readonly promise: Promise<RecentStream>;
  /** What became durable meanwhile. */
  readonly arrived: StreamSlice[];
}

/**
 * The newest events of the streams that are read, in memory: what is loaded, decided
 * on and appended to is soon loaded again. Where they are is read from the index once;
 * from then on the writer tells what follows.
 */
export class RecentStreams {
  readonly #entries: LRUCache<string, Entry>;
  readonly #loading = new Map<string, Loading>();

  /** `bytesMax`: what all of them take in memory, about. */
  constructor(
    private readonly streams: StreamIndex,
    bytesMax: number,
  ) {
    this.#entries = new LRUCache({ maxSize: bytesMax });
  }

  /** A stream that is in memory, to be read. */
  get(name: string): RecentStream | undefined {
    const entry = this.#entries.get(name);
    if (entry) entry.unread = 0;
    return entry?.recent;
  }

  /** Takes a stream into memory: where its newest events are, not yet the events. Throws DATA_CORRUPT. */
  load(name: string): Promise<RecentStream> {
    const loading = this.#loading.get(name);
    if (loading) return loading.promise;
    const arrived: StreamSlice[] = [];
    const promise = this.#load(name, arrived);
    this.#loading.set(name, { promise, arrived });
    return promise;
  }

  /** Keeps the events of a slice, unless they are too many. */
  keep(recent: RecentStream, slice: StreamSlice, block: Block): void {
    if (!recent.fill(slice, block)) return;
    const entry = this.#entries.peek(recent.name);
    if (entry?.recent === recent) this.#set(entry);
  }

  /** Takes in a block that has become durable. */
  published(block: Block): void {
    const isWanted = (name: string): boolean => this.#entries.has(name) || this.#loading.has(name);
    if (!block.headers().some(({ stream }) => isWanted(stream))) return;
    for (const [name, postings] of streamsOfBlock(block)) {
      if (!isWanted(name)) continue;
      const slice = new StreamSlice(postings);
      slice.fill(block);
      this.#loading.get(name)?.arrived.push(slice);
      const entry = this.#entries.peek(name);
      if (entry) this.#extend(entry, slice);
    }
  }

  async #load(name: string, arrived: readonly StreamSlice[]): Promise<RecentStream> {
    try {
      const newest = await this.streams.newest(name, SLICES_MAX);
      const recent = new RecentStream(
        name,
        newest.map((postings) => new StreamSlice(postings)),
      );
      // Some of them may have been in the index already.
      for (const slice of arrived) recent.push(slice);
      this.#set({ recent, unread: 0 });
      return recent;
    } finally {
      this.#loading.delete(name);
    }
  }

  #extend(entry: Entry, slice: StreamSlice): void {
    entry.recent.push(slice);
    if (++entry.unread > UNREAD_MAX) this.#entries.delete(entry.recent.name);
    else this.#set(entry);
  }

  #set(entry: Entry): void {
    this.#entries.set(entry.recent.name, entry, { size: entry.recent.bytes });
  }
}
