import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { type SubscribeRequest, SubscribeResponseSchema, SubscriptionStart } from "@varve/proto";
import { positionAheadOfHead, serverStopping } from "../errors.js";
import type { SearchBudget } from "../index/search-budget.js";
import { select } from "../index/select.js";
import type { Limits } from "../limits.js";
import { FieldChecks } from "../request/fields.js";
import { type EventFilter, parseFilter } from "../request/filter.js";
import type { Workspace } from "../workspace/workspace.js";
import { type FrameRoom, inRoom, unboundedRoom } from "./frame-room.js";
import { inTurns } from "./read-turns.js";
import { type SearchFrame, searchFrames } from "./search-frames.js";

/** A checked `SubscribeRequest`. */
export interface SubscribeQuery {
  readonly filter: EventFilter;
  /** Exclusive. */
  readonly start: "end" | { readonly after: number };
  readonly heartbeatMs: number;
}

const EVENTS_FIELD = SubscribeResponseSchema.field.events.number;
const HEARTBEAT_MS_DEFAULT = 10_000;
const HEARTBEAT_MS_MIN = 100;
const HEARTBEAT_MS_MAX = 600_000;

/** Positions that a live subscription may be behind the head. */
export const FELL_BEHIND_POSITIONS = 10_000;
/** Positions without a match after which a live subscription gets a checkpoint. */
const CHECKPOINT_POSITIONS = 4096;

export function parseSubscribe(request: SubscribeRequest, limits: Limits): SubscribeQuery {
  const checks = new FieldChecks();
  const heartbeatMs = request.heartbeatInterval
    ? durationMs(request.heartbeatInterval)
    : HEARTBEAT_MS_DEFAULT;
  if (heartbeatMs < HEARTBEAT_MS_MIN || heartbeatMs > HEARTBEAT_MS_MAX) {
    checks.add("heartbeat_interval", "must be 100 ms to 10 min");
  }
  const start = parseStart(checks, request.start);
  const filter = parseFilter(checks, "filter", request.filter, limits);
  checks.throwIfAny();
  return { filter, start, heartbeatMs };
}

function parseStart(
  checks: FieldChecks,
  start: SubscribeRequest["start"],
): SubscribeQuery["start"] {
  if (start.case === "after") return { after: checks.integer("after", start.value, 0) };
  if (start.case === "at" && SubscriptionStart[start.value] === undefined) {
    checks.add("at", `must be a known start, is ${start.value}`);
  }
  return start.value === SubscriptionStart.END ? "end" : { after: 0 };
}

/** Who consumes a subscription. */
export interface SubscribeOptions {
  /** Called whenever all there is has been taken by the consumer. */
  readonly onCaughtUp?: (() => void) | undefined;
  /** Where frames of events are kept until the consumer takes them. Default: without a bound. */
  readonly room?: FrameRoom | undefined;
}

/**
 * Encoded `SubscribeResponse` frames, until the signal aborts, quietly, or the
 * log closes, with an error. Throws POSITION_AHEAD_OF_HEAD.
 */
export function subscribe(
  workspace: Workspace,
  query: SubscribeQuery,
  signal: AbortSignal,
  options: SubscribeOptions = {},
): AsyncGenerator<Buffer> {
  return new Subscription(workspace, query, signal, options).frames();
}

/**
 * Catching up and being live are the same loop: read from the cursor up to the
 * head, then wait for the head to move. What a slow consumer has not taken costs
 * one cursor and one frame.
 */
class Subscription {
  /** Everything up to here has been looked at. */
  #cursor: number;
  /** What the consumer knows of the cursor, and since when, ms. */
  #told: number;
  #toldAtMs: number = performance.now();
  #isLive = false;
  readonly #budget: SearchBudget;

  constructor(
    private readonly workspace: Workspace,
    private readonly query: SubscribeQuery,
    private readonly signal: AbortSignal,
    private readonly options: SubscribeOptions,
  ) {
    const { head } = workspace.log;
    this.#budget = workspace.searchBudget(signal);
    this.#cursor = query.start === "end" ? head : query.start.after;
    this.#told = this.#cursor;
    if (this.#cursor > head) throw positionAheadOfHead(this.#cursor, head);
  }

  async *frames(): AsyncGenerator<Buffer> {
    const { log } = this.workspace;
    const value = { after: BigInt(this.#cursor), head: BigInt(log.head) };
    yield encode({ case: "confirmed", value });
    while (!this.#isOver) {
      yield* this.#readTo(log.head);
      if (!this.#isOver) yield* this.#arrive();
      if (!this.#isOver && this.#cursor === log.head) yield* this.#waitForMore();
    }
    if (this.signal.aborted) return;
    // The last word is a position to resume after.
    if (this.#told < this.#cursor) yield this.#tell("checkpoint");
    throw log.closedBecause ?? serverStopping();
  }

  get #isOver(): boolean {
    return this.signal.aborted || this.workspace.log.isClosed;
  }

  async *#readTo(head: number): AsyncGenerator<Buffer> {
    if (this.#isLive && head - this.#cursor > FELL_BEHIND_POSITIONS) {
      this.#isLive = false;
      const value = { position: BigInt(this.#cursor), head: BigInt(head) };
      yield encode({ case: "fellBehind", value });
    }
    const { log, streams, turns } = this.workspace;
    const range = { first: this.#cursor + 1, last: head };
    const search = { filter: this.query.filter, range, backwards: false, budget: this.#budget };
    const found = searchFrames(select(log, streams, search), { eventsField: EVENTS_FIELD });
    const frames = this.#isLive ? found : inTurns(found, turns);
    const { room = unboundedRoom } = this.options;
    try {
      for await (const frame of inRoom(frames, room, bytesOf)) {
        this.#cursor = frame.upTo;
        if (frame.kind === "events") {
          this.#remember();
          yield frame.bytes;
        } else yield this.#tell("checkpoint");
        if (this.#isOver) return;
      }
    } catch (error) {
      // The search has ended because of that, and there is still something to say.
      if (this.#isOver) return;
      throw error;
    }
    this.#cursor = head;
  }

  /** At the head: says so once, and later only that it has moved far without a match. */
  *#arrive(): Generator<Buffer> {
    if (!this.#isLive) {
      this.#isLive = true;
      yield this.#tell("caughtUp");
    } else if (this.#cursor - this.#told >= CHECKPOINT_POSITIONS) {
      yield this.#tell("checkpoint");
    }
  }

  async *#waitForMore(): AsyncGenerator<Buffer> {
    const silentMs = performance.now() - this.#toldAtMs;
    const waitMs = Math.max(0, this.query.heartbeatMs - silentMs);
    this.options.onCaughtUp?.();
    const outcome = await this.workspace.log.signal.wait(waitMs, this.signal);
    if (outcome === "timeout") yield this.#tell("heartbeat");
  }

  #tell(kind: "caughtUp" | "checkpoint" | "heartbeat"): Buffer {
    this.#remember();
    const position = BigInt(this.#cursor);
    return encode({ case: kind, value: { position } });
  }

  #remember(): void {
    this.#told = this.#cursor;
    this.#toldAtMs = performance.now();
  }
}

function bytesOf(frame: SearchFrame): number {
  return frame.kind === "events" ? frame.bytes.length : 0;
}

type Frame = NonNullable<MessageInitShape<typeof SubscribeResponseSchema>["frame"]>;

function encode(frame: Frame): Buffer {
  return Buffer.from(toBinary(SubscribeResponseSchema, create(SubscribeResponseSchema, { frame })));
}
