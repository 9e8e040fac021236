import { asStoreError } from "@varve/engine";
import { ErrorReason } from "@varve/proto";
import { innermost } from "./data-folder.js";

/** Exit status of a server whose disk has failed; the one that `sysexits.h` has for it. */
export const DISK_FAILURE_STATUS = 74;

/** As the system says it, through LevelDB. */
const LACKS_OF_SPACE = ["No space left on device", "Disk quota exceeded", "File too large"];

/**
 * Whether a write failed for lack of space, which passes. Any other failure may
 * be one of fsync: then the system may have forgotten what it could not write,
 * and would say that a next attempt went well.
 */
export function isLackOfSpace(error: unknown): boolean {
  const [, message] = innermost(error);
  return LACKS_OF_SPACE.some((sentence) => message.includes(sentence));
}

/**
 * Whether a write failed because the database came upon damage, which it may when it
 * merges tables. The disk has done what it was told, and other workspaces are well.
 */
export function isDamage(error: unknown): boolean {
  return asStoreError(error).reason === ErrorReason.DATA_CORRUPT;
}
