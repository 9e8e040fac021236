import type { SubscribeRequest, SubscribeResponse } from "@varve/proto";
import { UnreachableError } from "../errors.js";
import type { SubscriptionFrame } from "../types.js";
import { resumeAfter } from "../wire/requests.js";
import { decodeSubscriptionFrame } from "../wire/subscription-frames.js";
import type { Call } from "./call.js";
import type { Connection } from "./connection.js";
import { canRetry, pause } from "./retry.js";
import { Silence } from "./silence.js";

/** Heartbeat intervals without a sign of life, after which a connection is taken as dead. */
const INTERVALS_OF_SILENCE = 3;

/** A call of `Subscribe`, and what watches over it. */
interface Connected {
  readonly silence: Silence;
  readonly frames: AsyncIterator<SubscribeResponse>;
}

/**
 * Follows the log over as many connections as it takes. Nothing is read ahead:
 * the next frame is asked for when the consumer asks.
 */
export class Follower {
  readonly #connection: Connection;
  readonly #call: Call;
  readonly #request: SubscribeRequest;
  readonly #silenceMs: number;
  #connected: Connected | undefined;
  /** Whatever is up to here has been received; the next connection goes on after it. */
  #received: bigint | undefined;
  /** Whether a connection has ever stood: until then, tries are numbered. */
  #stood = false;
  /** In a row; a connection that delivers ends the row. */
  #failures = 0;

  constructor(
    connection: Connection,
    call: Call,
    request: SubscribeRequest,
    heartbeatIntervalMs: number,
  ) {
    this.#connection = connection;
    this.#call = call;
    this.#request = request;
    this.#silenceMs = INTERVALS_OF_SILENCE * heartbeatIntervalMs;
  }

  /**
   * The next frame; `undefined` once the call is cancelled. Rejects when it cannot go on,
   * or when it does not stand in the time that the call may wait.
   */
  async next(): Promise<SubscriptionFrame | undefined> {
    try {
      while (!this.#call.cancelled) {
        const frame = await this.#nextOfConnection();
        if (frame !== undefined) return frame;
      }
    } catch (failure) {
      this.#disconnect();
      if (!this.#call.cancelled) throw failure;
    }
    return undefined;
  }

  /** Ends the call, wherever it stands. */
  end(): void {
    this.#disconnect();
    this.#call.end();
  }

  /** The next frame for the consumer; `undefined` if what came is not for it, or the connection ended. */
  async #nextOfConnection(): Promise<SubscriptionFrame | undefined> {
    this.#connected ??= this.#connect();
    const { silence, frames } = this.#connected;
    const next = await heard(silence, frames);
    if ("frame" in next) return this.#receive(next.frame);
    this.#disconnect();
    await this.#recover(next.reason);
    return undefined;
  }

  #connect(): Connected {
    const silence = new Silence(this.#silenceMs, this.#call.signal);
    return { silence, frames: this.#subscribe(silence.signal) };
  }

  #disconnect(): void {
    this.#connected?.silence.end();
    this.#connected = undefined;
  }

  #subscribe(signal: AbortSignal): AsyncIterator<SubscribeResponse> {
    const request =
      this.#received === undefined ? this.#request : resumeAfter(this.#request, this.#received);
    return this.#connection.rpc.subscribe(request, { signal })[Symbol.asyncIterator]();
  }

  /** What the consumer sees of a frame, and where the next connection would go on. */
  #receive(response: SubscribeResponse): SubscriptionFrame | undefined {
    const frame = decodeSubscriptionFrame(response);
    if (frame?.kind === "confirmed") return this.#confirm(frame);
    this.#failures = 0;
    const news = frame?.kind === "events" ? this.#withoutRepeats(frame) : frame;
    if (news !== undefined) this.#received = news.position;
    return news;
  }

  #confirm(frame: SubscriptionFrame): SubscriptionFrame {
    this.#received ??= frame.position;
    if (this.#stood) return { kind: "reconnected", position: this.#received };
    this.#stood = true;
    this.#call.heard();
    return frame;
  }

  /** The contract allows a server to send an event more than once. */
  #withoutRepeats(
    frame: SubscriptionFrame & { readonly kind: "events" },
  ): SubscriptionFrame | undefined {
    const received = this.#received ?? 0n;
    const events = frame.events.filter(({ position }) => position > received);
    return events.length === 0 ? undefined : { ...frame, events };
  }

  /** Waits before the next connection, or throws if there is none to be had. */
  async #recover(reason: unknown): Promise<void> {
    const failure = this.#call.failure(reason);
    this.#failures += 1;
    const { retry } = this.#connection;
    const mayRetry = this.#stood || this.#failures < retry.attempts;
    if (!canRetry(failure) || !mayRetry) throw failure;
    this.#call.failed(failure);
    await pause(retry, this.#failures, this.#call);
  }
}

/** The next frame, or why there is none: kept apart from what the consumer throws. */
async function heard(
  silence: Silence,
  frames: AsyncIterator<SubscribeResponse>,
): Promise<{ readonly frame: SubscribeResponse } | { readonly reason: unknown }> {
  try {
    const { done, value } = await silence.during(frames.next());
    return done === true ? { reason: endedByServer() } : { frame: value };
  } catch (reason) {
    return { reason };
  }
}

/** A subscription has no end of its own. */
function endedByServer(): UnreachableError {
  return new UnreachableError("the server ended the subscription", {});
}
