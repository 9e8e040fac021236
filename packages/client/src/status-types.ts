import type { VarveError } from "./errors.js";

/** How a server is, and how far a workspace has come. */
export interface Status {
  readonly version: string;
  readonly workspace: string;
  /** Last durable position; 0 if there is none. */
  readonly head: bigint;
  readonly time: Date;
  readonly startedAt: Date;
  /**
   * What an append would fail with now, such as a `VarveError` with the reason
   * STORAGE_FULL or DATA_CORRUPT. Absent if appends are taken.
   */
  readonly appendsRefused?: VarveError;
  /** The background check that runs, or the latest. Absent if there has been none. */
  readonly verification?: Verification;
  /** What the server takes at once. */
  readonly limits: Limits;
}

/** What a server takes at once. Those that are not fixed are settings of the server. */
export interface Limits {
  /** Bytes of one event's data, encoded. */
  readonly eventDataBytesMax: number;
  /** Bytes of one append, encoded. */
  readonly appendBytesMax: number;
  /** Events of one append. */
  readonly appendEventsMax: number;
  /** Bytes of a stream's name in UTF-8, and of a category in a filter. */
  readonly streamNameBytesMax: number;
  /** Bytes of an event's type, and of a snapshot's schema type, in UTF-8. */
  readonly typeBytesMax: number;
  /** Bytes of an event's metadata as JSON. */
  readonly metadataBytesMax: number;
  /** Different tags of one event, and of one clause of a filter. */
  readonly tagsMax: number;
  /** Bytes of one tag in UTF-8. */
  readonly tagBytesMax: number;
  /** Bytes of a snapshot's data, encoded. */
  readonly snapshotBytesMax: number;
  /** Bytes of one message of the transport; a larger one ends its call. */
  readonly messageBytesMax: number;
  /** Conditions of one append. Fixed. */
  readonly conditionsMax: number;
  /** Clauses of one filter. Fixed. */
  readonly filterClausesMax: number;
  /** Types of one clause of a filter. Fixed. */
  readonly filterTypesMax: number;
  /** Entries of the index and events looked at for the query conditions of one append. */
  readonly conditionLookUpsMax: number;
}

/** A check of everything that a workspace stores. */
export interface Verification {
  readonly startedAt: Date;
  /** Absent while it is under way. */
  readonly finishedAt?: Date;
  /** Everything up to this position has been checked. */
  readonly position: bigint;
  /** Damaged places. The server's log names each. */
  readonly findings: bigint;
}
