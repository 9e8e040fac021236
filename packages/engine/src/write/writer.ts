import { ErrorReason } from "@varve/proto";
import { asStoreError, callOver, StoreError, serverStopping, storageReopening } from "../errors.js";
import type { SearchTurns } from "../index/search-turns.js";
import type { StreamIndex } from "../index/stream-index.js";
import { type Write, writeDurably } from "../log/database.js";
import type { EventLog } from "../log/event-log.js";
import { realTimers } from "../real-timers.js";
import type { RecentStreams } from "../recent/recent-streams.js";
import type { AppendCommand } from "../request/append.js";
import { Admission } from "./admission.js";
import { AppendIdExpiry } from "./append-id-expiry.js";
import { AppendIds, SYNC_LOOK_UPS_MAX } from "./append-ids.js";
import type { ClockWatch } from "./clock-watch.js";
import { Decider } from "./decider.js";
import { closeGroup, type Group, type Returned } from "./group.js";
import { type AppendCaller, type Item, streamsOf } from "./item.js";
import { Preparer } from "./preparer.js";
import { StreamHeads } from "./stream-heads.js";
import { TagHeads } from "./tag-heads.js";

export interface WriterOptions {
  /** The time, in ms since 1970. */
  readonly clock: () => number;
  /** Shown the clock whenever it is read to record something. */
  readonly clockWatch: ClockWatch;
  /** How long append ids are remembered, in ms. */
  readonly appendIdRetentionMs: number;
  /** Streams whose last revision is kept in memory. */
  readonly streamHeadsMax: number;
  /** Asked before a write of about so many bytes is taken in: why it is refused, if it is. */
  readonly refuseWrites: (bytes: number) => StoreError | undefined;
  /** Told how many bytes more are to be written, or, if negative, are written or given up. */
  readonly onPendingBytes: (change: number) => void;
  /** Look-ups for the query conditions of one append. */
  readonly conditionLookUpsMax: number;
  /** What all searches share. */
  readonly searches: SearchTurns;
  /** Called once, when a write has failed: the database must be opened anew. */
  readonly onFailure: (cause: unknown) => void;
}

/** Bounds of what waits in memory. Beyond them appends are refused as OVERLOADED. */
const PENDING_APPENDS_MAX = 16_384;
const PENDING_BYTES_MAX = 64 * 1024 * 1024;

/** While a group is being written, one with this many bytes waiting is encoded already. */
const CLOSE_EARLY_BYTES = 256 * 1024;

/** Writes that are no events, made durable with the next group. */
interface OtherWrites {
  readonly writes: readonly Write[];
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

const NO_QUERIES: Item["queries"] = [];

/**
 * The only one who writes to a workspace. Appends pass through in a line: what
 * they need is read, they are decided and encoded as a group, and the group is
 * written with one sync. While one group is being written the next collects; it
 * closes when the disk is free, or when it is large.
 *
 * `Admission` lets appends into the line. What is appended between the search for a
 * condition and the decision is looked at when it is decided.
 *
 * Nothing is answered, not even with a refusal, before everything that the
 * answer rests on is durable. After a failed write the writer is of no more use:
 * what the disk holds is known only once the database is opened anew.
 */
export class Writer {
  readonly #heads: StreamHeads;
  readonly #ids: AppendIds;
  readonly #tags: TagHeads;
  readonly #preparer: Preparer;
  readonly #decider: Decider;
  readonly #expiry: AppendIdExpiry;
  readonly #admission: Admission;
  readonly #waiting: Item[] = [];
  readonly #ready: Item[] = [];
  readonly #other: OtherWrites[] = [];
  readonly #idle: (() => void)[] = [];
  #pendingAppends = 0;
  #pendingBytes = 0;
  #preparing: readonly Item[] = [];
  #writing: Group | undefined;
  #closed: Group | undefined;
  #failure: StoreError | undefined;
  #abandonedBecause: StoreError | undefined;
  #stopping = false;
  #pumpScheduled = false;
  #collecting = false;

