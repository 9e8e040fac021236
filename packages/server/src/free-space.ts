import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { isLackOfSpace, StoreError } from "@varve/engine";
import { ErrorReason } from "@varve/proto";
import type { Logger } from "pino";
import { Ballast } from "./ballast.js";

export interface FreeSpaceOptions {
  /** Of the data. */
  readonly folder: string;
  /** What is to stay free, bytes; 0 keeps nothing. */
  readonly reserveBytes: number;
  readonly logger: Logger;
}

/** How often the free space is looked at, at most, ms. */
const INTERVAL_MS_MIN = 5;

/**
 * What a byte of an append takes on the disk for a time, at worst: LevelDB writes it to a
 * log, to a table and to merged tables before it removes what it has merged. 5.4 was measured.
 */
const AMPLIFICATION = 6;
/** What an append takes besides its bytes: its append id and entries of the index, bytes. */
const APPEND_BYTES = 1024;

/**
 * Given up for opening databases on a disk that is full, bytes. LevelDB begins with
 * new files, and makes tables of its logs, which are seldom larger than 4 MiB.
 */
const BALLAST_BYTES = 16 * 1024 * 1024;
/** Less is of no use, bytes. */
const BALLAST_BYTES_MIN = BALLAST_BYTES / 4;
/** After a start, or when it was given up, others need the disk more than that. ms. */
const BALLAST_AFTER_MS = 10_000;

/**
 * Keeps some of the disk free. A write that fails for lack of space costs more than one
 * that is refused: LevelDB has to be opened anew, and needs space for it. Between two
 * looks at the disk, what has been written is counted.
 *
 * Others may fill the disk in spite of that. For those who read then, a file is kept in
 * the folder that is given up when a database does not open for lack of space.
 */
