import { LRUCache } from "lru-cache";
import type { StreamIndex } from "../index/stream-index.js";

/** What a stream without events has as its last revision. */
export const NO_STREAM = -1;

/** A stream that appends on their way depend on. */
interface Pinned {
  /** `undefined` until it is known. */
  revision: number | undefined;
  /** How many appends depend on it. */
  pins: number;
}

/**
 * The last revision of each stream, as the writer has decided it: durable ones
 * from a cache over the index, and on top those that are still being written.
 * What an append on its way depends on is pinned, and stays however many other
 * streams come by.
 */
export class StreamHeads {
  readonly #cache: LRUCache<string, number>;
  readonly #pinned = new Map<string, Pinned>();
  readonly #pending = new Map<string, number>();

  /** `entriesMax`: streams kept in memory beyond those that are pinned. */
  constructor(
    private readonly index: StreamIndex,
    entriesMax: number,
  ) {
    // By their number, as a size: for a maximum, room would be made ahead, at every opening.
    this.#cache = new LRUCache({ maxSize: entriesMax, sizeCalculation: () => 1 });
  }

  /** REQUIRES: the stream is pinned. */
  get(stream: string): number {
    const revision = this.#pending.get(stream) ?? this.#pinned.get(stream)?.revision;
    if (revision === undefined) throw new Error("the stream is not pinned");
    return revision;
  }

  /** Reads the heads that are not in memory, and keeps all of them there until `unpin`. */
  async pin(streams: Iterable<string>): Promise<void> {
    const unknown: string[] = [];
    for (const stream of streams) {
      const pinned = this.#pinned.get(stream) ?? this.#newPin(stream);
      pinned.pins++;
      if (pinned.revision === undefined) unknown.push(stream);
    }
    if (unknown.length > 0) await Promise.all(unknown.map((stream) => this.#load(stream)));
  }

  /** The same if all of them are in memory; pins none, and returns false, if not. */
  pinKnown(streams: readonly string[]): boolean {
    for (const stream of streams) {
      const pinned = this.#pinned.get(stream);
      if (pinned ? pinned.revision === undefined : !this.#cache.has(stream)) return false;
    }
    for (const stream of streams) (this.#pinned.get(stream) ?? this.#newPin(stream)).pins++;
    return true;
  }

  unpin(streams: Iterable<string>): void {
    for (const stream of streams) {
      const pinned = this.#pinned.get(stream);
      if (!pinned || --pinned.pins > 0) continue;
      this.#pinned.delete(stream);
      if (pinned.revision !== undefined) this.#keep(stream, pinned.revision);
    }
  }

  /** The writer has given out revisions up to `revision`, which are not yet durable. */
  decided(stream: string, revision: number): void {
    this.#pending.set(stream, revision);
  }

  /** Revisions up to `revision` are durable. */
  durable(stream: string, revision: number): void {
    const pinned = this.#pinned.get(stream);
    if (pinned) pinned.revision = revision;
    else this.#cache.set(stream, revision);
    if (this.#pending.get(stream) === revision) this.#pending.delete(stream);
  }

  #newPin(stream: string): Pinned {
    const pinned = { pins: 0, revision: this.#cache.get(stream) };
    this.#pinned.set(stream, pinned);
    return pinned;
  }

  /** What is in the cache as it is need not be put there. */
  #keep(stream: string, revision: number): void {
    if (this.#cache.peek(stream) !== revision) this.#cache.set(stream, revision);
  }

  /** What is read may be older than what became durable meanwhile. */
  async #load(stream: string): Promise<void> {
    const last = (await this.index.last(stream))?.lastRevision ?? NO_STREAM;
    const pinned = this.#pinned.get(stream);
    if (pinned) pinned.revision = Math.max(last, pinned.revision ?? NO_STREAM);
  }
}
