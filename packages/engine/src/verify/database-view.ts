import type { AbstractSnapshot } from "abstract-level";
import { isLackOfHandles } from "../errors.js";
import { type Database, type KeyRange, readChunk } from "../log/database.js";
import type { Findings } from "./finding.js";
import type { Pace } from "./pace.js";

export type Entry = readonly [key: Buffer, value: Buffer];

/** Chunks that are read with one iterator. */
const ITERATOR_CHUNKS = 256;
/** What it costs to look at an entry, however small it is, for the pace, bytes. */
const ENTRY_COST = 256;

/**
 * A database as it is at one point in time, read at a bounded pace. What the
 * database cannot read is a finding, and is passed over.
 */
export class DatabaseView implements AsyncDisposable {
  readonly #snapshot: AbstractSnapshot | undefined;
  readonly #reported = new Set<string>();
  #bytes = 0;

  /** REQUIRES: nobody writes, if the database does not support explicit snapshots. */
  constructor(
    private readonly db: Database,
    private readonly findings: Findings,
    private readonly pace: Pace,
  ) {
    this.#snapshot = db.supports.explicitSnapshots ? db.snapshot() : undefined;
  }

  /** Keys and values read so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The entries of a range in order, some at a time. */
  async *walk(range: Pick<KeyRange, "gte" | "lt" | "lte">): AsyncGenerator<readonly Entry[]> {
    let rest: KeyRange = { ...range };
    for (;;) {
      const last = yield* this.#walkOnce(rest);
      if (!last) return;
      const { gte: _, ...bounds } = rest;
      rest = { ...bounds, gt: last };
    }
  }

  /** The first entry of a range, or the last if it is reversed. */
  async first(range: KeyRange): Promise<Entry | undefined> {
    const entries = await this.#orDamage(() => this.#chunk(range, 1));
    if (entries) await this.#count(entries);
    return entries?.[0];
  }

  /** The values of keys; `undefined` where there is none, or it cannot be read. */
  async getMany(keys: readonly Buffer[]): Promise<readonly (Buffer | undefined)[]> {
    const options = { fillCache: false, ...this.#atSnapshot() };
    const values = await this.#orDamage(() => this.db.getMany([...keys], options));
    await this.#count((values ?? []).flatMap((value, i) => (value ? [[keys[i], value]] : [])));
    if (values || keys.length === 1) return values ?? [undefined];
    const singly: (Buffer | undefined)[] = [];
    for (const key of keys) singly.push(...(await this.getMany([key])));
    return singly;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#snapshot?.close();
  }

  /**
   * Walks a part of a range with one iterator. Returns the last key that it has come
   * to; none at the end. An iterator that is open for long would hold on to files;
   * one for each chunk would fill the memory: what it is made of goes when it is
   * collected, which is not soon.
   */
  async *#walkOnce(range: KeyRange): AsyncGenerator<readonly Entry[], Buffer | undefined> {
    // Not every implementation knows the byte bound; those hold no copies.
    const bound = { highWaterMarkBytes: this.pace.chunkBytes };
    const iterator = this.db.iterator({ ...range, ...this.#atSnapshot(), ...bound });
    let last: Buffer | undefined;
    try {
      for (let chunk = 0; chunk < ITERATOR_CHUNKS; chunk++) {
        this.pace.throwIfAborted();
        const entries = await this.#orDamage(() => iterator.nextv(this.pace.chunkEntries));
        if (!entries) return last ?? (yield* this.#walkAround(range));
        if (entries.length === 0) return undefined;
        await this.#count(entries);
        yield entries;
        last = entries.at(-1)?.[0];
      }
      return last;
    } finally {
      await iterator.close();
    }
  }

  /** What the database cannot read in one piece is read in smaller ones. */
  async *#walkAround(range: KeyRange): AsyncGenerator<readonly Entry[], Buffer | undefined> {
    for (let limit = this.pace.chunkEntries / 2; limit >= 1; limit = Math.floor(limit / 2)) {
      const entries = await this.#orDamage(() => this.#chunk(range, limit));
      if (!entries) continue;
      await this.#count(entries);
      yield entries;
      return entries.at(-1)?.[0];
    }
    return undefined;
  }

  #chunk(range: KeyRange, limit: number): Promise<Entry[]> {
    return readChunk(this.db, { ...range, ...this.#atSnapshot() }, limit, this.pace.chunkBytes);
  }

  #atSnapshot(): { snapshot?: AbstractSnapshot } {
    return this.#snapshot ? { snapshot: this.#snapshot } : {};
  }

  async #orDamage<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!isOfReading(error)) throw error;
      this.#report(error);
      return undefined;
    }
  }

  #report(error: unknown): void {
    const { cause } = error as Error;
    const what = (cause instanceof Error ? cause : (error as Error)).message;
    if (this.#reported.has(what)) return;
    this.#reported.add(what);
    this.findings.add({ kind: "unreadable", message: `the database cannot read: ${what}` });
  }

  async #count(entries: readonly (readonly (Buffer | undefined)[])[]): Promise<void> {
    let bytes = 0;
    for (const [key, value] of entries) bytes += (key?.length ?? 0) + (value?.length ?? 0);
    this.#bytes += bytes;
    await this.pace.spend(bytes + ENTRY_COST * entries.length);
  }
}

/** Whether the database could not read; otherwise it is closed, or there is a defect. */
function isOfReading(error: unknown): boolean {
  if (isLackOfHandles(error)) return false;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code.startsWith("LEVEL_") && !code.endsWith("_NOT_OPEN");
}
