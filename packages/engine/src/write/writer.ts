import { ErrorReason } from "@varve/proto";
import { asStoreError, StoreError, serverStopping, storageReopening } from "../errors.js";
import type { StreamIndex } from "../index/stream-index.js";
import { type Write, writeDurably } from "../log/database.js";
import type { EventLog } from "../log/event-log.js";
import { realTimers } from "../real-timers.js";
import type { RecentStreams } from "../recent/recent-streams.js";
import type { AppendCommand } from "../request/append.js";
import { AppendIdExpiry } from "./append-id-expiry.js";
import { AppendIds, SYNC_LOOK_UPS_MAX } from "./append-ids.js";
import { Decider } from "./decider.js";
import { closeGroup, type Group } from "./group.js";
import { type Item, streamsOf } from "./item.js";
import { Preparer } from "./preparer.js";
import { StreamHeads } from "./stream-heads.js";
import { TagHeads } from "./tag-heads.js";

export interface WriterOptions {
  /** The time, in ms since 1970. */
  readonly clock: () => number;
  /** How long append ids are remembered, in ms. */
  readonly appendIdRetentionMs: number;
  /** Streams whose last revision is kept in memory. */
  readonly streamHeadsMax: number;
  /** Asked before a write is taken in: why it is to be refused, if it is. */
  readonly refuseWrites: () => StoreError | undefined;
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

/**
 * The only one who writes to a workspace. Appends pass through in order: what
 * they need is read, they are decided and encoded as a group, and the group is
 * written with one sync. While one group is being written the next collects; it
 * closes when the disk is free, or when it is large.
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
    this.#preparer = new Preparer(log, streams, this.#heads, this.#ids, this.#tags);
    this.#decider = new Decider(log, this.#heads, this.#ids);
    const write = (writes: readonly Write[]): Promise<void> => this.write(writes);
    this.#expiry = new AppendIdExpiry(this.#ids, write, options.appendIdRetentionMs);
  }

  /** Why writes are refused now; `undefined` if they are taken. */
  get refusal(): StoreError | undefined {
    if (this.#failure) return this.#failure;
    return this.#stopping ? serverStopping() : this.options.refuseWrites();
  }

  /** Whether any append waits to be stored. */
  get isBusy(): boolean {
    return this.#pendingAppends > 0;
  }

  /** Resolves to the encoded `AppendResponse` once the events are durable. */
  append(command: AppendCommand): Promise<Buffer> {
    const refusal = this.refusal ?? this.#overload(command.bytes);
    if (refusal) return Promise.reject(refusal);
    this.#pendingAppends++;
    this.#pendingBytes += command.bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, streams: streamsOf(command), resolve, reject });
      this.#schedulePump();
    });
  }

  /** Makes other writes durable; they share the sync of the next group. */
  write(writes: readonly Write[]): Promise<void> {
    const { refusal } = this;
    if (refusal) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      this.#other.push({ writes, resolve, reject });
      this.#schedulePump();
    });
  }

  /** Refuses new appends; resolves when those on their way are answered. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
    });
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
    const stale = this.#ready[0];
    const again = stale && !stale.prepared;
    if (again) void this.#prepare([stale]);
    else {
      this.#prepareNow();
      if (this.#waiting.length > 0) void this.#prepare(this.#waiting.splice(0));
    }
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
      if (this.#failure) throw this.#failure;
      if (items[0] !== this.#ready[0]) this.#ready.push(...items);
    } catch (cause) {
      const error = asStoreError(cause);
      if (items[0] === this.#ready[0]) this.#ready.shift();
      for (const item of items) this.#answer(item, error);
    }
    this.#preparing = [];
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
    const group = closeGroup(this.#decider, this.#preparer, this.#ready, {
      undurable: this.#writing?.blocks ?? [],
      chain: last?.chain ?? this.log.chain,
      timeMs: Math.max(this.options.clock(), last?.timeMs ?? this.log.timeMs),
    });
    const stale = this.#ready[0] && !this.#ready[0].prepared;
    if (stale) this.#schedulePump();
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
    this.#failure = storageReopening(cause);
    for (const { item } of group.answers) this.#answer(item, unknown);
    for (const { item } of this.#closed?.answers ?? []) this.#answer(item, this.#failure);
    for (const item of [...this.#ready.splice(0), ...this.#waiting.splice(0)]) {
      // What is being prepared finds the failure when that is done.
      if (!this.#preparing.includes(item)) this.#answer(item, this.#failure);
    }
    for (const { reject } of [...other, ...this.#other.splice(0)]) reject(unknown);
    this.#closed = undefined;
    this.#writing = undefined;
    this.#pump();
    this.options.onFailure(cause);
  }
}
