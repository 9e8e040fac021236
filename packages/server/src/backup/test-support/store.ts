import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { databaseEncoding, EventStore, memoryStorage } from "@varve/engine";
import { AppendRequestSchema, BackupRequestSchema } from "@varve/proto";
import { MemoryLevel } from "memory-level";
import { onTestFinished } from "vitest";
import { type WrittenBackup, writeBackupFile } from "../file.js";
import { backupName, partialName } from "../folder.js";

/** A store in memory, to be backed up. */
export class BackedUpStore {
  readonly #store = new EventStore(memoryStorage(() => new MemoryLevel(databaseEncoding)));

  /** Appends events, each a block of its own. */
  async append(count: number, workspace = "default"): Promise<void> {
    for (let i = 0; i < count; i++) {
      const event = { id: randomUUID(), type: "t" };
      const request = { workspace, appendId: randomUUID(), events: [{ stream: "s", event }] };
      const bytes = toBinary(AppendRequestSchema, create(AppendRequestSchema, request));
      await this.#store.append(Buffer.from(bytes));
    }
  }

  frames(after = 0, workspace = "default"): AsyncGenerator<Buffer> {
    const request = { workspace, afterPosition: BigInt(after) };
    return this.#store.backup(create(BackupRequestSchema, request));
  }

  /** Backs up what follows on a position into a folder, under the name that belongs to it. */
  async backUpTo(
    folder: string,
    after: number,
    head: number,
    workspace = "default",
  ): Promise<WrittenBackup & { readonly path: string }> {
    const path = join(folder, backupName(workspace, { after, head }));
    const partialPath = join(folder, partialName(workspace));
    const written = await writeBackupFile(path, this.frames(after, workspace), { partialPath });
    return { ...written, path };
  }
}

/** A folder of its own; it goes when the running test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "varve-backup-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The names of everything in a folder; none if there is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}
