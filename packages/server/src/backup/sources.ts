import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type BackupHead, type CheckedFrame, decodeBackup, type Span } from "@varve/engine";
import { BackupFileError, readBackupFile } from "./file.js";
import { BACKUP_SUFFIX } from "./folder.js";
import { naming } from "./naming.js";

/** A backup to restore from, of which the header has been read. */
export interface BackupSource extends Span {
  /** For messages. */
  readonly name: string;
  readonly workspace: string;
  /** All of its frames, checked. Can be called once. */
  frames(): AsyncIterable<CheckedFrame>;
}

/**
 * The backups at paths of files and of folders, in which every file that ends with
 * `.varve` is one. Throws `BackupFileError` for a path at which there is none,
 * `BackupError` for a file that is no backup.
 */
export async function openBackups(paths: readonly string[]): Promise<BackupSource[]> {
  const sources: BackupSource[] = [];
  for (const path of paths) {
    for (const file of await filesAt(path)) sources.push(await openFile(file));
  }
  return sources;
}

/** A backup that comes as a stream. Throws `BackupError`. */
export async function openBackupStream(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<BackupSource> {
  const frames = decodeBackup(bytes);
  const first = await naming(name, () => firstOf(frames));
  return toSource(name, first.header, async function* () {
    yield first;
    yield* frames;
  });
}

async function openFile(path: string): Promise<BackupSource> {
  const frames = readBackupFile(path);
  const { header } = await naming(path, () => firstOf(frames));
  // There may be many files: none stays open until its turn comes.
  await frames.return(undefined);
  return toSource(path, header, () => readBackupFile(path));
}

async function filesAt(path: string): Promise<string[]> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw new BackupFileError(`${path} cannot be read: ${(cause as Error).message}.`);
  });
  if (!stats.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith(BACKUP_SUFFIX)).sort();
  if (names.length === 0) throw new BackupFileError(`There is no backup in the folder ${path}.`);
  return names.map((name) => join(path, name));
}

type HeaderFrame = Extract<CheckedFrame, { kind: "header" }>;

/** A backup begins with its header, or reading it throws. */
async function firstOf(frames: AsyncGenerator<CheckedFrame>): Promise<HeaderFrame> {
  const { value } = await frames.next();
  return value as HeaderFrame;
}

function toSource(
  name: string,
  { workspace, after, head }: BackupHead,
  frames: BackupSource["frames"],
): BackupSource {
  return { name, workspace, after, head, frames };
}
