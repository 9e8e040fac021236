import { setTimeout as sleep } from "node:timers/promises";
import { create, fromBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { StatusCode } from "@varve/client";
import { conditionFailed, type StartedAppend, StoreError } from "@varve/engine";
import {
  type AppendRequest,
  AppendRequestSchema,
  ConditionFailureSchema,
  ErrorReason,
  type Failure,
  FailureSchema,
} from "@varve/proto";
import { Interruption } from "./interruption.js";

/** Lets calls go wrong on purpose. Each fault is one that a network or a rival writer causes. */
export interface Faults {
  /** Breaks every call that runs now, as a lost connection does. Later calls are fine. */
  dropConnections(): void;
  /**
   * The next append that writes to the stream is refused with CONDITION_FAILED, as
   * if someone else had been faster. Nothing is stored.
   */
  conflictOnce(stream: string): void;
  /**
   * The next append fails with a code. `before` the commit nothing is stored;
   * `after` it the events are stored and only the answer is lost. With
   * "UNAVAILABLE" the SDK retries, and its append id keeps the events single.
   */
  failNextAppend(code: StatusCode, options: { readonly after: "before" | "commit" }): void;
  /** Every call begins this much later, ms; 0 ends it. */
  delay(ms: number): void;
  /** Every frame of a subscription arrives this much later, ms; 0 ends it. */
  slowConsumer(ms: number): void;
  /** No more faults; what has been broken stays broken. */
  clear(): void;
}

/** The streams of events, with their last revisions, that a conflict has to name. */
export type LastRevision = (workspace: string, stream: string) => Promise<bigint | undefined>;

/** Where the routes of the fake ask whether something is to go wrong. */
export class FaultInjector implements Faults {
  readonly #conflicts = new Set<string>();
  readonly #running = new Set<Interruption>();
  #appendFailure: { readonly code: Code; readonly after: "before" | "commit" } | undefined;
  #delayMs = 0;
  #frameDelayMs = 0;

  dropConnections(): void {
    const lost = new ConnectError("the connection was dropped", Code.Unavailable);
    for (const call of [...this.#running]) call.interrupt(lost);
  }

  conflictOnce(stream: string): void {
    this.#conflicts.add(stream);
  }

  failNextAppend(code: StatusCode, { after }: { readonly after: "before" | "commit" }): void {
    this.#appendFailure = { code: codeOf(code), after };
  }

  delay(ms: number): void {
    this.#delayMs = ms;
  }

  slowConsumer(ms: number): void {
    this.#frameDelayMs = ms;
  }

  clear(): void {
    this.#conflicts.clear();
    this.#appendFailure = undefined;
    this.#delayMs = 0;
    this.#frameDelayMs = 0;
  }

  /** A call that can be dropped, and begins late if it is to. Its signal aborts when it is over. */
  async *call<T>(begin: (over: AbortSignal) => AsyncIterable<T>): AsyncGenerator<T> {
    if (this.#delayMs > 0) await sleep(this.#delayMs);
    const over = new AbortController();
    const iterator = begin(over.signal)[Symbol.asyncIterator]();
    const interruption = new Interruption();
    this.#running.add(interruption);
    try {
      for (;;) {
        const next = await interruption.during(iterator.next());
        if (next.done) return;
        yield next.value;
      }
    } finally {
      this.#running.delete(interruption);
      over.abort();
      // Not awaited: a dropped call may be waiting for a frame that never comes.
      void iterator.return?.();
    }
  }

  /** A call with one answer. */
  async unary<T>(answer: () => Promise<T>): Promise<T> {
    const once = async function* (): AsyncGenerator<T> {
      yield await answer();
    };
    for await (const value of this.call(once)) return value;
    throw new ConnectError("no answer", Code.Internal);
  }

  async beforeFrame(): Promise<void> {
    if (this.#frameDelayMs > 0) await sleep(this.#frameDelayMs);
  }

  /** Starts an append, or lets it fail. */
  async append(
    request: Buffer,
    lastRevision: LastRevision,
    start: () => Promise<StartedAppend>,
  ): Promise<StartedAppend> {
    const failure = this.#appendFailure;
    this.#appendFailure = undefined;
    if (failure?.after === "before") throw new InjectedError(failure.code);
    if (this.#conflicts.size > 0) await this.#conflict(request, lastRevision);
    const started = await start();
    if (!failure) return started;
    const lost = started.outcome.then(() => {
      throw new InjectedError(failure.code);
    });
    return { outcome: lost };
  }

  async #conflict(bytes: Buffer, lastRevision: LastRevision): Promise<void> {
    const request = fromBinary(AppendRequestSchema, bytes);
    const stream = request.events.find((event) => this.#conflicts.delete(event.stream))?.stream;
    if (stream !== undefined) {
      throw await conflictOn(stream, request, await lastRevision(request.workspace, stream));
    }
  }
}

async function conflictOn(
  stream: string,
  { conditions }: AppendRequest,
  actualRevision: bigint | undefined,
): Promise<StoreError> {
  const ordinal = conditions.findIndex(
    ({ kind }) => kind.case === "stream" && kind.value.stream === stream,
  );
  const kind = conditions[ordinal]?.kind;
  const value = {
    stream,
    ...(actualRevision !== undefined && { actualRevision }),
    ...(kind?.case === "stream" && { expected: kind.value }),
  };
  return conditionFailed(
    create(ConditionFailureSchema, {
      violations: [{ condition: Math.max(0, ordinal), found: { case: "stream", value } }],
    }),
  );
}

/** A failure of the way to the server: it has a code, and no reason. */
class InjectedError extends StoreError {
  readonly #code: Code;

  constructor(code: Code) {
    super(ErrorReason.UNSPECIFIED, "the call was made to fail");
    this.#code = code;
  }

  override toFailure(): Failure {
    return create(FailureSchema, { code: this.#code, message: this.message });
  }
}

/** "DATA_LOSS" → `Code.DataLoss`. */
function codeOf(name: StatusCode): Code {
  const spelled = name.toLowerCase().replaceAll("_", "");
  const entry = Object.entries(Code).find(([key]) => key.toLowerCase() === spelled);
  if (typeof entry?.[1] !== "number") throw new TypeError(`There is no status code ${name}`);
  return entry[1];
}
