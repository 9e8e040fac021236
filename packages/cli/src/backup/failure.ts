import { BackupError, BackupFileError, StartupError } from "@varve/server/backup";
import { CommandFailure, exitStatus, wrongUse } from "../exit.js";

/** Does some work on backups, and puts its errors into words. */
export async function withBackupFailures<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw signal.aborted ? interrupted() : inWords(error);
  }
}

/** What a backup failed with, as the command's failure if it is one of backups. */
export function inWords(error: unknown): unknown {
  if (error instanceof BackupFileError) return wrongUse(error.message);
  if (error instanceof StartupError) {
    const { refused: status } = exitStatus;
    return new CommandFailure(sentence(error.message), {
      status,
      code: "UNAVAILABLE",
      reason: "STARTUP",
    });
  }
  if (!(error instanceof BackupError)) return error;
  return new CommandFailure(sentence(error.message), {
    status: exitStatus.usage,
    code: error.fault === "BACKUP_DAMAGED" ? "DATA_LOSS" : "FAILED_PRECONDITION",
    reason: error.fault,
    details: { ...error.place },
  });
}

function interrupted(): CommandFailure {
  return new CommandFailure("Interrupted. What was not whole has been removed.", {
    status: exitStatus.interrupted,
    code: "CANCELLED",
    reason: "INTERRUPTED",
  });
}

/** The message may begin with the name of a file, which is left as it is. */
function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
