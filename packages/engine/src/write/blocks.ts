import { type Block, sealBlock } from "../format/block.js";
import { BlockOffset } from "../format/constants.js";
import { blockKey } from "../format/keys.js";
import {
  type EventToRecord,
  encodeTimestamp,
  type RecordedHeader,
  recordedEventSize,
  writeRecordedEvent,
} from "../format/recorded-event.js";
import { type Put, put } from "../log/database.js";
import type { EventToAppend } from "../request/append.js";
import { streamWrites, termWrites } from "./index-writes.js";

/** An event with the place that the writer has given it. */
export interface PlacedEvent extends EventToAppend {
  readonly position: number;
  readonly revision: number;
}

/**
 * Bytes of events after which a block ends. Small enough that reading one event
 * out of it costs little, large enough that reading the log costs little per
 * event. An event that is larger has a block of its own.
 */
const BLOCK_BODY_BYTES = 32 * 1024;

/** Cuts events into blocks. REQUIRES: positions ascend without gaps. */
export function buildBlocks(
  events: readonly PlacedEvent[],
  timeMs: number,
  previousChain: Buffer,
): Block[] {
  const recordedAt = encodeTimestamp(timeMs);
  const records = events.map((event) => toRecord(event, recordedAt));
  const blocks: Block[] = [];
  let chain = previousChain;
  for (let start = 0; start < records.length; ) {
    const { end, bytes } = fill(records, start);
    const block = sealBlock({
      bytes,
      lastPosition: (records[end - 1] as EventToRecord).position,
      count: end - start,
      timeMs,
      previousChain: chain,
      headers: events.slice(start, end).map(toHeader),
    });
    chain = block.chain;
    blocks.push(block);
    start = end;
  }
  return blocks;
}

/** The block itself, and what the index says of its events. */
export function blockWrites(block: Block): Put[] {
  return [
    put(blockKey(block.lastPosition), block.bytes),
    ...termWrites(block),
    ...streamWrites(block),
  ];
}

function toRecord(event: PlacedEvent, recordedAt: Buffer): EventToRecord {
  return {
    position: event.position,
    revision: event.revision,
    stream: Buffer.from(event.stream),
    recordedAt,
    event: event.bytes,
  };
}

/** Only what the index needs: the request's bytes must not stay in memory. */
function toHeader({ stream, revision, type, tags }: PlacedEvent): RecordedHeader {
  return { stream, revision, type, tags };
}

/** Writes as many records as go into one block; at least one. */
function fill(records: readonly EventToRecord[], start: number): { end: number; bytes: Buffer } {
  let size = 0;
  let end = start;
  do {
    size += recordedEventSize(records[end++] as EventToRecord);
  } while (end < records.length && size < BLOCK_BODY_BYTES);
  // Not from the shared pool: the tail keeps the block for long.
  const bytes = Buffer.allocUnsafeSlow(BlockOffset.body + size);
  let at: number = BlockOffset.body;
  for (let i = start; i < end; i++) {
    at = writeRecordedEvent(bytes, at, records[i] as EventToRecord);
  }
  return { end, bytes };
}
