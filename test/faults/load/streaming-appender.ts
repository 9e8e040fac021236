import { setTimeout as sleep } from "node:timers/promises";
import type { AppendStreamResponse, CorrelatedOutcome } from "@varve/proto";
import type { AppendInit } from "../../src/support/requests.ts";
import type { AppendOutcome } from "../history.ts";
import type { Random } from "../random.ts";
import type { AppendMaker } from "./append-maker.ts";
import { outcomeOf, outcomeOfFailure } from "./append-outcome.ts";
import type { LoadContext } from "./context.ts";
import { type CallFailure, fromFrame, fromThrown } from "./failure.ts";
import { Outbox } from "./outbox.ts";
import { isPause, REFUSED_PAUSE_MS } from "./unary-appender.ts";
import { Watchdog } from "./watchdog.ts";

interface Sent {
  readonly append: AppendInit;
  readonly startedMs: number;
}

interface Frame {
  readonly appends: { readonly correlation: bigint; readonly append: AppendInit }[];
}

/** Sends appends by `AppendStream`, `inFlight` at a time, until the signal aborts. */
export async function appendByStream(
  context: LoadContext,
  maker: AppendMaker,
  random: Random,
  inFlight: number,
): Promise<void> {
  const { signal, connection } = context;
  while (!signal.aborted) {
    await new StreamingCall(context, maker, random, inFlight).run();
    await connection.up(signal);
  }
}

/** One call, from its start to its end. */
class StreamingCall {
  readonly #context: LoadContext;
  readonly #maker: AppendMaker;
  readonly #random: Random;
  readonly #inFlight: number;
  readonly #outbox: Outbox<Frame> = new Outbox();
  readonly #unanswered = new Map<bigint, Sent>();
  #correlation = 0n;

  constructor(context: LoadContext, maker: AppendMaker, random: Random, inFlight: number) {
    this.#context = context;
    this.#maker = maker;
    this.#random = random;
    this.#inFlight = inFlight;
  }

  /** Returns when all that was sent is answered, or the call has failed. */
  async run(): Promise<void> {
    const { connection, timeoutMs } = this.#context;
    using watchdog = new Watchdog(timeoutMs);
    this.#send();
    let failure: CallFailure = {
      reason: "CONNECTION_LOST",
      message: "it ended",
      conditions: undefined,
    };
    try {
      const options = { signal: watchdog.signal };
      const responses = connection.client.appendStream(this.#outbox.items(), options);
      for await (const response of responses) {
        watchdog.feed();
        await this.#take(response);
      }
    } catch (error) {
      failure = fromThrown(error);
    }
    this.#outbox.end();
    // Nothing is known of these, whatever the call failed with.
    const outcome = { case: "unknown", why: failure.message } as const;
    for (const sent of this.#unanswered.values()) this.#record(sent, outcome);
  }

  /** As many as may be on their way, some of them in one frame. */
  #send(): void {
    if (this.#context.signal.aborted) return;
    while (this.#unanswered.size < this.#inFlight) {
      const free = this.#inFlight - this.#unanswered.size;
      const count = this.#random.integer(1, Math.min(4, free));
      this.#outbox.add({ appends: Array.from({ length: count }, () => this.#next()) });
    }
  }

  #next(): Frame["appends"][number] {
    const correlation = this.#correlation++;
    const append = this.#maker.next();
    this.#unanswered.set(correlation, { append, startedMs: performance.now() });
    return { correlation, append };
  }

  async #take({ outcomes }: AppendStreamResponse): Promise<void> {
    const taken = outcomes.map((outcome) => this.#answer(outcome));
    if (taken.some(isPause)) await sleep(REFUSED_PAUSE_MS);
    this.#send();
    if (this.#unanswered.size === 0) this.#outbox.end();
  }

  #answer({ correlation, outcome: answered }: CorrelatedOutcome): AppendOutcome {
    const sent = this.#unanswered.get(correlation);
    if (!sent) throw new Error(`an outcome of an append that was not sent: ${correlation}`);
    this.#unanswered.delete(correlation);
    const outcome =
      answered.case === "success"
        ? outcomeOf(answered.value)
        : outcomeOfFailure(fromFrame(answered.value as NonNullable<typeof answered.value>));
    this.#record(sent, outcome);
    return outcome;
  }

  #record({ append, startedMs }: Sent, outcome: AppendOutcome): void {
    const { client, recorder } = this.#context;
    const endedMs = performance.now();
    recorder.append({ client, startedMs, endedMs, append, outcome }, this.#random);
  }
}
