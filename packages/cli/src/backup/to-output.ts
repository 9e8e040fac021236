import type { Writable } from "node:stream";
import type { Backup } from "@varve/client/maintenance";
import { BackupCheck, encodeBackup, type WrittenBackup } from "@varve/server/backup";
import { CommandFailure, exitStatus } from "../exit.js";

/** Writes a backup to a stream, as fast as that takes it. */
export async function backUpToOutput(backup: Backup, output: Writable): Promise<WrittenBackup> {
  const check = new BackupCheck();
  let bytes = 0;
  for await (const piece of encodeBackup(backup, check)) {
    await write(output, piece);
    bytes += piece.length;
  }
  return { ...check.summary, bytes };
}

function write(output: Writable, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(piece, (error) => (error ? reject(cutOff(error)) : resolve()));
  });
}

/** Whoever reads a backup does not have enough before its end. */
function cutOff({ message }: Error): CommandFailure {
  return new CommandFailure(`The backup is not whole, its output ended: ${message}.`, {
    status: exitStatus.refused,
    code: "ABORTED",
    reason: "OUTPUT_CLOSED",
  });
}
