import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SmallDisk } from "./small-disk.ts";

const chunk = Buffer.alloc(4 * 1024 * 1024);

/** A file that takes up space on a disk, as those of others do. */
export class Ballast {
  readonly #disk: SmallDisk;
  readonly #path: string;

  constructor(disk: SmallDisk) {
    this.#disk = disk;
    this.#path = join(disk.path, "ballast");
  }

  /** Leaves so many bytes free, or fewer if others write at the same time. */
  async fill(freeBytes: number): Promise<void> {
    await using file = await open(this.#path, "a");
    for (;;) {
      const surplus = (await this.#disk.freeBytes()) - freeBytes;
      if (surplus <= 0) return;
      const failed = await file.write(chunk, 0, Math.min(surplus, chunk.length)).then(
        () => false,
        (error: NodeJS.ErrnoException) => {
          if (error.code !== "ENOSPC") throw error;
          return true;
        },
      );
      if (failed) return;
    }
  }

  /** Frees it all. */
  async release(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}
