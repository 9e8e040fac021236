import type { SubscribeRequest } from "@varve/proto";
import type { RecordedEvent, Subscription, SubscriptionFrame } from "../types.js";
import type { CallTerms } from "./call.js";
import type { Connection } from "./connection.js";
import { Follower } from "./follow.js";
import { Iteration } from "./iteration.js";

/** Something at a position: an event, or a frame. */
interface Placed {
  readonly position: bigint;
}

const NO_EVENTS: readonly RecordedEvent[] = [];

/**
 * A subscription that begins when it is iterated. It ends without an error when
 * its signal is aborted, its loop is left or the client is closed; it rejects
 * if the server refuses it, or could not be reached in the first place.
 */
export class SubscriptionCall implements Subscription {
  readonly #connection: Connection;
  readonly #request: SubscribeRequest;
  readonly #heartbeatIntervalMs: number;
  readonly #terms: CallTerms;
  #follower: Follower | undefined;
  #iteration: Iteration<Placed> | undefined;
  /** What is before the items that are being handed out is done with, up to here. */
  #done: bigint | undefined;

  constructor(
    connection: Connection,
    request: SubscribeRequest,
    heartbeatIntervalMs: number,
    terms: CallTerms,
  ) {
    this.#connection = connection;
    this.#request = request;
    this.#heartbeatIntervalMs = heartbeatIntervalMs;
    this.#terms = terms;
    this.#done = request.start.case === "after" ? request.start.value : undefined;
  }

  get position(): bigint | undefined {
    return this.#iteration?.lastDone?.position ?? this.#done;
  }

  frames(): Iteration<SubscriptionFrame> {
    return this.#iterate((frame) => [frame]);
  }

  [Symbol.asyncIterator](): Iteration<RecordedEvent> {
    return this.#iterate((frame) => {
      if (frame.kind === "events") return frame.events;
      this.#done = frame.position;
      return NO_EVENTS;
    });
  }

  /** Hands out what `itemsOf` finds in frames. */
  #iterate<T extends Placed>(itemsOf: (frame: SubscriptionFrame) => readonly T[]): Iteration<T> {
    if (this.#iteration) throw new TypeError("A subscription can be iterated once");
    const iteration: Iteration<T> = new Iteration({
      next: async () => {
        // Whoever asks for more is done with all that there was.
        this.#done = this.position;
        this.#follower ??= this.#follow(iteration);
        const frame = await this.#follower.next();
        return frame && itemsOf(frame);
      },
      end: () => this.#follower?.end(),
    });
    this.#iteration = iteration;
    return iteration;
  }

  #follow(iteration: Iteration<Placed>): Follower {
    const call = this.#connection.calls.begin(this.#terms);
    call.waits();
    // What is left of a batch is not handed out once the call is cancelled.
    call.signal.addEventListener("abort", () => iteration.interrupt(), { once: true });
    return new Follower(this.#connection, call, this.#request, this.#heartbeatIntervalMs);
  }
}
