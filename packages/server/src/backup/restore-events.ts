import { create, toBinary } from "@bufbuild/protobuf";
import { EventRestore, type Limits, type RestoredLog } from "@varve/engine";
import { AppendRequestSchema } from "@varve/proto";
import { Staging } from "./staging.js";

/** An event to restore, with the time at which it was recorded somewhere. */
export interface EventToRestore {
  /** Not before that of the event before it, nor before 1970. */
  readonly recordedAt: Date;
  readonly stream: string;
  /** A UUID. */
  readonly id: string;
  readonly type: string;
  readonly data: Uint8Array;
  readonly contentType: string;
  /** The text of a JSON object, or empty. */
  readonly metadata: string;
  readonly tags: readonly string[];
}

export interface RestoreEventsOptions {
  /** Created if it is missing. No server may be using it. */
  readonly dataFolder: string;
  /** REQUIRES: a workspace name. */
  readonly workspace: string;
  /** What an event may hold at most. Default: what a server takes that is not told otherwise. */
  readonly limits?: Limits;
  /** Ends the work, and nothing is left of it. */
  readonly signal?: AbortSignal;
}

/** A workspace that was made of events. */
export interface RestoredEvents extends RestoredLog {
  readonly workspace: string;
}

/**
 * Makes a new workspace of events, in their order: positions and revisions are counted,
 * times and ids are kept. It is there only when it is whole and safe on the disk. Throws
 * `StartupError` if the data folder cannot be used, `BackupFileError` if the workspace
 * exists, `StoreError` for an event that a server would refuse; then nothing is left.
 */
export async function restoreEvents(
  events: AsyncIterable<EventToRestore>,
  { dataFolder, workspace, limits, signal }: RestoreEventsOptions,
): Promise<RestoredEvents> {
  await using staging = await Staging.open(dataFolder, [workspace]);
  const db = await staging.openDatabase(workspace);
  let log: RestoredLog;
  try {
    const restore = new EventRestore(db, limits);
    for await (const event of events) {
      signal?.throwIfAborted();
      await restore.add(encode(event), event.recordedAt.getTime());
    }
    log = await restore.finish();
  } finally {
    await db.close();
  }
  await staging.publish();
  return { ...log, workspace };
}

function encode({ stream, recordedAt: _, ...event }: EventToRestore): Buffer {
  const tags = [...event.tags];
  const request = create(AppendRequestSchema, { events: [{ stream, event: { ...event, tags } }] });
  return Buffer.from(toBinary(AppendRequestSchema, request));
}
