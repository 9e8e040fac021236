import type { Block } from "../format/block.js";
import { CHAIN_GENESIS } from "../format/constants.js";
import { defaultLimits, type Limits } from "../limits.js";
import type { Database, Write } from "../log/database.js";
import { checkFormat } from "../log/open.js";
import { parseAppend } from "../request/append.js";
import { blockWrites, buildBlocks, type PlacedEvent } from "../write/blocks.js";
import type { RestoredLog } from "./log-restore.js";

/** Events of one time are held until there are so many bytes of them, or another time comes. */
const PENDING_BYTES = 256 * 1024;

/** Written at a time, bytes. */
const BATCH_BYTES = 1024 * 1024;

/**
 * Writes a log anew out of events that come with the times at which they were
 * recorded, in the order of the log: their positions and revisions are counted. Until
 * `finish` has resolved the database is not a log.
 *
 * Holds the last revision of every stream in memory.
 */
export class EventRestore {
  readonly #revisions = new Map<string, number>();
  #pending: PlacedEvent[] = [];
  #pendingBytes = 0;
  /** Events that were taken in. */
  #head = 0;
  #timeMs = 0;
  #chain: Buffer = CHAIN_GENESIS;
  #writes: Write[] = [];
  #bytes = 0;

  /** REQUIRES: the database is open and empty. */
  constructor(
    private readonly db: Database,
    private readonly limits: Limits = defaultLimits,
  ) {}

  /** The last position that has been given. */
  get head(): number {
    return this.#head;
  }

  /**
   * Takes the events of an encoded `AppendRequest`, checked as the server checks them;
   * its append id and conditions do not count. Throws `StoreError`, and `RangeError` for
   * a time before that of the events before, or before 1970.
   */
  async add(request: Buffer, timeMs: number): Promise<void> {
    if (!(timeMs >= this.#timeMs)) throw new RangeError("recorded times must not run backwards");
    const { events } = parseAppend(request, this.limits);
    if (timeMs > this.#timeMs || this.#pendingBytes >= PENDING_BYTES) this.#seal();
    this.#timeMs = timeMs;
    for (const event of events) {
      const revision = (this.#revisions.get(event.stream) ?? -1) + 1;
      this.#revisions.set(event.stream, revision);
      this.#head += 1;
      this.#pending.push({ ...event, revision, position: this.#head });
    }
    this.#pendingBytes += request.length;
    if (this.#bytes >= BATCH_BYTES) await this.#flush();
  }

  /** What was written is not synced: that is for the caller, once the database is closed. */
  async finish(): Promise<RestoredLog> {
    this.#seal();
    await this.#flush();
    await checkFormat(this.db);
    return { head: this.#head, chain: this.#chain, timeMs: this.#timeMs, appendIds: 0 };
  }

  /** Makes blocks of what is pending; the events of a block have one time. */
  #seal(): void {
    if (this.#pending.length === 0) return;
    for (const block of buildBlocks(this.#pending, this.#timeMs, this.#chain)) this.#put(block);
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #put(block: Block): void {
    this.#chain = block.chain;
    for (const write of blockWrites(block)) {
      this.#writes.push(write);
      this.#bytes += write.key.length + write.value.length;
    }
  }

  async #flush(): Promise<void> {
    const writes = this.#writes;
    this.#writes = [];
    this.#bytes = 0;
    if (writes.length > 0) await this.db.batch(writes);
  }
}
