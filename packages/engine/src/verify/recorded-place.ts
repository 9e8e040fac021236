import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { Block } from "../format/block.js";
import { encodeTimestamp } from "../format/recorded-event.js";
import { VarintReader } from "../format/varint.js";

/**
 * What is wrong with the events of a block that is whole: each must decode, have
 * the position of its place, the block's time, and the revision after the one
 * before it in its stream. Says so for the first that is wrong.
 */
export function findWrongEvent(block: Block): { position: number; message: string } | undefined {
  const recordedAt = encodeTimestamp(block.timeMs);
  const revisions = new Map<string, number>();
  for (const [i, { stream, revision }] of block.headers().entries()) {
    const position = block.firstPosition + i;
    const place = readPlace(block.slice(position, position));
    const before = revisions.get(stream);
    revisions.set(stream, revision);
    const fail = (what: string): { position: number; message: string } => ({
      position,
      message: `the event at position ${position} ${what}`,
    });
    if (place.position !== position) return fail(`says that it is at ${place.position}`);
    if (!recordedAt.equals(place.recordedAt)) return fail("has another time than its block");
    if (before !== undefined && revision !== before + 1) {
      return fail(`has revision ${revision} after ${before} of its stream`);
    }
  }
  return undefined;
}

/** Where and when an event was recorded, from an element of `EventBatch.events`. */
function readPlace(element: Uint8Array): { position: number; recordedAt: Uint8Array } {
  const frame = new VarintReader(element, 1);
  frame.next();
  const reader = new BinaryReader(element.subarray(frame.at));
  let position = 0;
  let recordedAt: Uint8Array = new Uint8Array();
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1 && wireType === WireType.Varint) position = Number(reader.int64());
    else if (field === 4 && wireType === WireType.LengthDelimited) recordedAt = reader.bytes();
    else reader.skip(wireType, field);
  }
  return { position, recordedAt };
}
