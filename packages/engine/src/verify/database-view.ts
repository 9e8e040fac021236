import { ErrorReason } from "@varve/proto";
import type { AbstractSnapshot } from "abstract-level";
import { asStoreError } from "../errors.js";
import { type Database, type KeyRange, readChunk } from "../log/database.js";
import type { Findings } from "./finding.js";
import type { Pace } from "./pace.js";

export type Entry = readonly [key: Buffer, value: Buffer];

const CHUNK_ENTRIES = 1000;

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
      this.pace.throwIfAborted();
      const entries = await this.#readable(rest);
      if (entries.length === 0) return;
      await this.#count(entries);
      yield entries;
      const { gte: _, ...bounds } = rest;
      rest = { ...bounds, gt: (entries.at(-1) as Entry)[0] };
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

  /** A chunk that the database cannot read is read in smaller pieces. */
  async #readable(range: KeyRange): Promise<readonly Entry[]> {
    for (let limit = CHUNK_ENTRIES; limit >= 1; limit = Math.floor(limit / 2)) {
      const entries = await this.#orDamage(() => this.#chunk(range, limit));
      if (entries) return entries;
    }
    return [];
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
      const isUnknown = asStoreError(error).reason === ErrorReason.INTERNAL;
      if (isUnknown || this.db.status !== "open") throw error;
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
    await this.pace.spend(bytes);
  }
}
