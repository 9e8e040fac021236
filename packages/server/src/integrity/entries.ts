import {
  asStoreError,
  type Finding,
  type VerifyOptions,
  type VerifyReport,
  verifyDatabase,
} from "@varve/engine";
import { ErrorReason } from "@varve/proto";
import { reasonOf } from "../data-folder.js";
import { isPassing } from "../disk-failure.js";
import { StartupError } from "../startup-error.js";
import { openCopy } from "./database-copy.js";

/**
 * Checks what is stored in a database that no server uses. `isWhole`: its files are
 * not damaged; otherwise it may be that LevelDB does not open it, which is told.
 * Throws `StartupError`.
 */
export async function* verifyEntries(
  path: string,
  isWhole: boolean,
  options: VerifyOptions,
): AsyncGenerator<VerifyReport> {
  let reason = "";
  await using copy = await openCopy(path).catch((error: unknown) => {
    reason = reasonOf(error);
    const isDamaged = !isWhole && !isPassing(error);
    if (isDamaged || asStoreError(error).reason === ErrorReason.DATA_CORRUPT) return undefined;
    throw new StartupError(`cannot read the database in ${path}: ${reason}`, error);
  });
  if (copy) yield* verifyDatabase(copy.db, options);
  else yield unreadable(`LevelDB does not open the database: ${reason}`);
}

export function unreadable(message: string): { type: "finding"; finding: Finding } {
  return { type: "finding", finding: { kind: "unreadable", message } };
}
