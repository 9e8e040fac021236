import { statfs } from "node:fs/promises";
import { type StoreError, storageFull } from "@varve/engine";
import type { Logger } from "pino";

/** How often the free space is looked at, ms. */
const INTERVAL_MS = 1000;

/**
 * Keeps some of the disk free. A write that fails for lack of space costs more
 * than one that is refused: LevelDB has to be opened anew, and needs space for it.
 */
export class FreeSpaceReserve {
  #freeBytes = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** `reserveBytes` 0 keeps nothing. */
  constructor(
    private readonly folder: string,
    private readonly reserveBytes: number,
    private readonly logger: Logger,
  ) {}

  /** Resolves when the free space is known. */
  async start(): Promise<void> {
    if (this.reserveBytes === 0) return;
    await this.#look();
    this.#timer = setInterval(() => void this.#look(), INTERVAL_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Why writes are refused; `undefined` if there is space. */
  refusal(): StoreError | undefined {
    if (this.#hasSpace) return undefined;
    return storageFull(this.#freeBytes, this.reserveBytes);
  }

  get #hasSpace(): boolean {
    return this.#freeBytes >= this.reserveBytes;
  }

  async #look(): Promise<void> {
    const had = this.#hasSpace;
    try {
      const { bavail, bsize } = await statfs(this.folder);
      this.#freeBytes = bavail * bsize;
    } catch (err) {
      this.logger.warn({ err }, "cannot tell the free space of the disk");
    }
    if (had === this.#hasSpace) return;
    const { reserveBytes } = this;
    const sizes = { freeBytes: this.#freeBytes, reserveBytes };
    if (had) this.logger.error(sizes, "the disk is almost full: appends are refused");
    else this.logger.info(sizes, "there is space again: appends are taken");
  }
}