export class FreeSpaceReserve {
  readonly #ballast: Ballast;
  #freeBytes = Number.POSITIVE_INFINITY;
  /** Taken in, and not known to be on the disk. */
  #pendingBytes = 0;
  /** On the disk since the last look began. */
  #writtenBytes = 0;
  #looking: Promise<void> | undefined;
  #lookedAtMs = 0;
  #hadSpace = true;
  #isRunning = false;
  #ballastDueMs = performance.now() + BALLAST_AFTER_MS;
  #taking: Promise<unknown> | undefined;
  #givingUp: Promise<void> | undefined;
  #givenUpAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: FreeSpaceOptions) {
    this.#ballast = new Ballast(join(options.folder, "ballast"));
  }

  /** Resolves when the free space is known. */
  async start(): Promise<void> {
    if (this.options.reserveBytes === 0) return;
    await this.#ballast.find();
    await this.#look();
    this.#isRunning = true;
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#taking;
  }

  /** To be called about once a second; when space runs short, it looks more often by itself. */
  tick(): void {
    if (this.#isRunning) void this.#look();
  }

  /** Why a write of so many bytes is refused; `undefined` if there is space. */
  refusal(bytes: number): StoreError | undefined {
    if (this.options.reserveBytes === 0) return undefined;
    if (this.#spareBytes >= bytes * AMPLIFICATION) return undefined;
    if (this.#hadSpace) this.#lookSoon();
    return this.#full("appends are refused until there is more free space");
  }

  /** So many bytes are about to be written, or, if negative, have been, or will not be. */
  pending(bytes: number): void {
    const more = bytes + Math.sign(bytes) * APPEND_BYTES;
    this.#pendingBytes += more;
    if (more < 0) this.#writtenBytes -= more;
    // Before it has to be refused on a mere estimate.
    else if (this.#spareBytes < this.#estimatedBytes) this.#lookSoon();
  }

  /** Does what needs some space, if need be at the cost of the file that is kept for that. */
  async withSpace<T>(work: () => Promise<T>): Promise<T> {
    const beganAtMs = performance.now();
    try {
      return await work();
    } catch (error) {
      if (!isLackOfSpace(error)) throw error;
      this.#givingUp ??= this.#giveUpBallast();
      await this.#givingUp;
      // Perhaps it was for another who lacked space at the same time.
      if (this.#givenUpAtMs < beganAtMs) throw error;
    }
    return work();
  }

  /** As `withSpace`, to open a database. Throws STORAGE_FULL. */
  async whileOpening<T>(open: () => Promise<T>): Promise<T> {
    try {
      return await this.withSpace(open);
    } catch (error) {
      if (!isLackOfSpace(error)) throw error;
      await this.#look();
      throw this.#full("the workspace cannot be opened until there is more free space", error);
    }
  }

  /** What is free beyond the reserve, as far as it is known, bytes. */
  get #spareBytes(): number {
    return this.#freeBytes - this.#estimatedBytes - this.options.reserveBytes;
  }

  /** What the disk has less than it had at the last look, at most, bytes. */
  get #estimatedBytes(): number {
    return (this.#pendingBytes + this.#writtenBytes) * AMPLIFICATION;
  }

  #lookSoon(): void {
    const isDue = performance.now() - this.#lookedAtMs >= INTERVAL_MS_MIN;
    if (this.#isRunning && isDue) void this.#look();
  }

  /** Who asks while there is a look under way is told what that finds. */
  #look(): Promise<void> {
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookNow(): Promise<void> {
    const writtenBefore = this.#writtenBytes;
    try {
      this.#freeBytes = await freeBytesOf(this.options.folder);
    } catch (err) {
      this.options.logger.warn({ err }, "cannot tell the free space of the disk");
    }
    this.#writtenBytes -= writtenBefore;
    this.#lookedAtMs = performance.now();
    this.#tell();
    this.#takeBallast();
  }

  #tell(): void {
    const { folder, reserveBytes, logger } = this.options;
    const hasSpace = this.#freeBytes >= reserveBytes;
    if (this.#hadSpace === hasSpace) return;
    this.#hadSpace = hasSpace;
    const sizes = { folder, freeBytes: this.#freeBytes, reserveBytes };
    if (hasSpace) logger.info(sizes, "there is space again: appends are taken");
    else logger.error(sizes, "the disk is almost full: appends are refused");
  }

  /** Not where appends would be refused because of it; where they are anyway, what there is. */
  #takeBallast(): void {
    if (!this.#isRunning || this.#taking || this.#ballast.isThere) return;
    if (performance.now() < this.#ballastDueMs) return;
    const spareBytes = this.#spareBytes;
    if (spareBytes >= 0 && spareBytes < 2 * BALLAST_BYTES) return;
    const bytes = Math.min(BALLAST_BYTES, this.#freeBytes - BALLAST_BYTES_MIN);
    if (bytes < BALLAST_BYTES_MIN) return;
    this.#taking = this.#ballast.take(bytes).finally(() => {
      this.#taking = undefined;
    });
  }

  async #giveUpBallast(): Promise<void> {
    const isGivenUp = await this.#ballast.giveUp();
    this.#givingUp = undefined;
    if (!isGivenUp) return;
    this.#givenUpAtMs = performance.now();
    this.#ballastDueMs = this.#givenUpAtMs + BALLAST_AFTER_MS;
    const { folder, logger } = this.options;
    logger.warn({ folder }, "the disk is full: what was kept for opening databases is given up");
  }

  #full(what: string, cause?: unknown): StoreError {
    const { folder, reserveBytes } = this.options;
    const freeBytes = this.#freeBytes;
    const message = `the disk is full or almost full (${inMiB(freeBytes)} free, of which ${inMiB(reserveBytes)} are kept): ${what} in ${folder}`;
    const metadata = { freeBytes: String(freeBytes), reserveBytes: String(reserveBytes) };
    return new StoreError(ErrorReason.STORAGE_FULL, message, metadata, undefined, { cause });
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function inMiB(bytes: number): string {
  return `${(bytes / (1024 * 1024)).toFixed(1)} MiB`;
}
