import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type BackupRequest, BackupResponseSchema } from "@varve/proto";
import { DataCorruptError, logMismatch, positionAheadOfHead } from "../errors.js";
import { followsOn } from "../format/block.js";
import { CHAIN_BYTES, CHAIN_GENESIS, DATABASE_FORMAT } from "../format/constants.js";
import type { EventLog } from "../log/event-log.js";
import { FRAME_BYTES } from "../read/frame.js";
import { FieldChecks } from "../request/fields.js";
import type { Workspace } from "../workspace/workspace.js";
import { readAppendIds } from "./append-id-groups.js";

/** A checked `BackupRequest`. */
export interface BackupQuery {
  readonly after: number;
  /** What the block that ends there must have as its chain value. */
  readonly afterChain?: Buffer;
}

/** The end of a block. */
interface BlockEnd {
  readonly position: number;
  readonly chain: Buffer;
}

const GENESIS: BlockEnd = { position: 0, chain: CHAIN_GENESIS };

/** Throws INVALID_REQUEST. */
export function parseBackup({ afterPosition, afterChain }: BackupRequest): BackupQuery {
  const checks = new FieldChecks();
  const after = checks.integer("after_position", afterPosition, 0);
  const { length } = afterChain;
  if (length !== 0 && length !== CHAIN_BYTES) {
    checks.add("after_chain", `must be ${CHAIN_BYTES} bytes or none, is ${length}`);
  }
  checks.throwIfAny();
  return { after, ...(length > 0 && { afterChain: Buffer.from(afterChain) }) };
}

/**
 * Encoded `BackupResponse` frames, of the log as it is now. Blocks are checked as
 * they are read, and not decoded; about a frame of them is in memory at a time.
 */
export async function* backup(
  { name, log }: Workspace,
  query: BackupQuery,
  timeMs: number,
): AsyncGenerator<Buffer> {
  const end: BlockEnd = { position: log.head, chain: log.chain };
  if (log.damage) throw log.damage;
  const start = await findStart(log, query, end);
  yield encodeHeader(name, start, end, timeMs);
  let blocks = 0;
  for await (const batch of blockBatches(log, start, end)) {
    blocks += batch.length;
    yield encode({ case: "blocks", value: { blocks: batch } });
  }
  let appendIds = 0;
  for await (const groups of readAppendIds(log, start.position, end.position)) {
    for (const { ids } of groups) appendIds += ids.length;
    yield encode({ case: "appendIds", value: { groups: [...groups] } });
  }
  yield encodeEnd(start, end, blocks, appendIds);
}

/** The end of a block at or before the position asked for. */
async function findStart(
  log: EventLog,
  { after, afterChain }: BackupQuery,
  end: BlockEnd,
): Promise<BlockEnd> {
  if (after > end.position) throw positionAheadOfHead(after, end.position);
  const start = await endOfBlockAt(log, after);
  const isSame = start.position === after && afterChain?.equals(start.chain);
  if (afterChain && !isSame) throw logMismatch(after);
  return start;
}

async function endOfBlockAt(log: EventLog, position: number): Promise<BlockEnd> {
  if (position === 0) return GENESIS;
  const block = await log.blockWith(position);
  if (block.firstPosition > position) throw new DataCorruptError(position, "it is missing");
  if (block.lastPosition === position) return { position, chain: block.chain };
  const before = block.firstPosition - 1;
  return before === 0 ? GENESIS : { position: before, chain: (await log.block(before)).chain };
}

/** Runs of blocks, each enough for a frame. Throws DATA_CORRUPT, or why the log was closed. */
async function* blockBatches(
  log: EventLog,
  start: BlockEnd,
  end: BlockEnd,
): AsyncGenerator<Buffer[]> {
  let { position, chain } = start;
  let batch: Buffer[] = [];
  let bytes = 0;
  for await (const block of log.blocks({ first: position + 1, last: end.position })) {
    if (log.closedBecause) throw log.closedBecause;
    if (!followsOn(block, position, chain)) {
      throw new DataCorruptError(block.lastPosition, `it does not follow on position ${position}`);
    }
    position = block.lastPosition;
    chain = block.chain;
    batch.push(block.bytes);
    bytes += block.bytes.length;
    if (bytes < FRAME_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

function encodeHeader(workspace: string, start: BlockEnd, end: BlockEnd, timeMs: number): Buffer {
  const value = {
    workspace,
    dataFormat: DATABASE_FORMAT,
    afterPosition: BigInt(start.position),
    afterChain: start.chain,
    head: BigInt(end.position),
    headChain: end.chain,
    time: timestampFromMs(timeMs),
  };
  return encode({ case: "header", value });
}

function encodeEnd(start: BlockEnd, end: BlockEnd, blocks: number, appendIds: number): Buffer {
  const value = {
    blocks: BigInt(blocks),
    events: BigInt(end.position - start.position),
    appendIds: BigInt(appendIds),
    head: BigInt(end.position),
    chain: end.chain,
  };
  return encode({ case: "end", value });
}

type Frame = NonNullable<MessageInitShape<typeof BackupResponseSchema>["frame"]>;

function encode(frame: Frame): Buffer {
  return Buffer.from(toBinary(BackupResponseSchema, create(BackupResponseSchema, { frame })));
}
