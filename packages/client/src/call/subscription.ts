import type { SubscribeRequest } from "@varve/proto";
import type { RecordedEvent, Subscription, SubscriptionFrame } from "../types.js";
import type { Connection } from "./connection.js";
import { Follower } from "./follow.js";

/**
 * A subscription that begins when it is iterated. It ends without an error when
 * its signal is aborted, its loop is left or the client is closed; it rejects
 * if the server refuses it, or could not be reached in the first place.
 */
export class SubscriptionCall implements Subscription {
  readonly #connection: Connection;
  readonly #request: SubscribeRequest;
  readonly #heartbeatIntervalMs: number;
  readonly #signal: AbortSignal | undefined;
  #position: bigint | undefined;
  #iterated = false;

  constructor(
    connection: Connection,
    request: SubscribeRequest,
    heartbeatIntervalMs: number,
    signal: AbortSignal | undefined,
  ) {
    this.#connection = connection;
    this.#request = request;
    this.#heartbeatIntervalMs = heartbeatIntervalMs;
    this.#signal = signal;
    this.#position = request.start.case === "after" ? request.start.value : undefined;
  }

  get position(): bigint | undefined {
    return this.#position;
  }

  frames(): AsyncGenerator<SubscriptionFrame, void, undefined> {
    return this.#frames(this.#begin());
  }

  [Symbol.asyncIterator](): AsyncGenerator<RecordedEvent, void, undefined> {
    return this.#events(this.#begin());
  }

  async *#frames(
    frames: AsyncIterable<SubscriptionFrame>,
  ): AsyncGenerator<SubscriptionFrame, void, undefined> {
    for await (const frame of frames) {
      this.#position = frame.position;
      yield frame;
    }
  }

  async *#events(
    frames: AsyncIterable<SubscriptionFrame>,
  ): AsyncGenerator<RecordedEvent, void, undefined> {
    for await (const frame of frames) {
      if (frame.kind === "events") yield* this.#oneByOne(frame.events);
      else this.#position = frame.position;
    }
  }

  *#oneByOne(events: readonly RecordedEvent[]): Generator<RecordedEvent, void, undefined> {
    for (const event of events) {
      if (this.#signal?.aborted === true) return;
      this.#position = event.position;
      yield event;
    }
  }

  #begin(): AsyncIterable<SubscriptionFrame> {
    if (this.#iterated) throw new TypeError("A subscription can be iterated once");
    this.#iterated = true;
    return this.#follow();
  }

  async *#follow(): AsyncGenerator<SubscriptionFrame, void, undefined> {
    const call = this.#connection.calls.begin(this.#signal);
    const interval = this.#heartbeatIntervalMs;
    yield* new Follower(this.#connection, call, this.#request, interval).frames();
  }
}
