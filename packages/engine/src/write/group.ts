import { asStoreError, type StoreError } from "../errors.js";
import type { Block } from "../format/block.js";
import type { Write } from "../log/database.js";
import { writeAppendId, writeAppendIdExpiry } from "./append-ids.js";
import { blockWrites, buildBlocks, type PlacedEvent } from "./blocks.js";
import { type Decider, STALE, type Undurable } from "./decider.js";
import type { Item } from "./item.js";
import type { Preparer } from "./preparer.js";

/** Decided appends that become durable together. */
export interface Group {
  readonly blocks: readonly Block[];
  readonly events: readonly PlacedEvent[];
  /** One atomic batch. Empty if every append was refused or a repeat. */
  readonly writes: readonly Write[];
  /** In order; to be given when everything decided so far is durable. */
  readonly answers: readonly Answer[];
}

/** Appends that have been taken out of the line undecided. */
export interface Returned {
  /** Too much has happened since their conditions were looked at. */
  readonly stale: Item[];
  /** They come after one of those. */
  readonly early: Item[];
}

/** What an append is answered with: the encoded response, or why it was refused. */
export interface Answer {
  readonly item: Item;
  readonly answer: Buffer | StoreError;
}

/** What a group follows on. */
export interface GroupBase {
  /** Blocks that are being written now. */
  readonly undurable: readonly Block[];
  readonly chain: Buffer;
  readonly timeMs: number;
}

/** A group takes no more appends once it has this many bytes. */
const GROUP_BYTES = 1024 * 1024;
/** Nor once its conditions have taken so many look-ups: everyone waits meanwhile. */
const GROUP_CATCH_UP_MAX = 32_768;

/**
 * Takes appends from the front of `ready`, decides them in order and encodes what they
 * store. Those that cannot be decided now are added to `returned`.
 */
export function closeGroup(
  decider: Decider,
  preparer: Preparer,
  ready: Item[],
  base: GroupBase,
  returned: Returned,
): Group {
  const events: PlacedEvent[] = [];
  const answers: Answer[] = [];
  const writes: Write[] = [];
  const ids: Buffer[] = [];
  let catchUp = 0;
  for (let bytes = 0; bytes < GROUP_BYTES && catchUp < GROUP_CATCH_UP_MAX; ) {
    const item = ready.shift();
    if (!item) break;
    const { command, lane, prepared } = item;
    if (lane && !lane.mayDecide(item)) {
      preparer.release(item);
      returned.early.push(item);
      continue;
    }
    const undurable = { blocks: base.undurable, events };
    if (prepared) catchUp += decider.catchUpCost(command, prepared, undurable);
    const decision = item.refusal ?? decide(decider, item, undurable, base.timeMs);
    preparer.release(item);
    if (decision === STALE) {
      lane?.leave(item);
      returned.stale.push(item);
      continue;
    }
    lane?.decided(item);
    bytes += command.bytes;
    if (Buffer.isBuffer(decision) || decision instanceof Error) {
      answers.push({ item, answer: decision });
      continue;
    }
    events.push(...decision.events);
    answers.push({ item, answer: decision.response });
    const { identity } = item.command;
    if (!identity) continue;
    ids.push(identity.id);
    const { contentHash } = identity;
    writes.push(writeAppendId(identity.id, { contentHash, response: decision.response }));
  }
  const blocks = buildBlocks(events, base.timeMs, base.chain);
  const last = events.at(-1)?.position;
  if (last !== undefined && ids.length > 0) {
    writes.push(writeAppendIdExpiry(last, base.timeMs, ids));
  }
  return { blocks, events, answers, writes: [...writes, ...blocks.flatMap(blockWrites)] };
}

type Decision = ReturnType<Decider["decide"]> | StoreError;

function decide(decider: Decider, item: Item, undurable: Undurable, timeMs: number): Decision {
  if (!item.prepared) return STALE;
  try {
    return decider.decide(item.command, item.prepared, undurable, timeMs);
  } catch (error) {
    return asStoreError(error);
  }
}
