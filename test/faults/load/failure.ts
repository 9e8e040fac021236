import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import { type ConditionFailure, ConditionFailureSchema, type Failure } from "@varve/proto";
import { ErrorInfoSchema } from "@varve/proto/google/rpc";
import type { ReasonName } from "../reasons.ts";

/** How a call, or one append of an `AppendStream`, failed. */
export interface CallFailure {
  readonly reason: ReasonName;
  readonly message: string;
  /** Of CONDITION_FAILED. */
  readonly conditions: ConditionFailure | undefined;
}

/** What a client of Connect throws. */
export function fromThrown(thrown: unknown): CallFailure {
  const error = ConnectError.from(thrown);
  const [info] = error.findDetails(ErrorInfoSchema);
  return {
    // An error without a reason does not come from the event store.
    reason: (info?.reason as ReasonName | undefined) ?? "CONNECTION_LOST",
    message: error.message,
    conditions: error.findDetails(ConditionFailureSchema)[0],
  };
}

/** What a frame of `AppendStream` says. */
export function fromFrame({ message, details }: Failure): CallFailure {
  const info = find(details, (detail) => anyUnpack(detail, ErrorInfoSchema));
  return {
    reason: (info?.reason as ReasonName | undefined) ?? "INTERNAL",
    message,
    conditions: find(details, (detail) => anyUnpack(detail, ConditionFailureSchema)),
  };
}

function find<T>(details: readonly Any[], unpack: (detail: Any) => T | undefined): T | undefined {
  return details.map(unpack).find((message) => message !== undefined);
}
