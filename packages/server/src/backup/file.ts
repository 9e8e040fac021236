import { createReadStream, existsSync } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import {
  BackupCheck,
  type BackupSummary,
  type CheckedFrame,
  decodeBackup,
  encodeBackup,
  type Span,
} from "@varve/engine";
import { syncFolder } from "../sync-folder.js";

/** A backup that has been written and is on the disk. */
export interface WrittenBackup extends BackupSummary {
  readonly bytes: number;
}

export interface WriteBackupOptions {
  /** Whether a file that is there is replaced. Default: false. */
  readonly overwrite?: boolean;
  /** Where the file grows until it is whole; in the same folder. Default: FILE.partial. */
  readonly partialPath?: string;
  /** Told up to which position the file has come, and what it is to hold. */
  readonly onProgress?: (position: number, whole: Span) => void;
}

/** A file is missing or in the way. The message is a sentence for people. */
export class BackupFileError extends Error {
  override readonly name = "BackupFileError";
}

/**
 * Writes the frames of a backup to a file, which has its name only once it is
 * whole and safe on the disk. Throws `BackupFileError`, or `BackupError` if the
 * frames are not a whole backup; then nothing is left of it.
 */
export async function writeBackupFile(
  path: string,
  frames: AsyncIterable<Uint8Array>,
  options: WriteBackupOptions = {},
): Promise<WrittenBackup> {
  const { overwrite = false, partialPath = `${path}.partial` } = options;
  checkFree(path, overwrite);
  const handle = await openNew(partialPath);
  try {
    const written = await writeAll(handle, frames, options.onProgress);
    await handle.sync();
    if (!(await isAt(handle, partialPath))) {
      throw new BackupFileError(`Another backup has taken the place of ${partialPath}.`);
    }
    checkFree(path, overwrite);
    await rename(partialPath, path);
    await syncFolder(dirname(path));
    return written;
  } catch (error) {
    if (await isAt(handle, partialPath)) await rm(partialPath, { force: true });
    throw isOfSystem(error) ? new Error(cannotWrite(path, error), { cause: error }) : error;
  } finally {
    await handle.close();
  }
}

async function openNew(path: string): Promise<FileHandle> {
  try {
    // What a backup that was cut off has left, or one that another process still writes.
    await rm(path, { force: true });
    return await open(path, "wx");
  } catch (error) {
    throw new BackupFileError(`${cannotWrite(path, error as Error)}.`);
  }
}

function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}

function cannotWrite(path: string, { message }: Error): string {
  return `The file ${path} cannot be written: ${message}`;
}

/** The frames of a backup file, checked. Throws `BackupError`. */
export function readBackupFile(path: string, check?: BackupCheck): AsyncGenerator<CheckedFrame> {
  return decodeBackup(createReadStream(path, { highWaterMark: READ_BYTES }), check);
}

const READ_BYTES = 1024 * 1024;

async function writeAll(
  handle: FileHandle,
  frames: AsyncIterable<Uint8Array>,
  onProgress: NonNullable<WriteBackupOptions["onProgress"]> = () => {},
): Promise<WrittenBackup> {
  const check = new BackupCheck();
  let bytes = 0;
  for await (const piece of encodeBackup(frames, check)) {
    await handle.writeFile(piece);
    bytes += piece.length;
    if (check.header) onProgress(check.position ?? 0, check.header);
  }
  return { ...check.summary, bytes };
}

function checkFree(path: string, overwrite: boolean): void {
  if (!overwrite && existsSync(path)) throw new BackupFileError(`The file ${path} exists already.`);
}

/** Whether an open file is still the one that has this name. */
async function isAt(handle: FileHandle, path: string): Promise<boolean> {
  const [ours, there] = await Promise.all([handle.stat(), stat(path).catch(() => undefined)]);
  return there?.ino === ours.ino && there.dev === ours.dev;
}
