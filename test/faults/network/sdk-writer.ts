import type { AppendResult, EventStoreClient } from "@varve/client";
import {
  type AppendInit,
  atRevision,
  type NewEventInit,
  newEvent,
  noStream,
} from "../../src/support/requests.ts";
import type { AppendOperation, AppendOutcome } from "../history.ts";
import type { Random } from "../random.ts";
import type { Violation } from "../scenario.ts";
import { importSdk } from "./sdk.ts";

const CONTENT_TYPE = "application/octet-stream";
const SHARED_STREAMS = 3;

/** What the workers of a client share. */
export interface SdkContext {
  /** For the history: its number among the clients. */
  readonly number: number;
  readonly client: EventStoreClient;
  /** Aborts when nothing new is to be begun. */
  readonly signal: AbortSignal;
  readonly appends: AppendOperation[];
  readonly violations: Violation[];
}

/**
 * Appends to a stream that is its own, one append after the other: so it knows the
 * revision that the stream must have, however often the connection was lost.
 */
export class SdkWriter {
  readonly stream: string;
  readonly #context: SdkContext;
  readonly #random: Random;
  #revision = -1;

  constructor(context: SdkContext, ordinal: number, random: Random) {
    this.stream = `sdk-${context.number}-${ordinal}`;
    this.#context = context;
    this.#random = random;
  }

  /** Returns when the signal has aborted and what was on its way has been answered. */
  async run(): Promise<void> {
    while (!this.#context.signal.aborted) await this.#append();
  }

  async #append(): Promise<void> {
    const append = this.#next();
    const startedMs = performance.now();
    const outcome = await this.#send(append).then(stored, outcomeOfError);
    const operation = { client: this.#context.number, startedMs, append };
    if (outcome.case === "stored") {
      this.#revision = outcome.firstRevisions[this.stream] ?? this.#revision;
      this.#revision += append.events.filter(({ stream }) => stream === this.stream).length - 1;
      // A repeat says that there was a try before it, of which the SDK does not tell.
      const why = "an earlier try of the SDK";
      const unknown = { ...operation, endedMs: startedMs, outcome: { case: "unknown", why } };
      if (outcome.repeat) this.#context.appends.push(unknown as AppendOperation);
    } else this.#complain(append, outcome);
    this.#context.appends.push({ ...operation, endedMs: performance.now(), outcome });
  }

  #next(): AppendInit {
    const random = this.#random;
    const events = [this.#event(this.stream)];
    while (random.chance(0.4)) {
      const shared = `sdk-shared-${random.integer(1, SHARED_STREAMS)}`;
      events.push(this.#event(random.chance(0.5) ? this.stream : shared));
    }
    const expected =
      this.#revision < 0 ? noStream(this.stream) : atRevision(this.stream, this.#revision);
    const conditions = random.chance(0.5) ? { conditions: [expected] } : {};
    return { appendId: random.uuid(), events, ...conditions };
  }

  #event(stream: string): NewEventInit {
    const data = Buffer.alloc(this.#random.integer(0, 400), this.#random.integer(0, 255));
    const tags = [`n:${this.#random.integer(1, 5)}`];
    const id = this.#random.uuid();
    return newEvent(stream, { id, type: "sdk.Appended", data, contentType: CONTENT_TYPE, tags });
  }

  /** Half of them leave the append id to the SDK: in the history it has one all the same. */
  #send(append: AppendInit): Promise<AppendResult> {
    const { appendId = "", events, conditions } = append;
    const revision = this.#revision < 0 ? "no-stream" : this.#revision;
    const condition = { stream: this.stream, expect: revision } as const;
    return this.#context.client.appendMany(events.map(toSdk), {
      ...(this.#random.chance(0.5) && { appendId }),
      ...(conditions && { conditions: [condition] }),
    });
  }

  #complain({ events }: AppendInit, outcome: AppendOutcome): void {
    const ids = events.map(({ event }) => event?.id).join(", ");
    const how = outcome.case === "refused" ? outcome.reason : "no outcome";
    const message = `an append of the SDK to ${this.stream} at revision ${this.#revision} (events ${ids}) failed: ${how} ${outcome.case === "unknown" ? outcome.why : ""}`;
    this.#context.violations.push({ guarantee: "G7", message: message.trim() });
  }
}

function toSdk({ stream = "", event }: NewEventInit): {
  stream: string;
  id: string;
  type: string;
  data: Uint8Array;
  contentType: string;
  tags: string[];
} {
  const { id = "", type = "", data = new Uint8Array(), tags = [] } = event ?? {};
  return { stream, id, type, data, contentType: CONTENT_TYPE, tags: [...tags] };
}

function stored({ firstPosition, lastPosition, streams, repeat }: AppendResult): AppendOutcome {
  return {
    case: "stored",
    firstPosition: Number(firstPosition),
    lastPosition: Number(lastPosition),
    firstRevisions: Object.fromEntries(
      streams.map(({ stream, firstRevision }) => [stream, Number(firstRevision)]),
    ),
    repeat,
  };
}

async function outcomeOfError(error: unknown): Promise<AppendOutcome> {
  const { ConditionFailedError } = await importSdk();
  if (!(error instanceof ConditionFailedError)) return { case: "unknown", why: String(error) };
  const found = error.violations.map((violation) =>
    violation.kind === "stream"
      ? ({
          condition: violation.condition,
          case: "stream",
          lastRevision: violation.actual === undefined ? undefined : Number(violation.actual),
        } as const)
      : ({
          condition: violation.condition,
          case: "query",
          position: Number(violation.position),
        } as const),
  );
  return { case: "refused", reason: "CONDITION_FAILED", found, head: Number(error.head) };
}
