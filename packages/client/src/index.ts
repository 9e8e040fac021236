/**
 * The Varve SDK: append events to streams, read and replay them, follow the log.
 */

// For every program.

export { type Address, parseAddress } from "./address.js";
export { type ConnectOptions, connect } from "./connect.js";
export type { ClientOptions, PipelineOptions, RetryOptions } from "./options.js";
export type { CallOptions, EventStoreClient } from "./types.js";

// Appending.

export type {
  AnyEvent,
  AnyStreamEvent,
  AppendableEvent,
  AppendOptions,
  AppendResult,
  Condition,
  ExpectedState,
  HasToJson,
  JsonCompatible,
  JsonInput,
  JsonInputObject,
  JsonObject,
  JsonValue,
  NewEvent,
  NewStreamEvent,
  QueryCondition,
  SendableData,
  StreamStateCondition,
} from "./types.js";

// Reading, replaying, following.

export type {
  Filter,
  FilterClause,
  ReadHeader,
  ReadOptions,
  RecordedEvent,
  Replay,
  ReplayOptions,
  ReplayProgress,
  StreamRead,
  SubscribeOptions,
  Subscription,
  SubscriptionFrame,
} from "./types.js";

// Streams, snapshots, the server.

export type {
  Limits,
  ListStreamsOptions,
  NewSnapshot,
  Snapshot,
  Status,
  StreamInfo,
  Verification,
} from "./types.js";

// When a call fails.

export {
  ConditionFailedError,
  type ConditionViolation,
  type FieldViolation,
  InvalidRequestError,
  type Reason,
  type StatusCode,
  TimeoutError,
  UnreachableError,
  VarveError,
  type VarveErrorInit,
} from "./errors.js";
