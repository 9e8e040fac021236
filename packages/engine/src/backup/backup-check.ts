import { fromBinary } from "@bufbuild/protobuf";
import {
  type AppendIdBatch,
  type BackupEnd,
  type BackupHeader,
  type BackupResponse,
  BackupResponseSchema,
  type BlockBatch,
} from "@varve/proto";
import { type Block, followsOn, openBlock } from "../format/block.js";
import { BlockOffset } from "../format/constants.js";
import { readUint64 } from "../format/keys.js";
import { BackupError, damagedBackup } from "./backup-error.js";
import type { BackupHead, BackupSummary, CheckedFrame, IdGroup } from "./checked-frames.js";
import { parseHeader, parseIdGroup, toBuffer, toPosition, Wrong } from "./parse-frames.js";

/**
 * Follows the frames of one backup and holds them to what a backup is: blocks
 * whole, each following on the one before by position and by chain; then append
 * ids; then an end that fits. Written and read backups pass through it alike.
 */
export class BackupCheck {
  #header: BackupHead | undefined;
  #position = 0;
  #chain: Buffer = Buffer.alloc(0);
  #blocks = 0;
  #appendIds = 0;
  #lastGroup = 0;
  #hasEnded = false;

  /** What the backup says it is; `undefined` before its first frame. */
  get header(): BackupHead | undefined {
    return this.#header;
  }

  /** Everything up to this position is whole; `undefined` before the first frame. */
  get position(): number | undefined {
    return this.#header && this.#position;
  }

  /** Whether the last frame has come: the backup is whole. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** What the backup holds. REQUIRES: it is whole. */
  get summary(): BackupSummary {
    const header = this.#header;
    if (!header || !this.#hasEnded) throw new Error("the backup has not come to its end");
    const events = header.head - header.after;
    return { ...header, blocks: this.#blocks, events, appendIds: this.#appendIds };
  }

  /** Takes an encoded `BackupResponse`, which begins at byte `offset`. Throws `BackupError`. */
  take(bytes: Uint8Array, offset: number): CheckedFrame {
    try {
      return this.#take(decode(bytes));
    } catch (cause) {
      if (cause instanceof BackupError) throw cause;
      throw damagedBackup((cause as Error).message, offset, this.position, cause);
    }
  }

  /** No frame follows. Throws `BackupError` if one should. */
  ended(offset: number): void {
    if (!this.#hasEnded) throw damagedBackup("it is cut off", offset, this.position);
  }

  #take({ frame }: BackupResponse): CheckedFrame {
    if (this.#hasEnded) throw new Wrong("something follows after its end");
    if (!this.#header && frame.case !== "header") throw new Wrong("it has no header");
    switch (frame.case) {
      case "header":
        return { kind: "header", header: this.#begin(frame.value) };
      case "blocks":
        return { kind: "blocks", blocks: this.#takeBlocks(frame.value) };
      case "appendIds":
        return { kind: "append-ids", groups: this.#takeIds(frame.value) };
      case "end":
        this.#end(frame.value);
        return { kind: "end" };
      default:
        throw new Wrong("the frame is of no known kind");
    }
  }

  #begin(header: BackupHeader): BackupHead {
    if (this.#header) throw new Wrong("it has a second header");
    this.#header = parseHeader(header);
    this.#position = this.#header.after;
    this.#chain = this.#header.afterChain;
    return this.#header;
  }

  #takeBlocks({ blocks }: BlockBatch): Block[] {
    const { head } = this.#header as BackupHead;
    if (this.#appendIds > 0) throw new Wrong("blocks follow on append ids");
    return blocks.map((bytes) => {
      const block = open(toBuffer(bytes));
      if (!followsOn(block, this.#position, this.#chain)) {
        throw new Wrong(`the block that ends at position ${block.lastPosition} does not follow`);
      }
      if (block.lastPosition > head) throw new Wrong(`it should end at position ${head}`);
      this.#position = block.lastPosition;
      this.#chain = block.chain;
      this.#blocks++;
      return block;
    });
  }

  #takeIds({ groups }: AppendIdBatch): IdGroup[] {
    this.#checkBlocksAreThere();
    const { after, head } = this.#header as BackupHead;
    return groups.map((each) => {
      const group = parseIdGroup(each);
      const { lastPosition, ids } = group;
      const isInOrder = lastPosition > Math.max(after, this.#lastGroup) && lastPosition <= head;
      if (!isInOrder) throw new Wrong(`append ids of position ${lastPosition} are out of order`);
      this.#lastGroup = lastPosition;
      this.#appendIds += ids.length;
      return group;
    });
  }

  #end(end: BackupEnd): void {
    this.#checkBlocksAreThere();
    const { after, head } = this.#header as BackupHead;
    const fits =
      toPosition(end.head) === head &&
      toBuffer(end.chain).equals(this.#chain) &&
      toPosition(end.events) === head - after &&
      toPosition(end.blocks) === this.#blocks &&
      toPosition(end.appendIds) === this.#appendIds;
    if (!fits) throw new Wrong("what it says at its end does not fit what it holds");
    this.#hasEnded = true;
  }

  #checkBlocksAreThere(): void {
    const { head, headChain } = this.#header as BackupHead;
    if (this.#position !== head) {
      throw new Wrong(`blocks are missing: it should reach position ${head}`);
    }
    if (!this.#chain.equals(headChain)) throw new Wrong("its header names another chain value");
  }
}

function decode(bytes: Uint8Array): BackupResponse {
  try {
    return fromBinary(BackupResponseSchema, bytes);
  } catch (cause) {
    throw new Wrong("the frame is not a valid message", { cause });
  }
}

/** Its place is known only from the block itself; the chain says whether it belongs there. */
function open(bytes: Buffer): Block {
  try {
    return openBlock(bytes, readUint64(bytes, BlockOffset.lastPosition));
  } catch (cause) {
    throw new Wrong("a block is not what was written", { cause });
  }
}
