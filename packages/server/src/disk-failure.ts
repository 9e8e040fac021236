import { asStoreError, isLackOfHandles, isLackOfSpace } from "@varve/engine";
import { ErrorReason } from "@varve/proto";
import { innermost } from "./data-folder.js";

/** Exit status of a server whose disk has failed; the one that `sysexits.h` has for it. */
export const DISK_FAILURE_STATUS = 74;

/**
 * Whether a failed write leaves what the disk holds known, because something was lacking
 * that is there again in time. Any other failure may be one of fsync: then the system may
 * have forgotten what it could not write, and would say that a next attempt went well.
 */
export function isPassing(error: unknown): boolean {
  return isLackOfSpace(error) || isLackOfHandles(error) || isLimitOfFileSize(error);
}

/** Of the process (`ulimit -f`), or of the file system. */
function isLimitOfFileSize(error: unknown): boolean {
  return innermost(error)[1].includes("File too large");
}

/**
 * Whether a write failed because the database came upon damage, which it may when it
 * merges tables. The disk has done what it was told, and other workspaces are well.
 */
export function isDamage(error: unknown): boolean {
  return asStoreError(error).reason === ErrorReason.DATA_CORRUPT;
}
