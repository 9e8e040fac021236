import { asStoreError, type StoreError } from "../errors.js";
import type { Block } from "../format/block.js";
import type { Write } from "../log/database.js";
import { writeAppendId, writeAppendIdExpiry } from "./append-ids.js";
import { blockWrites, buildBlocks, type PlacedEvent } from "./blocks.js";
import { type Decider, STALE } from "./decider.js";
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

/**
 * Takes appends from the front of `ready`, decides them in order and encodes
 * what they store. Stops before one that has to be prepared (again).
 */
export function closeGroup(
  decider: Decider,
  preparer: Preparer,
  ready: Item[],
  base: GroupBase,
): Group {
  const events: PlacedEvent[] = [];
  const answers: Answer[] = [];
  const writes: Write[] = [];
  const ids: Buffer[] = [];
  for (let bytes = 0; bytes < GROUP_BYTES; ) {
    const item = ready[0];
    if (!item?.prepared) break;
    const undurable = { blocks: base.undurable, events };
    const decision = decide(decider, item.command, item.prepared, undurable, base.timeMs);
    preparer.release(item);
    if (decision === STALE) break;
    ready.shift();
    bytes += item.command.bytes;
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

function decide(decider: Decider, ...args: Parameters<Decider["decide"]>): Decision {
  try {
    return decider.decide(...args);
  } catch (error) {
    return asStoreError(error);
  }
}
