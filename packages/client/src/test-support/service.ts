import {
  create,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { anyPack, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  Code,
  ConnectError,
  createRouterTransport,
  type ServiceImpl,
  type Transport,
} from "@connectrpc/connect";
import {
  type AppendStreamRequest,
  type CorrelatedAppend,
  type CorrelatedOutcome,
  CorrelatedOutcomeSchema,
  EventStoreService,
  type Failure,
  FailureSchema,
  type RecordedEvent,
  RecordedEventSchema,
} from "@varve/proto";
import { ErrorInfoSchema } from "@varve/proto/google/rpc";
import { createClient, type TransportClientOptions } from "../client.js";
import type { EventStoreClient } from "../types.js";

export type Service = Partial<ServiceImpl<typeof EventStoreService>>;

/** Retries at once: tests script the failures, and do not wait. */
export const QUICK = { attempts: 4, baseDelayMs: 1, maxDelayMs: 2 } as const;

/** Leads to a scripted service in this process. */
export function transportTo(service: Service): Transport {
  return createRouterTransport((router) => {
    router.service(EventStoreService, service);
  });
}

/** A client of a scripted service in this process. */
export function clientOf(service: Service, options: TransportClientOptions = {}): EventStoreClient {
  return createClient(transportTo(service), { retry: QUICK, ...options });
}

/** An event at a position, in a stream of its own place. */
export function recorded(
  position: number,
  event: MessageInitShape<typeof RecordedEventSchema>["event"] = {},
): RecordedEvent {
  return create(RecordedEventSchema, {
    position: BigInt(position),
    revision: BigInt(position - 1),
    stream: "order-1",
    recordedAt: timestampFromMs(1_700_000_000_000 + position),
    event: {
      id: `id-${position}`,
      type: "order.Placed",
      data: utf8(`{"n":${position}}`),
      ...event,
    },
  });
}

/** Events at all positions of a range, both ends included. */
export function recordedRange(from: number, to: number): RecordedEvent[] {
  return Array.from({ length: to - from + 1 }, (_, i) => recorded(from + i));
}

/** The outcome of an append that was stored at a position. */
export function stored(
  { correlation, append }: CorrelatedAppend,
  position: bigint,
): CorrelatedOutcome {
  const count = BigInt(append?.events.length ?? 0);
  return create(CorrelatedOutcomeSchema, {
    correlation,
    outcome: {
      case: "success",
      value: {
        firstPosition: position,
        lastPosition: position + count - 1n,
        recordedAt: timestampFromMs(1_700_000_000_000),
        streams: [{ stream: append?.events[0]?.stream ?? "", firstRevision: 0n, lastRevision: 0n }],
      },
    },
  });
}

/** The outcome of an append that failed. */
export function refused({ correlation }: CorrelatedAppend, value: Failure): CorrelatedOutcome {
  return create(CorrelatedOutcomeSchema, { correlation, outcome: { case: "failure", value } });
}

type Detail<Desc extends DescMessage> = { readonly desc: Desc; readonly value: MessageShape<Desc> };

/** A failure in a frame, as the contract describes it. */
export function failure(
  code: Code,
  reason: string,
  message: string,
  ...details: Detail<DescMessage>[]
): Failure {
  const info = create(ErrorInfoSchema, { reason, domain: "varve.dev" });
  return create(FailureSchema, {
    code,
    message,
    details: [
      anyPack(ErrorInfoSchema, info),
      ...details.map(({ desc, value }) => anyPack(desc, value)),
    ],
  });
}

/** A failure of a call, as the contract describes it. */
export function statusError(
  code: Code,
  reason: string,
  message = "",
  metadata: Record<string, string> = {},
  ...details: Detail<DescMessage>[]
): ConnectError {
  const info = { reason, domain: "varve.dev", metadata };
  return new ConnectError(message, code, undefined, [
    { desc: ErrorInfoSchema, value: info },
    ...details,
  ]);
}

/** A server that cannot be reached. */
export function unavailable(): ConnectError {
  return new ConnectError("connection refused", Code.Unavailable);
}

/** A log that stores what it is sent and remembers the frames. */
export class FakeLog {
  readonly frames: AppendStreamRequest[] = [];
  readonly #stored = new Map<string, bigint>();
  #head = 0n;

  get head(): bigint {
    return this.#head;
  }

  /** Every append that was sent, in order. */
  get appends(): CorrelatedAppend[] {
    return this.frames.flatMap((frame) => frame.appends);
  }

  /** The outcomes of a frame; a repeated append id is stored once. */
  store(frame: AppendStreamRequest): CorrelatedOutcome[] {
    this.frames.push(frame);
    return frame.appends.map((append) => this.#storeOne(append));
  }

  #storeOne(append: CorrelatedAppend): CorrelatedOutcome {
    const id = append.append?.appendId ?? "";
    const before = this.#stored.get(id);
    const position = before ?? this.#head + 1n;
    if (before === undefined) {
      this.#stored.set(id, position);
      this.#head += BigInt(append.append?.events.length ?? 0);
    }
    const outcome = stored(append, position);
    if (outcome.outcome.case === "success") outcome.outcome.value.repeat = before !== undefined;
    return outcome;
  }

  /** An `AppendStream` that stores everything. */
  readonly appendStream: NonNullable<Service["appendStream"]> = async function* (
    this: FakeLog,
    frames: AsyncIterable<AppendStreamRequest>,
  ) {
    for await (const frame of frames) yield { outcomes: this.store(frame) };
  }.bind(this);
}

/** Never resolves; for a server that says nothing more. Ends with the call. */
export function untilCancelled(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** All that an iteration yields. */
export async function collect<T>(items: AsyncIterable<T>, atMost: number = Infinity): Promise<T[]> {
  const all: T[] = [];
  if (atMost === 0) return all;
  for await (const item of items) {
    all.push(item);
    if (all.length >= atMost) break;
  }
  return all;
}

/** What a promise rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (reason) {
    return reason;
  }
  throw new Error("expected a rejection");
}

/** A promise, and how to resolve it. */
export function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
