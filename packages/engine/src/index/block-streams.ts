import type { Block } from "../format/block.js";
import type { StreamPostings } from "../format/postings.js";

/** Where the events of each stream of a block are; in order of first appearance. */
export function streamsOfBlock(block: Block): Map<string, StreamPostings> {
  const { lastPosition: blockLast, timeMs } = block;
  const streams = new Map<string, StreamPostings & { lastRevision: number; positions: number[] }>();
  for (const [i, { stream, revision }] of block.headers().entries()) {
    const position = block.firstPosition + i;
    const postings = streams.get(stream);
    if (postings) {
      postings.positions.push(position);
      postings.lastRevision = revision;
    } else {
      streams.set(stream, { lastRevision: revision, blockLast, timeMs, positions: [position] });
    }
  }
  return streams;
}
