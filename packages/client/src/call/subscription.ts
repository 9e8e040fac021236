import type { SubscribeRequest, SubscribeResponse } from "@varve/proto";
import type { RecordedEvent, Subscription, SubscriptionFrame } from "../types.js";
import { resumeAfter } from "../wire/requests.js";
import { decodeSubscriptionFrame } from "../wire/subscription-frames.js";
import type { Call } from "./call.js";
import type { Connection } from "./connection.js";
import { canRetry, pause } from "./retry.js";
import { Silence } from "./silence.js";

/** Heartbeat intervals without a sign of life, after which a connection is taken as dead. */
const INTERVALS_OF_SILENCE = 3;

/**
 * A subscription that outlives its connections. It ends without an error when
 * its signal is aborted, its loop is left or the client is closed; it rejects
 * if the server refuses it, or cannot be reached in the first place.
 *
 * Nothing is read ahead: the next frame is asked for when the consumer asks.
 */
export class SubscriptionCall implements Subscription {
  readonly #connection: Connection;
  readonly #request: SubscribeRequest;
  readonly #silenceMs: number;
  readonly #caller: AbortSignal | undefined;
  #iterated = false;
  /** What the consumer has been given. */
  #delivered: bigint | undefined;
  /** What has been received: ahead of `#delivered` by a batch at most. */
  #received: bigint | undefined;
  /** Whether a connection has ever stood: until then, tries are numbered. */
  #stood = false;
  #failures = 0;

  constructor(
    connection: Connection,
    request: SubscribeRequest,
    heartbeatIntervalMs: number,
    signal: AbortSignal | undefined,
  ) {
    this.#connection = connection;
    this.#request = request;
    this.#silenceMs = INTERVALS_OF_SILENCE * heartbeatIntervalMs;
    this.#caller = signal;
    if (request.start.case === "after") {
      this.#received = request.start.value;
      this.#delivered = this.#received;
    }
  }

  get position(): bigint | undefined {
    return this.#delivered;
  }

  /** Each frame as it comes; `position` is that of the latest. */
  async *frames(): AsyncGenerator<SubscriptionFrame, void, undefined> {
    for await (const frame of this.#begin()) {
      this.#delivered = frame.position;
      yield frame;
    }
  }

  /** Event by event; `position` is that of the latest, or of what came after it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<RecordedEvent, void, undefined> {
    for await (const frame of this.#begin()) {
      if (frame.kind === "events") yield* this.#eventsOf(frame.events);
      else this.#delivered = frame.position;
    }
  }

  *#eventsOf(events: readonly RecordedEvent[]): Generator<RecordedEvent, void, undefined> {
    for (const event of events) {
      if (this.#caller?.aborted === true) return;
      this.#delivered = event.position;
      yield event;
    }
  }

  #begin(): AsyncIterable<SubscriptionFrame> {
    if (this.#iterated) throw new TypeError("A subscription can be iterated once");
    this.#iterated = true;
    return this.#run();
  }

  /** One connection after the other. */
  async *#run(): AsyncGenerator<SubscriptionFrame, void, undefined> {
    const call = this.#connection.calls.begin(this.#caller);
    try {
      while (!call.cancelled) {
        const failure = yield* this.#follow(call);
        if (!call.cancelled) await this.#recover(call, failure);
      }
    } catch (failure) {
      if (!call.cancelled) throw failure;
    } finally {
      call.end();
    }
  }

  /** The frames of one connection, until it fails. */
  async *#follow(call: Call): AsyncGenerator<SubscriptionFrame, unknown, undefined> {
    const silence = new Silence(this.#silenceMs, call.signal);
    try {
      const frames = this.#connection.rpc.subscribe(this.#nextRequest(), { signal: silence.signal });
      const iterator = frames[Symbol.asyncIterator]();
      for (;;) {
        const next = await silence.during(iterator.next());
        if (next.done === true) return new Error();
        const frame = this.#receive(next.value);
        if (frame !== undefined) yield frame;
      }
    } finally {
      silence.end();
    }
  }
}
