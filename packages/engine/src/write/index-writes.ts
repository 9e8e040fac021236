import type { Block } from "../format/block.js";
import { KeySpace } from "../format/constants.js";
import { streamKey, type TermSpace, termKey } from "../format/keys.js";
import { encodePostings, encodeStreamPostings } from "../format/postings.js";
import { streamsOfBlock } from "../index/block-streams.js";
import { type Put, putChecked } from "../log/database.js";
import { categoryOf } from "../names.js";

/** What the index says of the streams of a block: its last entry of a stream is the stream's head. */
export function streamWrites(block: Block): Put[] {
  return Array.from(streamsOfBlock(block), ([stream, postings]) =>
    putChecked(streamKey(stream, postings.lastRevision), encodeStreamPostings(postings)),
  );
}

/** What the index says of the categories, types and tags of a block. */
export function termWrites(block: Block): Put[] {
  const terms = new Terms(block.lastPosition);
  for (const [i, { stream, type, tags }] of block.headers().entries()) {
    const position = block.firstPosition + i;
    terms.add(KeySpace.category, categoryOf(stream), position);
    terms.add(KeySpace.type, type, position);
    for (const tag of tags) terms.add(KeySpace.tag, tag, position);
  }
  return [...terms.writes()];
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

  *writes(): Generator<Put> {
    for (const space of [KeySpace.category, KeySpace.type, KeySpace.tag] as const) {
      for (const [term, positions] of this.#positions[space]) {
        const value = encodePostings(positions, this.blockLast);
        yield putChecked(termKey(space, term, this.blockLast), value);
      }
    }
  }
}
