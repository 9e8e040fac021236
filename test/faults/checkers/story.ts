import type { AppendInit, ConditionInit, EventFields } from "../../src/support/requests.ts";
import { newEvent } from "../../src/support/requests.ts";
import type {
  AppendOperation,
  AppendOutcome,
  FinalLog,
  History,
  ReadOperation,
  SeenEvent,
  SubscriptionOperation,
} from "../history.ts";
import { digestOf } from "../load/seen-event.ts";
import { Random } from "../random.ts";

/** When an operation began and ended, ms. */
type During = readonly [startedMs: number, endedMs: number];

interface Told {
  readonly during?: During;
  readonly conditions?: ConditionInit[];
  readonly fields?: EventFields;
}

type Read = Partial<Omit<ReadOperation, "outcome">> & { readonly head?: number };

/**
 * A history that is told by hand, and the log that belongs to it, for tests of the
 * checkers. What is told is right unless the test breaks it. Operations follow on one
 * another unless it says when they were.
 */
export class Story {
  readonly appends: AppendOperation[] = [];
  readonly reads: ReadOperation[] = [];
  readonly subscriptions: SubscriptionOperation[] = [];
  readonly log: SeenEvent[] = [];
  readonly #random = new Random(1);
  #nowMs = 0;

  get history(): History {
    // A new one each time: a test may go on after it has looked.
    return { appends: this.appends, reads: this.reads, subscriptions: this.subscriptions };
  }

  /** An append of one event to each of the streams, not sent yet. */
  newAppend(streams: readonly string[], { conditions = [], fields = {} }: Told = {}): AppendInit {
    const events = streams.map((stream) =>
      newEvent(stream, { id: this.#random.uuid(), ...fields }),
    );
    return { appendId: this.#random.uuid(), events, conditions };
  }

  /** Stored and acknowledged. */
  stored(streams: readonly string[], told: Told = {}): AppendOperation {
    const append = this.newAppend(streams, told);
    return this.sent(append, this.store(append), told);
  }

  /** Without an answer, and not stored. */
  unknown(streams: readonly string[], told: Told = {}): AppendOperation {
    return this.sent(this.newAppend(streams, told), { case: "unknown", why: "lost" }, told);
  }

  /** Without an answer, but stored. */
  unknownButStored(streams: readonly string[], told: Told = {}): AppendOperation {
    const append = this.newAppend(streams, told);
    this.store(append);
    return this.sent(append, { case: "unknown", why: "lost" }, told);
  }

  refused(
    streams: readonly string[],
    told: Told,
    { head = this.log.length, found = [] }: Partial<Pick<Refused, "head" | "found">>,
  ): AppendOperation {
    const outcome: Refused = { case: "refused", reason: "CONDITION_FAILED", found, head };
    return this.sent(this.newAppend(streams, told), outcome, told);
  }

  /** An attempt at an append. */
  sent(append: AppendInit, outcome: AppendOutcome, { during }: Told = {}): AppendOperation {
    const [startedMs, endedMs] = during ?? this.#tick();
    const operation = { client: 1, startedMs, endedMs, append, outcome };
    this.appends.push(operation);
    return operation;
  }

  /** Puts the events at the end of the log; returns how that is acknowledged. */
  store({ events }: AppendInit): Extract<AppendOutcome, { case: "stored" }> {
    const firstPosition = this.log.length + 1;
    const firstRevisions: Record<string, number> = {};
    for (const { stream = "", event = {} } of events) {
      const revision = this.log.filter((other) => other.stream === stream).length;
      firstRevisions[stream] ??= revision;
      const position = this.log.length + 1;
      const digest = digestOf(event);
      this.log.push({
        position,
        revision,
        stream,
        id: event.id ?? "",
        digest,
        recordedAtMs: position,
      });
    }
    return {
      case: "stored",
      firstPosition,
      lastPosition: this.log.length,
      firstRevisions,
      repeat: false,
    };
  }

  /** A read of a stream, or a replay, of everything up to the head. */
  read({ head = this.log.length, ...told }: Read = {}): ReadOperation {
    const [startedMs, endedMs] = this.#tick();
    const { stream } = told;
    const events = this.log.filter(
      (event) => event.position <= head && (stream === undefined || event.stream === stream),
    );
    const lastRevision = stream === undefined ? undefined : events.at(-1)?.revision;
    const outcome = { case: "answered" as const, head, lastRevision, events };
    const operation = { client: 2, startedMs, endedMs, stream, ...told, outcome };
    this.reads.push(operation);
    return operation;
  }

  /** A subscription that has got everything after a position. */
  subscription(after: number, told: Partial<SubscriptionOperation> = {}): SubscriptionOperation {
    const events = this.log.slice(after);
    const operation = { client: 3, after, events, completeUpTo: this.log.length, ...told };
    this.subscriptions.push(operation);
    return operation;
  }

  /** The log with one event changed. */
  withEvent(position: number, change: Partial<SeenEvent>): FinalLog {
    return this.log.map((event) => (event.position === position ? { ...event, ...change } : event));
  }

  #tick(): During {
    this.#nowMs += 10;
    return [this.#nowMs, this.#nowMs + 5];
  }
}

type Refused = Extract<AppendOutcome, { case: "refused" }>;