  constructor(
    private readonly log: EventLog,
    streams: StreamIndex,
    private readonly recent: RecentStreams,
    private readonly options: WriterOptions,
  ) {
    this.#heads = new StreamHeads(streams, options.streamHeadsMax);
    this.#ids = new AppendIds(log.db);
    this.#tags = new TagHeads(log.db);
    this.#preparer = new Preparer(log, streams, this.#heads, this.#ids, this.#tags, {
      turns: options.searches,
      conditionLookUpsMax: options.conditionLookUpsMax,
    });
    this.#admission = new Admission(this.#preparer, {
      enter: (item) => this.#waiting.push(item),
      onMore: () => this.#schedulePump(),
      endOf: (item) => this.#endOf(item),
    });
    this.#decider = new Decider(log, this.#heads, this.#ids);
    const write = (writes: readonly Write[]): Promise<void> => this.write(writes);
    this.#expiry = new AppendIdExpiry(this.#ids, write, options.appendIdRetentionMs);
  }

  /** Why writes are refused now; `undefined` if they are taken. */
  get refusal(): StoreError | undefined {
    return this.#refusalOf(0);
  }

  /** Whether any append waits to be stored. */
  get isBusy(): boolean {
    return this.#pendingAppends > 0;
  }

  /** Resolves to the encoded `AppendResponse` once the events are durable. */
  append(command: AppendCommand, caller?: AppendCaller): Promise<Buffer> {
    const refusal = this.#refusalOf(command.bytes) ?? this.#overload(command.bytes);
    if (refusal) return Promise.reject(refusal);
    this.#pendingAppends++;
    this.#pendingBytes += command.bytes;
    this.options.onPendingBytes(command.bytes);
    const lane = this.#admission.laneOf(caller);
    return new Promise((resolve, reject) => {
      const streams = streamsOf(command);
      const place = lane?.next() ?? 0;
      const queries = NO_QUERIES;
      this.#admission.add({ command, caller, lane, place, streams, resolve, reject, queries });
      this.#schedulePump();
    });
  }

  /** Makes other writes durable; they share the sync of the next group. */
  write(writes: readonly Write[]): Promise<void> {
    const bytes = bytesOf(writes);
    const refusal = this.#refusalOf(bytes);
    if (refusal) return Promise.reject(refusal);
    this.options.onPendingBytes(bytes);
    const written = new Promise<void>((resolve, reject) => {
      this.#other.push({ writes, resolve, reject });
      this.#schedulePump();
    });
    return written.finally(() => this.options.onPendingBytes(-bytes));
  }

  /** Refuses new appends; resolves when those on their way are answered. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
    });
  }

  /** Acknowledges nothing more, not even what is being written: nobody would find it. */
  abandon(because: StoreError): void {
    this.#abandonedBecause = because;
  }

  #refusalOf(bytes: number): StoreError | undefined {
    const failure = this.#failure ?? this.#abandonedBecause;
    if (failure) return failure;
    return this.#stopping ? serverStopping() : this.options.refuseWrites(bytes);
  }

  #overload(bytes: number): StoreError | undefined {
    const fits =
      this.#pendingAppends < PENDING_APPENDS_MAX &&
      (this.#pendingBytes + bytes <= PENDING_BYTES_MAX || this.#pendingAppends === 0);
    if (fits) return undefined;
    return new StoreError(ErrorReason.OVERLOADED, "too many appends are waiting to be stored");
  }

  #isIdle(): boolean {
    return this.#pendingAppends === 0 && this.#other.length === 0 && !this.#writing;
  }

  /**
   * Appends that arrive together share a group. While the disk is busy there is no hurry:
   * whatever arrives in a turn of the event loop is prepared together.
   */
  #schedulePump(): void {
    if (this.#pumpScheduled) return;
    this.#pumpScheduled = true;
    const pump = (): void => {
      this.#pumpScheduled = false;
      this.#pump();
    };
    if (this.#writing || this.#collecting) realTimers.setImmediate(pump);
    else queueMicrotask(pump);
  }

  /** Starts whatever can go on. Called whenever something has changed. */
  #pump(): void {
    if (!this.#failure) this.#goOn();
    if (this.#isIdle()) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #goOn(): void {
    if (this.#preparing.length === 0) this.#prepareNext();
    if (!this.#writing && !this.#collecting) {
      const group = this.#closed ?? this.#close();
      this.#closed = undefined;
      if (group) void this.#write(group);
    } else if (this.#writing && !this.#closed && this.#readyBytes() >= CLOSE_EARLY_BYTES) {
      this.#closed = this.#close();
    }
  }

  #prepareNext(): void {
    this.#admission.admit();
    this.#prepareNow();
    if (this.#waiting.length > 0) void this.#prepare(this.#waiting.splice(0));
  }

  #endOf({ caller }: Item): StoreError | undefined {
    if (this.#failure) return this.#failure;
    if (this.#stopping) return serverStopping();
    return caller?.aborted ? callOver() : undefined;
  }

  /** Takes from the front what need not wait for the disk. Many look-ups are better made together. */
  #prepareNow(): void {
    if (this.#waiting.length > SYNC_LOOK_UPS_MAX && this.#waiting[0]?.command.identity) return;
    let count = 0;
    try {
      while (this.#waiting[count] && this.#preparer.prepareNow(this.#waiting[count] as Item))
        count++;
    } catch {
      // What cannot be read is looked up once more, and answered, with the rest.
    }
    this.#ready.push(...this.#waiting.splice(0, count));
  }

  async #prepare(items: readonly Item[]): Promise<void> {
    this.#preparing = items;
    try {
      await this.#preparer.prepare(items);
    } catch (cause) {
      for (const item of items) item.refusal ??= asStoreError(cause);
    }
    this.#preparing = [];
    const failure = this.#failure;
    if (failure) for (const item of items) this.#answer(item, failure);
    else this.#ready.push(...items);
    this.#pump();
  }

  #readyBytes(): number {
    let bytes = 0;
    for (const { command } of this.#ready) {
      bytes += command.bytes;
      if (bytes >= CLOSE_EARLY_BYTES) break;
    }
    return bytes;
  }

  /** `undefined` if there is nothing to do. */
  #close(): Group | undefined {
    const last = this.#writing?.blocks.at(-1);
    const nowMs = this.options.clock();
    const recordedMs = last?.timeMs ?? this.log.timeMs;
    this.options.clockWatch.compare(nowMs, recordedMs);
    const base = {
      undurable: this.#writing?.blocks ?? [],
      chain: last?.chain ?? this.log.chain,
      timeMs: Math.max(nowMs, recordedMs),
    };
    const returned: Returned = { stale: [], early: [] };
    const group = closeGroup(this.#decider, this.#preparer, this.#ready, base, returned);
    const before = this.#waiting.length;
    const decided = group.answers.map(({ item }) => item);
    this.#admission.readmit(returned, decided);
    if (this.#waiting.length > before) this.#schedulePump();
    return group.answers.length > 0 || (this.#other.length > 0 && !this.#writing)
      ? group
      : undefined;
  }

  async #write(group: Group): Promise<void> {
    this.#writing = group;
    const other = this.#other.splice(0);
    const writes = [...group.writes, ...other.flatMap((entry) => entry.writes)];
    try {
      if (writes.length > 0) await writeDurably(this.log.db, writes);
      if (this.#abandonedBecause) throw this.#abandonedBecause;
    } catch (cause) {
      this.#fail(group, other, cause);
      return;
    }
    this.#publish(group);
    this.#writing = undefined;
    for (const { resolve } of other) resolve();
    for (const { item, answer } of group.answers) this.#answer(item, answer);
    if (!this.#stopping) this.#expiry.maybeRun(this.options.clock());
    if (group.answers.length > 1 && !this.#closed) this.#collect();
    this.#pump();
  }

  /**
   * Where many append at a time, what has arrived in the meantime is taken in before the
   * next group begins: it is in the same turn of the event loop. Fewer, larger groups
   * cost less, and nobody waits for a timer.
   */
  #collect(): void {
    this.#collecting = true;
    realTimers.setImmediate(() => {
      this.#collecting = false;
      this.#pump();
    });
  }

  #publish({ blocks, events }: Group): void {
    if (blocks.length === 0) return;
    for (const { stream, revision } of events) this.#heads.durable(stream, revision);
    for (const block of blocks) {
      this.recent.published(block);
      this.#tags.published(block);
    }
    this.log.publish(blocks);
  }

  #answer(item: Item, answer: Buffer | StoreError): void {
    this.#pendingAppends--;
    this.#pendingBytes -= item.command.bytes;
    this.options.onPendingBytes(-item.command.bytes);
    if (Buffer.isBuffer(answer)) item.resolve(answer);
    else item.reject(answer);
  }

  /** Of this group nobody knows; what waits behind it was certainly not stored. */
  #fail(group: Group, other: readonly OtherWrites[], cause: unknown): void {
    const unknown = new StoreError(
      ErrorReason.APPEND_OUTCOME_UNKNOWN,
      "the disk refused a write; whether the events are stored is not known",
      {},
      undefined,
      { cause },
    );
    this.#failure = this.#abandonedBecause ?? storageReopening(cause);
    for (const { item } of group.answers) this.#answer(item, unknown);
    for (const { item } of this.#closed?.answers ?? []) this.#answer(item, this.#failure);
    // What is being prepared finds the failure when that is done.
    const others = [...this.#ready.splice(0), ...this.#waiting.splice(0)];
    for (const item of [...others, ...this.#admission.takeAll()]) this.#answer(item, this.#failure);
    for (const { reject } of [...other, ...this.#other.splice(0)]) reject(unknown);
    this.#closed = undefined;
    this.#writing = undefined;
    this.#pump();
    if (!this.#abandonedBecause) this.options.onFailure(cause);
  }
}

function bytesOf(writes: readonly Write[]): number {
  let bytes = 0;
  for (const write of writes) {
    bytes += write.key.length + (write.type === "put" ? write.value.length : 0);
  }
  return bytes;
}
