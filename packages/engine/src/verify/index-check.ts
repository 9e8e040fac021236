import { checkedContent } from "../format/checked-value.js";
import { KeySpace } from "../format/constants.js";
import { keyName, keyNumber } from "../format/keys.js";
import { decodeStreamPostings, type StreamPostings } from "../format/postings.js";
import { firstRevision } from "../index/stream-index.js";
import { type Findings, isNamedKey, placeOf, whyDamaged } from "./finding.js";
import type { IndexTally } from "./index-tally.js";

/** An entry of the index that is whole. */
export interface IndexEntry {
  /** Last position of the block that it is of. */
  readonly blockLast: number;
  /** Tells it from others; it covers key and value. */
  readonly checksum: number;
  /** If it is of a stream. */
  readonly postings?: StreamPostings;
}

/** Throws if it is damaged. REQUIRES: `isNamedKey(key)`. */
export function readIndexEntry(key: Buffer, value: Buffer): IndexEntry {
  const content = checkedContent(key, value);
  const checksum = value.readUInt32BE(0);
  if (key[0] !== KeySpace.stream) {
    if (content.length === 0) throw new RangeError("it has no postings");
    return { blockLast: keyNumber(key), checksum };
  }
  const postings = decodeStreamPostings(key, value);
  if (postings.positions.length === 0) throw new RangeError("it has no postings");
  return { blockLast: postings.blockLast, checksum, postings };
}

/** Checks the index, given in the order of its keys, by itself; `IndexTally` holds it against the log. */
export class IndexCheck {
  #stream: string | undefined;
  #lastRevision = -1;
  #lastPosition = 0;
  #streams = 0;

  constructor(
    private readonly findings: Findings,
    private readonly tally: IndexTally,
    private readonly head: number,
  ) {}

  get streams(): number {
    return this.#streams;
  }

  look(key: Buffer, value: Buffer): void {
    if (!isNamedKey(key)) {
      const message = "a key of the index has another form";
      this.findings.add({ kind: "key-unknown", message, ...placeOf(key) });
      return;
    }
    if (key[0] === KeySpace.stream) this.#enterStream(keyName(key));
    try {
      const entry = readIndexEntry(key, value);
      if (entry.postings) this.#follow(key, entry.postings);
      this.#count(key, entry);
    } catch (error) {
      this.findings.add({
        kind: "entry-damaged",
        message: `an entry of the index is damaged: ${whyDamaged(error)}`,
        ...placeOf(key),
      });
    }
    if (key[0] === KeySpace.stream) this.#lastRevision = keyNumber(key);
  }

  #count(key: Buffer, { blockLast, checksum }: IndexEntry): void {
    if (blockLast >= 1 && blockLast <= this.head) {
      this.tally.find(blockLast, checksum);
      return;
    }
    const message = `an entry of the index is of position ${blockLast}, the log ends at ${this.head}`;
    this.findings.add({ kind: "beyond-head", position: blockLast, message, ...placeOf(key) });
  }

  #enterStream(stream: string): void {
    if (stream === this.#stream) return;
    this.#stream = stream;
    this.#lastRevision = -1;
    this.#lastPosition = 0;
    this.#streams++;
  }

  /** Each entry of a stream must begin where the one before it ended. */
  #follow(key: Buffer, postings: StreamPostings): void {
    const first = firstRevision(postings);
    const position = postings.positions[0] as number;
    if (first !== this.#lastRevision + 1) {
      const message = `the index goes from revision ${this.#lastRevision} to ${first} of ${quote(this.#stream)}`;
      this.findings.add({ kind: "revision-gap", position, message, ...placeOf(key) });
    } else if (!ascend([this.#lastPosition, ...postings.positions])) {
      const message = `the index has positions of ${quote(this.#stream)} out of order`;
      this.findings.add({ kind: "entry-wrong", position, message, ...placeOf(key) });
    }
    this.#lastPosition = postings.positions.at(-1) as number;
  }
}

function ascend(positions: readonly number[]): boolean {
  return positions.every((position, i) => i === 0 || position > (positions[i - 1] as number));
}

function quote(name: string | undefined): string {
  return JSON.stringify(name);
}
