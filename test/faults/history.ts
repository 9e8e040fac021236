import type { AppendInit, ClauseInit } from "../src/support/requests.ts";
import type { ReasonName } from "./reasons.ts";

/**
 * What the clients of a round did and saw: the one record that all checkers judge.
 * Times are those of the harness, in ms (`performance.now()`): `startedMs` is before
 * the call was sent, `endedMs` after its outcome was there.
 */
export interface History {
  readonly appends: readonly AppendOperation[];
  readonly reads: readonly ReadOperation[];
  readonly subscriptions: readonly SubscriptionOperation[];
  /**
   * Reasons that calls may fail with because of the faults of the round. A conflict, a lost
   * connection and a server that stops need no mention.
   */
  readonly expected?: readonly ReasonName[];
}

export interface AppendOperation {
  readonly client: number;
  readonly startedMs: number;
  readonly endedMs: number;
  /** Always with an append id, and an id for each event. */
  readonly append: AppendInit;
  readonly outcome: AppendOutcome;
}

export type AppendOutcome =
  | {
      readonly case: "stored";
      readonly firstPosition: number;
      readonly lastPosition: number;
      /** First revision written, by stream. */
      readonly firstRevisions: Readonly<Record<string, number>>;
      readonly repeat: boolean;
    }
  | {
      readonly case: "refused";
      readonly reason: ReasonName;
      /** Of a conflict: what was found. */
      readonly found: readonly FoundState[];
      /** Of a conflict: the last position that the decision took into account. */
      readonly head?: number | undefined;
    }
  /** No answer, or one that says so: stored once, or never. */
  | { readonly case: "unknown"; readonly why: string };

/** Why one condition did not hold, by its index among the conditions. */
export type FoundState = { readonly condition: number } & (
  | { readonly case: "stream"; readonly lastRevision: number | undefined }
  | { readonly case: "query"; readonly position: number }
);

/** An event as it was served. */
export interface SeenEvent {
  readonly position: number;
  readonly revision: number;
  readonly stream: string;
  readonly id: string;
  /** SHA-256 of the encoded `Event`, in hex: the bytes sent are the bytes served. */
  readonly digest: string;
  readonly recordedAtMs: number;
}

export interface ReadOperation {
  readonly client: number;
  readonly startedMs: number;
  readonly endedMs: number;
  /** A stream, or the log. */
  readonly stream: string | undefined;
  /** Clauses of the filter. Absent: everything. */
  readonly filter?: readonly ClauseInit[] | undefined;
  /** The lowest revision, or position of the log, that was asked for. Absent: the first. */
  readonly from?: number | undefined;
  /** Newest first. Absent: oldest first. */
  readonly backwards?: boolean | undefined;
  readonly outcome: ReadOutcome;
}

export type ReadOutcome =
  | {
      readonly case: "answered";
      /** Head that the answer says it was given at. */
      readonly head: number;
      /** Of a stream; `undefined` if it does not exist, and for the log. */
      readonly lastRevision: number | undefined;
      readonly events: readonly SeenEvent[];
    }
  | { readonly case: "failed"; readonly reason: ReasonName; readonly events: readonly SeenEvent[] };

/** One `Subscribe` call, from its start to its end. */
export interface SubscriptionOperation {
  readonly client: number;
  /** Exclusive: where it was asked to start. */
  readonly after: number;
  /** Clauses of the filter. Absent: the whole log. */
  readonly filter?: readonly ClauseInit[] | undefined;
  readonly events: readonly SeenEvent[];
  /** Highest position that any frame said was looked at completely. */
  readonly completeUpTo: number;
  /** What it failed with. Absent if it was ended by the harness. */
  readonly failure?: ReasonName | undefined;
  /** It was given up because nothing came for so long, heartbeats included, ms. */
  readonly silentMs?: number | undefined;
  /** A position that was durable, and that it was given ample time to reach before it was ended. */
  readonly awaited?: number | undefined;
}

/** The log at the end of a round, from a replay of it all. */
export type FinalLog = readonly SeenEvent[];
