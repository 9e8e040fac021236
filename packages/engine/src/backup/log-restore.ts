import { type Block, followsOn, sealBlock } from "../format/block.js";
import { BlockOffset, CHAIN_GENESIS } from "../format/constants.js";
import type { Database, Write } from "../log/database.js";
import { checkFormat } from "../log/open.js";
import { writeAppendId, writeAppendIdExpiry } from "../write/append-ids.js";
import { blockWrites } from "../write/blocks.js";
import { BackupError } from "./backup-error.js";
import type { BackupHead, CheckedFrame, IdGroup } from "./checked-frames.js";
import { unlistReused } from "./reused-ids.js";

/** How far a log is restored. Default: to the end of the backups. */
export interface RestoreTarget {
  /** Inclusive; 1 or more. */
  readonly toPosition?: number | undefined;
  /** Inclusive: what was recorded at or before this time, in ms since 1970. */
  readonly toTimeMs?: number | undefined;
}

/** A log that has been restored. */
export interface RestoredLog {
  /** Its last position; 0 if it has no event. */
  readonly head: number;
  /** Chain value of its last block. */
  readonly chain: Buffer;
  /** When its last events were recorded, in ms since 1970; 0 if there are none. */
  readonly timeMs: number;
  /** How many append ids it remembers. */
  readonly appendIds: number;
}

/** Written at a time, bytes. */
const BATCH_BYTES = 1024 * 1024;

/**
 * Writes a log anew from backups, given one after the other: its blocks as they
 * were, the index made from them, and append ids. Until `finish` has resolved the
 * database is not a log.
 */
export class LogRestore {
  readonly #toPosition: number;
  readonly #toTimeMs: number;
  #head = 0;
  /** Where the backups before the one that is being added end. */
  #previousHead = 0;
  #chain: Buffer = CHAIN_GENESIS;
  #timeMs = 0;
  #appendIds = 0;
  /** Until when the backups tell everything, in ms since 1970. */
  #reachedMs = 0;
  #isPastTime = false;
  #writes: Write[] = [];
  #bytes = 0;

  /** REQUIRES: the database is open and empty. */
  constructor(
    private readonly db: Database,
    { toPosition, toTimeMs }: RestoreTarget = {},
  ) {
    this.#toPosition = toPosition ?? Number.MAX_SAFE_INTEGER;
    this.#toTimeMs = toTimeMs ?? Number.POSITIVE_INFINITY;
  }

  /** The last position that has been restored. */
  get head(): number {
    return this.#head;
  }

  /** Whether there is nothing left to restore: further backups are of no use. */
  get isReached(): boolean {
    return this.#head === this.#toPosition || this.#isPastTime;
  }

  /**
   * Goes on with a backup that begins at or before `head`; what it has in common
   * with those before is passed over. Throws `BackupError`.
   */
  async add(frames: AsyncIterable<CheckedFrame>): Promise<void> {
    for await (const frame of frames) {
      if (frame.kind === "header") this.#begin(frame.header);
      if (frame.kind === "blocks") for (const block of frame.blocks) this.#addBlock(block);
      if (frame.kind === "append-ids") for (const group of frame.groups) await this.#addIds(group);
      if (this.#bytes >= BATCH_BYTES) await this.#flush();
    }
    await this.#flush();
  }

  /**
   * Throws `BackupError` if the backups do not reach far enough. What was written is
   * not synced: the files are for the caller to sync once the database is closed.
   */
  async finish(): Promise<RestoredLog> {
    this.#checkReached();
    await checkFormat(this.db);
    const [head, chain, timeMs] = [this.#head, this.#chain, this.#timeMs];
    return { head, chain, timeMs, appendIds: this.#appendIds };
  }

  #begin({ after, timeMs }: BackupHead): void {
    if (after > this.#head) {
      const message = `a backup is missing: this one begins after position ${after}, those before it end at ${this.#head}`;
      throw new BackupError("BACKUP_MISSING", message, { position: this.#head });
    }
    this.#reachedMs = Math.max(this.#reachedMs, timeMs);
    this.#previousHead = this.#head;
  }

  #addBlock(block: Block): void {
    if (this.isReached || block.lastPosition <= this.#head) return;
    if (!followsOn(block, this.#head, this.#chain)) {
      const message = `the backup is of another log than those before it: the block that ends at position ${block.lastPosition} does not follow on position ${this.#head}`;
      throw new BackupError("OTHER_LOG", message, { position: this.#head });
    }
    if (block.timeMs > this.#toTimeMs) {
      this.#isPastTime = true;
      return;
    }
    this.#write(block.lastPosition > this.#toPosition ? this.#cut(block) : block);
  }

  #write(block: Block): void {
    this.#put(blockWrites(block));
    this.#head = block.lastPosition;
    this.#chain = block.chain;
    this.#timeMs = block.timeMs;
  }

  /** The part of a block up to the position that is asked for. */
  #cut(block: Block): Block {
    const { firstPosition, timeMs } = block;
    const lastPosition = this.#toPosition;
    const count = lastPosition - firstPosition + 1;
    const body = block.slice(firstPosition, lastPosition);
    const bytes = Buffer.concat([Buffer.alloc(BlockOffset.body), body]);
    const headers = block.headers().slice(0, count);
    return sealBlock({ bytes, lastPosition, count, timeMs, headers, previousChain: this.#chain });
  }

  /** Those of appends that are restored whole; the backups before have theirs already. */
  async #addIds({ ids, timeMs }: IdGroup): Promise<void> {
    const kept = ids.filter(
      ({ lastPosition }) => lastPosition > this.#previousHead && lastPosition <= this.#head,
    );
    if (kept.length === 0) return;
    if (this.#previousHead > 0) {
      const reused = kept.map(({ id }) => id);
      this.#appendIds -= await unlistReused(this.db, reused);
    }
    // The group's own last position may be beyond the head, and soon another's.
    const lastPosition = Math.max(...kept.map((each) => each.lastPosition));
    const entry = writeAppendIdExpiry(
      lastPosition,
      timeMs,
      kept.map(({ id }) => id),
    );
    this.#put([...kept.map(({ id, ...outcome }) => writeAppendId(id, outcome)), entry]);
    this.#appendIds += kept.length;
  }

  #put(writes: readonly Write[]): void {
    for (const write of writes) {
      this.#writes.push(write);
      this.#bytes += write.type === "put" ? write.key.length + write.value.length : 0;
    }
  }

  async #flush(): Promise<void> {
    const writes = this.#writes;
    this.#writes = [];
    this.#bytes = 0;
    if (writes.length > 0) await this.db.batch(writes);
  }

  #checkReached(): void {
    if (this.isReached) return;
    if (this.#toPosition < Number.MAX_SAFE_INTEGER) {
      throw notReached(`end at position ${this.#head}`, this.#head);
    }
    if (this.#toTimeMs < Number.POSITIVE_INFINITY && this.#toTimeMs > this.#reachedMs) {
      throw notReached(`were made until ${new Date(this.#reachedMs).toISOString()}`, this.#head);
    }
  }
}

function notReached(what: string, position: number): BackupError {
  return new BackupError("NOT_REACHED", `the backups do not reach so far: they ${what}`, {
    position,
  });
}
