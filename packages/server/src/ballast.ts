import { randomBytes } from "node:crypto";
import { open, rename, rm, stat } from "node:fs/promises";

const PIECE_BYTES = 1024 * 1024;

/**
 * A file that only takes space, to be given up when something needs it that is worth
 * more. It has its name once it is whole.
 */
export class Ballast {
  #isThere = false;

  constructor(private readonly path: string) {}

  get isThere(): boolean {
    return this.#isThere;
  }

  /** Finds out whether it is there from an earlier time. */
  async find(): Promise<void> {
    this.#isThere = await stat(this.path).then(
      () => true,
      () => false,
    );
  }

  /** Takes so much space, bytes. False if it is not to be had. */
  async take(bytes: number): Promise<boolean> {
    const unfinished = `${this.path}.new`;
    try {
      await using file = await open(unfinished, "w");
      // Of zeros some file systems would store nothing.
      const piece = randomBytes(PIECE_BYTES);
      for (let left = bytes; left > 0; left -= PIECE_BYTES) {
        await file.writeFile(piece.subarray(0, Math.min(left, PIECE_BYTES)));
      }
      await rename(unfinished, this.path);
      this.#isThere = true;
    } catch {
      await rm(unfinished, { force: true }).catch(() => {});
    }
    return this.#isThere;
  }

  /** Gives the space up. False if there is nothing to give up. */
  async giveUp(): Promise<boolean> {
    this.#isThere = false;
    return rm(this.path).then(
      () => true,
      () => false,
    );
  }
}
