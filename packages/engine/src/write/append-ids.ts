import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { AppendResponseSchema, ErrorReason } from "@varve/proto";
import { StoreError } from "../errors.js";
import { checkedContent } from "../format/checked-value.js";
import { KeySpace } from "../format/constants.js";
import { appendIdExpiryKey, appendIdKey, prefixEnd, prefixKey } from "../format/keys.js";
import { type Database, putChecked, readChunk, type Write } from "../log/database.js";
import type { AppendCommand } from "../request/append.js";

/** How an append with an id ended: what a repeat is answered with. */
export interface FirstOutcome {
  readonly contentHash: Buffer;
  /** Encoded `AppendResponse`. */
  readonly response: Buffer;
}

/**
 * Ids of recent appends kept in memory, at the least; twice as many at the most.
 * More than can be waiting, see `Writer`.
 */
const RECENT_MIN = 32_768;
/**
 * So few are looked up without a thread: a new id is answered from memory, by the
 * filters of LevelDB, in less time than a thread takes to begin.
 */
export const SYNC_LOOK_UPS_MAX = 16;
const HASH_BYTES = 16;
const TIME_BYTES = 6;
const ID_BYTES = 16;

/** Which append ids have been used, and with what outcome. */
export class AppendIds {
  /** Those just decided: a look-up may have begun before they were written. */
  #recent = new Map<string, FirstOutcome>();
  #older = new Map<string, FirstOutcome>();

  constructor(private readonly db: Database) {}

  /** Looks ids up in the database, in order. */
  async load(ids: readonly Buffer[]): Promise<readonly (FirstOutcome | undefined)[]> {
    if (ids.length <= SYNC_LOOK_UPS_MAX) return ids.map((id) => this.loadNow(id));
    const keys = ids.map((id) => appendIdKey(id));
    const values = await this.db.getMany(keys);
    return values.map((value, i) => value && decodeOutcome(keys[i] as Buffer, value));
  }

  /** Looks one up. For a few at a time. */
  loadNow(id: Buffer): FirstOutcome | undefined {
    const key = appendIdKey(id);
    const value = this.db.getSync(key);
    return value && decodeOutcome(key, value);
  }

  /** `key`: see `AppendIdentity`. */
  recent(key: string): FirstOutcome | undefined {
    return this.#recent.get(key) ?? this.#older.get(key);
  }

  decided(key: string, outcome: FirstOutcome): void {
    this.#recent.set(key, outcome);
    if (this.#recent.size < RECENT_MIN) return;
    this.#older = this.#recent;
    this.#recent = new Map();
  }

  /** What to delete so that ids from before a time are forgotten; some of it at a time. */
  async expiredBefore(timeMs: number, entriesMax: number): Promise<readonly Write[]> {
    const space = KeySpace.appendIdExpiry;
    const range = { gte: prefixKey(space, ""), lt: prefixEnd(space, "") };
    const entries = await readChunk(this.db, range, entriesMax);
    return entries
      .map(([key, value]) => ({ key, ...readExpiry(key, value) }))
      .filter((entry) => entry.timeMs < timeMs)
      .flatMap(({ key, ids }) => [del(key), ...ids.map((id) => del(appendIdKey(id)))]);
  }
}

/** The append ids of one group of appends. */
export interface ExpiryEntry {
  /** When they were recorded, in ms since 1970. */
  readonly timeMs: number;
  readonly ids: readonly Buffer[];
}

/** Throws `DamagedEntryError`. */
export function readExpiry(key: Buffer, value: Buffer): ExpiryEntry {
  const content = checkedContent(key, value);
  return { timeMs: content.readUIntBE(0, TIME_BYTES), ids: idsIn(content) };
}

/**
 *     append-id        := 'a' uuid:16bytes      → content-hash:16bytes AppendResponse
 */
export function writeAppendId(id: Buffer, { contentHash, response }: FirstOutcome): Write {
  return putChecked(appendIdKey(id), contentHash, response);
}

/**
 *     append-id-expiry := 'e' last-position:u64 → time-ms:u48be (uuid:16bytes)+
 */
export function writeAppendIdExpiry(
  lastPosition: number,
  timeMs: number,
  ids: readonly Buffer[],
): Write {
  const time = Buffer.allocUnsafe(TIME_BYTES);
  time.writeUIntBE(timeMs, 0, TIME_BYTES);
  return putChecked(appendIdExpiryKey(lastPosition), time, ...ids);
}

/** The first response again, marked as a repeat. Throws APPEND_ID_REUSED. */
export function answerRepeat(
  identity: NonNullable<AppendCommand["identity"]>,
  first: FirstOutcome,
): Buffer {
  const { contentHash, sentHash } = identity;
  if (!first.contentHash.equals(contentHash) && !first.contentHash.equals(sentHash)) {
    throw new StoreError(
      ErrorReason.APPEND_ID_REUSED,
      "the append id was used before, for an append with other content",
    );
  }
  const response = fromBinary(AppendResponseSchema, first.response);
  response.repeat = true;
  return Buffer.from(toBinary(AppendResponseSchema, response));
}

function decodeOutcome(key: Buffer, value: Buffer): FirstOutcome {
  const content = checkedContent(key, value);
  return { contentHash: content.subarray(0, HASH_BYTES), response: content.subarray(HASH_BYTES) };
}

function idsIn(content: Buffer): Buffer[] {
  const count = (content.length - TIME_BYTES) / ID_BYTES;
  return Array.from({ length: count }, (_, i) => {
    const start = TIME_BYTES + i * ID_BYTES;
    return content.subarray(start, start + ID_BYTES);
  });
}

function del(key: Buffer): Write {
  return { type: "del", key };
}
