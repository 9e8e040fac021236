import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type SubscribeRequest, SubscribeResponseSchema, SubscriptionStart } from "@varve/proto";
import { positionAheadOfHead, serverStopping } from "../errors.js";
import { select } from "../index/select.js";
import type { Limits } from "../limits.js";
import type { HeadSignal } from "../log/head-signal.js";
import { FieldChecks } from "../request/fields.js";
import { type EventFilter, parseFilter } from "../request/filter.js";
import type { Lease } from "../workspace/lease.js";
import type { Workspace } from "../workspace/workspace.js";
import type { FollowedWorkspace } from "../workspace/workspaces.js";
import { type FrameRoom, unboundedRoom } from "./frame-room.js";
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
  const { heartbeatInterval } = request;
  const heartbeatMs = heartbeatInterval
    ? checks.duration("heartbeat_interval", heartbeatInterval, HEARTBEAT_MS_MIN, HEARTBEAT_MS_MAX)
    : HEARTBEAT_MS_DEFAULT;
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
 * workspace is closed to followers, with an error. Throws POSITION_AHEAD_OF_HEAD.
 */
export function subscribe(
  workspace: FollowedWorkspace,
  query: SubscribeQuery,
  signal: AbortSignal,
  options: SubscribeOptions = {},
): AsyncGenerator<Buffer> {
  return new Subscription(workspace, query, signal, options).frames();
}

/**
 * Catching up and being live are the same loop: read from the cursor up to the
 * head, then wait for the head to move. What a slow consumer has not taken costs
 * one cursor and one frame; one that waits does not keep the workspace open.
 */
class Subscription {
  /** Everything up to here has been looked at. */
  #cursor = 0;
  /** What the consumer knows of the cursor, and since when, ms. */
  #told = 0;
  #toldAtMs: number = performance.now();
  #isLive = false;
  readonly #head: HeadSignal;

  constructor(
    private readonly workspace: FollowedWorkspace,
    private readonly query: SubscribeQuery,
    private readonly signal: AbortSignal,
    private readonly options: SubscribeOptions,
  ) {
    this.#head = workspace.signal;
  }

  async *frames(): AsyncGenerator<Buffer> {
    yield this.#begin(this.#head.head ?? (await this.#lookUpHead()));
    while (!this.#isOver) {
      yield* this.#readTo(this.#head.head ?? (await this.#lookUpHead()));
      if (!this.#isOver) yield* this.#arrive();
      if (!this.#isOver && this.#cursor === this.#head.head) yield* this.#waitForMore();
    }
    if (this.signal.aborted) return;
    // The last word is a position to resume after.
    if (this.#told < this.#cursor) yield this.#tell("checkpoint");
    throw this.#head.closedBecause ?? serverStopping();
  }

  get #isOver(): boolean {
    return this.signal.aborted || this.#head.closedBecause !== undefined;
  }

  /** Of those who wait, the first to ask. */
  async #lookUpHead(): Promise<number> {
    using lease = await this.workspace.lease();
    // It may have moved while the workspace was opened.
    if (this.#head.head === undefined) this.#head.moved(lease.workspace.log.head);
    return this.#head.head ?? 0;
  }

  #begin(head: number): Buffer {
    const { query } = this;
    this.#cursor = query.start === "end" ? head : query.start.after;
    this.#told = this.#cursor;
    if (this.#cursor > head) throw positionAheadOfHead(this.#cursor, head);
    const value = { after: BigInt(this.#cursor), head: BigInt(head) };
    return encode({ case: "confirmed", value });
  }

  async *#readTo(head: number): AsyncGenerator<Buffer> {
    if (this.#cursor === head) return;
    if (this.#isLive && head - this.#cursor > FELL_BEHIND_POSITIONS) {
      this.#isLive = false;
      const value = { position: BigInt(this.#cursor), head: BigInt(head) };
      yield encode({ case: "fellBehind", value });
    }
    try {
      for await (const frame of this.#search(head)) {
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

  /**
   * From the cursor to the head, each frame when there is room for it. The workspace may be
   * closed while the consumer takes its time; the search then goes on in one opened anew.
   */
  async *#search(head: number): AsyncGenerator<SearchFrame> {
    const { room = unboundedRoom } = this.options;
    let upTo = this.#cursor;
    let lease: Lease | undefined;
    let frames: AsyncGenerator<SearchFrame> | undefined;
    try {
      while (upTo < head && (await room.take())) {
        if (!frames || !lease?.resume()) {
          // It counts what it has open until it is told to end.
          await frames?.return(undefined);
          lease = await this.workspace.lease();
          frames = this.#searchIn(lease.workspace, upTo + 1, head);
        }
        const { done, value } = await frames.next();
        room.fill(done ? 0 : bytesOf(value));
        if (done) return;
        upTo = value.upTo;
        if (upTo < head) lease.pause();
        else lease[Symbol.dispose]();
        yield value;
      }
    } finally {
      await frames?.return(undefined);
      lease?.[Symbol.dispose]();
    }
  }

  #searchIn(workspace: Workspace, first: number, last: number): AsyncGenerator<SearchFrame> {
    const { log, streams, turns } = workspace;
    const range = { first, last };
    const budget = workspace.searchBudget(this.signal);
    const search = { filter: this.query.filter, range, backwards: false, budget };
    const found = searchFrames(select(log, streams, search), { eventsField: EVENTS_FIELD });
    return this.#isLive ? found : inTurns(found, turns);
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
    const outcome = await this.#head.wait(waitMs, this.signal);
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
