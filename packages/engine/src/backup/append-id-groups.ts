import { fromBinary } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { AppendResponseSchema } from "@varve/proto";
import { appendIdExpiryKey, keyNumber } from "../format/keys.js";
import { readChunk } from "../log/database.js";
import type { EventLog } from "../log/event-log.js";
import { FRAME_BYTES } from "../read/frame.js";
import { AppendIds, type ExpiryEntry, type FirstOutcome, readExpiry } from "../write/append-ids.js";

/** An `AppendIdGroup` to be encoded. */
interface GroupInit {
  readonly lastPosition: bigint;
  readonly recordedAt: Timestamp;
  readonly ids: KeptIdInit[];
}

interface KeptIdInit extends FirstOutcome {
  readonly id: Buffer;
}

const GROUPS_AT_A_TIME = 64;

/**
 * The append ids of appends after a position and up to the head, in runs that are
 * each enough for a frame. What expires meanwhile may be left out. Throws
 * DATA_CORRUPT, or why the log was closed.
 */
export async function* readAppendIds(
  log: EventLog,
  after: number,
  head: number,
): AsyncGenerator<readonly GroupInit[]> {
  const appendIds = new AppendIds(log.db);
  let groups: GroupInit[] = [];
  let bytes = 0;
  for await (const [lastPosition, entry] of expiryEntries(log, after, head)) {
    const ids = await outcomesOf(appendIds, entry, head);
    if (ids.length === 0) continue;
    const recordedAt = timestampFromMs(entry.timeMs);
    groups.push({ lastPosition: BigInt(lastPosition), recordedAt, ids });
    for (const { response } of ids) bytes += ID_BYTES + response.length;
    if (bytes < FRAME_BYTES) continue;
    yield groups;
    groups = [];
    bytes = 0;
  }
  if (groups.length > 0) yield groups;
}

/** What an append id takes in a frame, besides the response. */
const ID_BYTES = 40;

async function* expiryEntries(
  log: EventLog,
  after: number,
  head: number,
): AsyncGenerator<[lastPosition: number, entry: ExpiryEntry]> {
  for (let first = after + 1; first <= head; ) {
    if (log.closedBecause) throw log.closedBecause;
    const range = { gte: appendIdExpiryKey(first), lte: appendIdExpiryKey(head) };
    const entries = await readChunk(log.db, range, GROUPS_AT_A_TIME);
    if (entries.length === 0) return;
    for (const [key, value] of entries) {
      first = keyNumber(key) + 1;
      yield [first - 1, readExpiry(key, value)];
    }
  }
}

/** An id that has been used anew since the head was noted belongs to a later backup. */
async function outcomesOf(
  appendIds: AppendIds,
  { ids }: ExpiryEntry,
  head: number,
): Promise<KeptIdInit[]> {
  const outcomes = await appendIds.load(ids);
  return outcomes.flatMap((outcome, i) => {
    if (!outcome) return [];
    const { lastPosition } = fromBinary(AppendResponseSchema, outcome.response);
    return lastPosition > BigInt(head) ? [] : [{ id: ids[i] as Buffer, ...outcome }];
  });
}
