import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { ErrorReason, type Snapshot, SnapshotSchema } from "@varve/proto";
import { StoreError } from "../errors.js";
import { checkedContent } from "../format/checked-value.js";
import { snapshotKey } from "../format/keys.js";
import type { StreamIndex } from "../index/stream-index.js";
import { putChecked } from "../log/database.js";
import type { EventLog } from "../log/event-log.js";
import type { Writer } from "../write/writer.js";

/**
 * The latest snapshot of each stream.
 *
 *     snapshot := 'n' stream → Snapshot
 */
export class Snapshots {
  readonly #saving = new Map<string, Promise<unknown>>();

  constructor(
    private readonly log: EventLog,
    private readonly streams: StreamIndex,
    private readonly writer: Writer,
    private readonly clock: () => number,
  ) {}

  /** Throws DATA_CORRUPT. */
  async get(stream: string): Promise<Snapshot | undefined> {
    const key = snapshotKey(stream);
    const value = await this.log.db.get(key);
    if (!value) return undefined;
    return fromBinary(SnapshotSchema, checkedContent(key, value));
  }

  /**
   * False if one of the same schema type and a higher revision stays. Throws
   * SNAPSHOT_AHEAD_OF_STREAM. Saves of one stream follow one another, so that the
   * highest revision wins.
   */
  async save(snapshot: Snapshot): Promise<boolean> {
    const { stream } = snapshot;
    const before = this.#saving.get(stream) ?? Promise.resolve();
    const saving = before.catch(() => {}).then(() => this.#saveNow(snapshot));
    this.#saving.set(stream, saving);
    try {
      return await saving;
    } finally {
      if (this.#saving.get(stream) === saving) this.#saving.delete(stream);
    }
  }

  async #saveNow(snapshot: Snapshot): Promise<boolean> {
    await this.#checkRevision(snapshot);
    const present = await this.get(snapshot.stream).catch(() => undefined);
    const stays =
      present?.schemaType === snapshot.schemaType && present.revision > snapshot.revision;
    if (stays) return false;
    const savedAt = timestampFromMs(this.clock());
    const encoded = toBinary(SnapshotSchema, { ...snapshot, savedAt });
    await this.writer.write([putChecked(snapshotKey(snapshot.stream), encoded)]);
    return true;
  }

  async #checkRevision({ stream, revision }: Snapshot): Promise<void> {
    const last = await this.streams.revisionAt(stream, this.log.head);
    if (revision <= last) return;
    const exists = last >= 0;
    throw new StoreError(
      ErrorReason.SNAPSHOT_AHEAD_OF_STREAM,
      exists
        ? `the snapshot is of revision ${revision}, the stream ends at ${last}`
        : "the stream has no events",
      { revision: String(revision), ...(exists && { lastRevision: String(last) }) },
    );
  }
}
