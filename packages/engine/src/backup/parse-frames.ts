import { fromBinary } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { type AppendIdGroup, AppendResponseSchema, type BackupHeader } from "@varve/proto";
import { CHAIN_BYTES, CHAIN_GENESIS, DATABASE_FORMAT } from "../format/constants.js";
import { isWorkspaceName } from "../request/fields.js";
import { BackupError } from "./backup-error.js";
import type { BackupHead, IdGroup } from "./checked-frames.js";

/** What is wrong with a frame, in words; where it is, the caller knows. */
export class Wrong extends Error {}

const UUID_BYTES = 16;
const HASH_BYTES = 16;

/** Throws `Wrong`, or `BackupError` if the data has a format that is not known. */
export function parseHeader(header: BackupHeader): BackupHead {
  const { workspace, dataFormat, time } = header;
  if (dataFormat > DATABASE_FORMAT) throw tooNew(dataFormat);
  const parsed = {
    workspace,
    after: toPosition(header.afterPosition),
    afterChain: toBuffer(header.afterChain),
    head: toPosition(header.head),
    headChain: toBuffer(header.headChain),
    timeMs: time ? timestampMs(time) : Number.NaN,
  };
  const { after, afterChain, head, headChain, timeMs } = parsed;
  const isPossible =
    dataFormat === DATABASE_FORMAT &&
    isWorkspaceName(workspace) &&
    after <= head &&
    afterChain.length === CHAIN_BYTES &&
    headChain.length === CHAIN_BYTES &&
    (after > 0 || afterChain.equals(CHAIN_GENESIS)) &&
    timeMs >= 0;
  if (!isPossible) throw new Wrong("the header is impossible");
  return parsed;
}

/** Throws `Wrong`. */
export function parseIdGroup({ lastPosition, recordedAt, ids }: AppendIdGroup): IdGroup {
  const group = {
    lastPosition: toPosition(lastPosition),
    timeMs: recordedAt ? timestampMs(recordedAt) : Number.NaN,
    ids: ids.map(({ id, contentHash, response }) => ({
      id: toBuffer(id),
      contentHash: toBuffer(contentHash),
      response: toBuffer(response),
      lastPosition: toPosition(fromBinary(AppendResponseSchema, response).lastPosition),
    })),
  };
  const isPossible =
    group.timeMs >= 0 &&
    group.ids.length > 0 &&
    group.ids.every(
      ({ id, contentHash, lastPosition }) =>
        id.length === UUID_BYTES &&
        contentHash.length === HASH_BYTES &&
        lastPosition >= 1 &&
        lastPosition <= group.lastPosition,
    );
  if (!isPossible) throw new Wrong("append ids are impossible");
  return group;
}

/** Throws `Wrong`. */
export function toPosition(value: bigint): number {
  const position = Number(value);
  if (position < 0 || !Number.isSafeInteger(position)) throw new Wrong("a number is impossible");
  return position;
}

export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function tooNew(format: number): BackupError {
  return new BackupError(
    "BACKUP_TOO_NEW",
    `the backup holds data of format ${format}, this version knows formats up to ${DATABASE_FORMAT}: use a newer version`,
  );
}
