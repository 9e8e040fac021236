import { type Block, sealBlock } from "../format/block.js";
import { BlockOffset, KeySpace } from "../format/constants.js";
import { blockKey, streamKey, type TermSpace, termKey } from "../format/keys.js";
import { encodePostings, encodeStreamPostings } from "../format/postings.js";
import {
  type EventToRecord,
  encodeTimestamp,
  recordedEventSize,
  writeRecordedEvent,
} from "../format/recorded-event.js";
import { put, putChecked, type Write } from "../log/database.js";
import { categoryOf } from "../names.js";
import type { EventToAppend } from "../request/append.js";

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
export function blockWrites(block: Block, events: readonly PlacedEvent[]): Write[] {
  const { lastPosition, timeMs } = block;
  const streams = new Map<string, { lastRevision: number; positions: number[] }>();
  const terms = new Terms(lastPosition);
  for (const event of events) {
    const entry = streams.get(event.stream);
    if (entry) {
      entry.positions.push(event.position);
      entry.lastRevision = event.revision;
    } else {
      streams.set(event.stream, { lastRevision: event.revision, positions: [event.position] });
    }
    terms.add(KeySpace.category, categoryOf(event.stream), event.position);
    terms.add(KeySpace.type, event.type, event.position);
    for (const tag of event.tags) terms.add(KeySpace.tag, tag, event.position);
  }
  const writes = [put(blockKey(lastPosition), block.bytes), ...terms.writes()];
  for (const [stream, { lastRevision, positions }] of streams) {
    const value = encodeStreamPostings({ blockLast: lastPosition, timeMs, positions });
    writes.push(putChecked(streamKey(stream, lastRevision), value));
  }
  return writes;
}

/** Collects which events of a block carry which term. */
class Terms {
  readonly #positions = {
    [KeySpace.category]: new Map<string, number[]>(),
    [KeySpace.type]: new Map<string, number[]>(),
    [KeySpace.tag]: new Map<string, number[]>(),
  };

  constructor(private readonly blockLast: number) {}

  add(space: TermSpace, term: string, position: number): void {
    const ofSpace = this.#positions[space];
    const positions = ofSpace.get(term);
    if (positions) positions.push(position);
    else ofSpace.set(term, [position]);
  }

  *writes(): Generator<Write> {
    for (const space of [KeySpace.category, KeySpace.type, KeySpace.tag] as const) {
      for (const [term, positions] of this.#positions[space]) {
        yield putChecked(
          termKey(space, term, this.blockLast),
          encodePostings(positions, this.blockLast),
        );
      }
    }
  }
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

/** Only what filters need: the request's bytes must not stay in memory. */
function toHeader({
  stream,
  type,
  tags,
}: PlacedEvent): Pick<PlacedEvent, "stream" | "type" | "tags"> {
  return { stream, type, tags };
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
