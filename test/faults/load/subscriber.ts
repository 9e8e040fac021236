import { setTimeout as sleep } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type SubscribeRequestSchema,
  type SubscribeResponse,
  SubscriptionStart,
} from "@varve/proto";
import type { ClauseInit } from "../../src/support/requests.ts";
import type { SeenEvent } from "../history.ts";
import type { Random } from "../random.ts";
import type { ReasonName } from "../reasons.ts";
import { anyClauses } from "./clauses.ts";
import type { LoadContext } from "./context.ts";
import { fromThrown } from "./failure.ts";
import { toSeen } from "./seen-event.ts";
import { Watchdog } from "./watchdog.ts";

type Start = NonNullable<MessageInitShape<typeof SubscribeRequestSchema>["start"]>;

const HEARTBEAT_NANOS = 200_000_000;
/** Frames after which a subscriber may leave, to begin elsewhere. */
const FRAMES_MIN = 20;

/** A server that refuses everything is not asked in a busy loop. */
const FAILED_PAUSE_MS = 20;

/** A call that is under way. */
interface Call {
  readonly filter: readonly ClauseInit[] | undefined;
  after: number | undefined;
  readonly events: SeenEvent[];
  completeUpTo: number;
  awaited: number | undefined;
}

/** Waits for a position of the call that is under way. */
interface Awaited {
  readonly position: number;
  readonly reached: () => void;
}

/** Follows the log, and goes on after its last safe position when the call is lost. */
export class Subscriber {
  readonly #context: LoadContext;
  readonly #random: Random;
  #call: Call | undefined;
  #awaited: Awaited | undefined;

  constructor(context: LoadContext, random: Random) {
    this.#context = context;
    this.#random = random;
  }

  /** Returns when the signal has aborted. */
  async run(): Promise<void> {
    const { signal, connection } = this.#context;
    let [start, filter] = this.#anywhere();
    while (!signal.aborted) {
      const { after, completeUpTo, failure } = await this.#follow(start, filter);
      if (failure !== undefined) {
        await sleep(FAILED_PAUSE_MS);
        await connection.up(signal);
      }
      // What was refused as it began would be refused again.
      const begun = failure === "CONNECTION_LOST" || after !== undefined;
      if (failure === undefined || !begun) [start, filter] = this.#anywhere();
      else if (after !== undefined) start = { case: "after", value: BigInt(completeUpTo) };
    }
  }

  /**
   * Gives the call that is under way this time to reach a position that is durable; what
   * it has reached goes into the history. Returns at once if there is no call.
   */
  async settle(position: number, timeoutMs: number): Promise<void> {
    const call = this.#call;
    if (call?.after === undefined || call.after > position) return;
    call.awaited = position;
    if (call.completeUpTo >= position) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#awaited = {
        position,
        reached: () => {
          clearTimeout(timer);
          resolve();
        },
      };
    });
  }

  #anywhere(): [Start, readonly ClauseInit[] | undefined] {
    const { headMax } = this.#context.recorder.knowledge;
    const filter = this.#random.chance(0.3) ? anyClauses(this.#random) : undefined;
    const kind = this.#random.number();
    if (kind < 0.3) return [{ case: "at", value: SubscriptionStart.BEGINNING }, filter];
    if (kind < 0.6) return [{ case: "at", value: SubscriptionStart.END }, filter];
    return [{ case: "after", value: BigInt(this.#random.integer(0, headMax)) }, filter];
  }

  /** One call, from its start to its end. */
  async #follow(
    start: Start,
    filter: readonly ClauseInit[] | undefined,
  ): Promise<Call & { failure: ReasonName | undefined }> {
    const { connection, timeoutMs, signal, recorder, client } = this.#context;
    using watchdog = new Watchdog(timeoutMs, signal);
    const call: Call = {
      filter,
      after: undefined,
      events: [],
      completeUpTo: 0,
      awaited: undefined,
    };
    this.#call = call;
    const request = {
      start,
      heartbeatInterval: { nanos: HEARTBEAT_NANOS },
      ...(filter && { filter: { anyOf: [...filter] } }),
    };
    let failure: ReasonName | undefined;
    try {
      let frames = 0;
      const responses = connection.client.subscribe(request, { signal: watchdog.signal });
      for await (const response of responses) {
        watchdog.feed();
        this.#take(call, response);
        if (++frames >= FRAMES_MIN && !this.#awaited && this.#random.chance(0.005)) break;
      }
    } catch (error) {
      if (!signal.aborted) failure = fromThrown(error).reason;
    }
    this.#call = undefined;
    if (failure !== undefined) call.awaited = undefined;
    this.#awaited?.reached();
    // One that was refused tells something; one that never got through does not.
    const asked = start.case === "after" && failure !== "CONNECTION_LOST" ? start.value : undefined;
    const after = call.after ?? (asked === undefined ? undefined : Number(asked));
    const silentMs = watchdog.isSilent ? timeoutMs : undefined;
    if (after !== undefined) recorder.subscription({ client, ...call, after, failure, silentMs });
    return { ...call, failure };
  }

  #take(call: Call, { frame }: SubscribeResponse): void {
    if (frame.case === "confirmed") {
      call.after = Number(frame.value.after);
      call.completeUpTo = call.after;
    } else if (frame.case === "events") {
      for (const event of frame.value.events) call.events.push(toSeen(event));
      call.completeUpTo = Math.max(call.completeUpTo, call.events.at(-1)?.position ?? 0);
    } else if (frame.case) {
      call.completeUpTo = Math.max(call.completeUpTo, Number(frame.value.position));
    }
    if (this.#awaited && call.completeUpTo >= this.#awaited.position) this.#awaited.reached();
  }
}
