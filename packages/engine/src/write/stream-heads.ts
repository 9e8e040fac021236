import { LRUCache } from "lru-cache";
import type { StreamIndex } from "../index/stream-index.js";

/** What a stream without events has as its last revision. */
export const NO_STREAM = -1;

/**
 * The last revision of each stream, as the writer has decided it: durable ones
 * from a cache over the index, and on top those that are still being written.
 */
export class StreamHeads {
  readonly #durable: LRUCache<string, number>;
  readonly #pending = new Map<string, number>();

  /** `entriesMax`: streams kept in memory. */
  constructor(
    private readonly index: StreamIndex,
    entriesMax: number,
  ) {
    this.#durable = new LRUCache({ max: entriesMax });
  }

  /** `undefined`: not in memory, to be loaded first. */
  get(stream: string): number | undefined {
    return this.#pending.get(stream) ?? this.#durable.get(stream);
  }

  async load(stream: string): Promise<void> {
    const last = await this.index.last(stream);
    this.#raise(stream, last?.lastRevision ?? NO_STREAM);
  }

  /** The writer has given out revisions up to `revision`, which are not yet durable. */
  decided(stream: string, revision: number): void {
    this.#pending.set(stream, revision);
  }

  /** Revisions up to `revision` are durable. */
  durable(stream: string, revision: number): void {
    this.#raise(stream, revision);
    if (this.#pending.get(stream) === revision) this.#pending.delete(stream);
  }

  /** A revision that was read may be older than one that became durable meanwhile. */
  #raise(stream: string, revision: number): void {
    this.#durable.set(stream, Math.max(revision, this.#durable.get(stream) ?? NO_STREAM));
  }
}
