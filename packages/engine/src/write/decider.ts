import { create } from "@bufbuild/protobuf";
import { ConditionFailureSchema, type ConditionViolation } from "@varve/proto";
import { conditionFailed, positionAheadOfHead } from "../errors.js";
import { encodeAppendResponse } from "../format/append-response.js";
import type { Block } from "../format/block.js";
import type { EventLog } from "../log/event-log.js";
import type { AppendCommand } from "../request/append.js";
import { filterCost } from "../request/filter.js";
import { type AppendIds, answerRepeat, type FirstOutcome } from "./append-ids.js";
import type { PlacedEvent } from "./blocks.js";
import {
  type Match,
  matchInBlocks,
  matchInHeaders,
  type QueryCheck,
  type QueryProgress,
  queryViolation,
  streamHolds,
  streamViolation,
} from "./conditions.js";
import type { StreamHeads } from "./stream-heads.js";

/** What had to be read from the database before an append can be decided. */
export interface Prepared {
  /** For an append id that was found in the database. */
  readonly stored: FirstOutcome | undefined;
  /** For each query condition, in order. */
  readonly queries: readonly QueryProgress[];
}

/** What has been decided on top of the durable log and is not yet durable itself. */
export interface Undurable {
  /** Sealed blocks, in order. */
  readonly blocks: readonly Block[];
  /** Events that follow on those. */
  readonly events: readonly PlacedEvent[];
}

/** An append that will be stored. */
export interface Placement {
  readonly events: readonly PlacedEvent[];
  /** Encoded `AppendResponse`. */
  readonly response: Buffer;
}

/**
 * What one decision may take to look at what came since its conditions were prepared, in
 * look-ups: everyone waits while it is made.
 */
export const CATCH_UP_MAX = 8192;

/** What was prepared is no longer enough: too much has happened since. */
export const STALE: unique symbol = Symbol("stale");

/**
 * Decides appends one after the other, without waiting for anything: whatever
 * it needs is in memory. Knows nothing of how a decision becomes durable.
 */
export class Decider {
  constructor(
    private readonly log: EventLog,
    private readonly heads: StreamHeads,
    private readonly ids: AppendIds,
  ) {}

  /**
   * Gives the append its place, or answers a repeat with the encoded first
   * response. Throws `StoreError` if the append is refused. Returns `STALE` if it
   * has to be prepared again.
   */
  decide(
    command: AppendCommand,
    prepared: Prepared,
    undurable: Undurable,
    timeMs: number,
  ): Placement | Buffer | typeof STALE {
    const { identity } = command;
    const first = identity && (this.ids.recent(identity.key) ?? prepared.stored);
    if (identity && first) return answerRepeat(identity, first);
    if (!this.#isCurrent(command, prepared, undurable)) return STALE;
    const next = this.#nextPosition(undurable);
    this.#checkConditions(command, prepared, undurable, next - 1);
    return this.#place(command, next, timeMs);
  }

  /** What it takes to look at what came since the conditions were prepared, in look-ups. */
  catchUpCost({ conditions }: AppendCommand, { queries }: Prepared, undurable: Undurable): number {
    if (queries.length === 0) return 0;
    const head = this.#nextPosition(undurable) - 1;
    let cost = 0;
    let query = 0;
    for (const condition of conditions) {
      if (condition.kind !== "query") continue;
      const { match, checkedTo } = queries[query++] as QueryProgress;
      if (!match) cost += Math.max(0, head - checkedTo) * filterCost(condition.filter);
    }
    return cost;
  }

  /** Whether what came after the look at the index is still in memory, and not too much. */
  #isCurrent(command: AppendCommand, prepared: Prepared, undurable: Undurable): boolean {
    const { tail, head } = this.log;
    const isInMemory = prepared.queries.every(
      ({ match, checkedTo }) =>
        match || checkedTo >= head || tail.range(checkedTo + 1, head) !== undefined,
    );
    return isInMemory && this.catchUpCost(command, prepared, undurable) <= CATCH_UP_MAX;
  }

  #nextPosition({ blocks, events }: Undurable): number {
    return (events.at(-1)?.position ?? blocks.at(-1)?.lastPosition ?? this.log.head) + 1;
  }

  #checkConditions(
    command: AppendCommand,
    prepared: Prepared,
    undurable: Undurable,
    head: number,
  ): void {
    const violations: ConditionViolation[] = [];
    let query = 0;
    for (const [ordinal, condition] of command.conditions.entries()) {
      if (condition.kind === "stream") {
        const last = this.heads.get(condition.stream);
        if (streamHolds(condition.expected, last)) continue;
        violations.push(streamViolation(ordinal, condition, last));
      } else {
        if (condition.after > head) throw positionAheadOfHead(condition.after, head);
        const progress = prepared.queries[query++] as QueryProgress;
        const match = progress.match ?? this.#matchSince(condition, progress, undurable);
        if (match) violations.push(queryViolation(ordinal, match));
      }
    }
    if (violations.length === 0) return;
    throw conditionFailed(create(ConditionFailureSchema, { violations, head: BigInt(head) }));
  }

  /** What became durable since the condition was prepared, and what is not yet durable. */
  #matchSince(
    { filter }: QueryCheck,
    { checkedTo }: QueryProgress,
    { blocks, events }: Undurable,
  ): Match | undefined {
    const recent = this.log.tail.range(checkedTo + 1, this.log.head) ?? [];
    return (
      matchInBlocks(filter, recent, checkedTo) ??
      matchInBlocks(filter, blocks, checkedTo) ??
      matchInHeaders(filter, events, events[0]?.position ?? 0, checkedTo)
    );
  }

  #place(command: AppendCommand, first: number, timeMs: number): Placement {
    const ranges = new Map<
      string,
      { stream: string; firstRevision: number; lastRevision: number }
    >();
    const events = command.events.map(({ stream, type, tags, bytes }, i) => {
      const revision = this.heads.get(stream) + 1;
      this.heads.decided(stream, revision);
      const range = ranges.get(stream);
      if (range) range.lastRevision = revision;
      else ranges.set(stream, { stream, firstRevision: revision, lastRevision: revision });
      return { stream, type, tags, bytes, position: first + i, revision };
    });
    const response = encodeAppendResponse({
      firstPosition: first,
      lastPosition: first + events.length - 1,
      timeMs,
      ranges: [...ranges.values()],
    });
    if (command.identity) {
      const { key, contentHash } = command.identity;
      this.ids.decided(key, { contentHash, response });
    }
    return { events, response };
  }
}
