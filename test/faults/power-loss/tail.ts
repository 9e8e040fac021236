import { copyFile, truncate } from "node:fs/promises";
import type { Random } from "../random.ts";
import type { Content } from "./contents.ts";

/** What a disk writes as a whole, bytes. */
const SECTOR_BYTES = 512;
/** Fewer cannot be told from what a write itself may end with. */
const ZEROS_MIN = 4;

/**
 * What may become of bytes that were not synced.
 *
 * - `cut`: a first part of them is there.
 * - `zeros`: besides, the file may be longer than what was written of it to the disk; from
 *   some sector on, or from where it was synced, it is zeros then.
 */
export type TailModel = "cut" | "zeros";

/** What is there of a file after a loss of power. */
export interface Tail {
  readonly size: number;
  /** Where the zeros begin that it ends with; its size if there are none. */
  readonly zerosFrom: number;
}

export function chooseTail({ durable, size }: Content, model: TailModel, random: Random): Tail {
  if (size === durable) return { size, zerosFrom: size };
  switch (random.integer(1, model === "zeros" ? 5 : 3)) {
    case 1:
      return { size: durable, zerosFrom: durable };
    case 2:
      return { size, zerosFrom: size };
    case 3: {
      const end = random.integer(durable, size);
      return { size: end, zerosFrom: end };
    }
    default: {
      const end = random.integer(durable + 1, size);
      const sector = Math.floor(random.integer(durable, end) / SECTOR_BYTES) * SECTOR_BYTES;
      const zerosFrom = Math.max(durable, sector);
      return { size: end - zerosFrom < ZEROS_MIN ? zerosFrom : end, zerosFrom };
    }
  }
}

/** Writes to `target` what is there of a file. */
export async function writeTail(from: Content, tail: Tail, target: string): Promise<void> {
  await copyFile(from.file, target);
  await truncate(target, tail.zerosFrom);
  // What a file is made longer by is zeros.
  await truncate(target, tail.size);
}
