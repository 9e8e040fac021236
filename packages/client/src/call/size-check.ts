import { toBinary } from "@bufbuild/protobuf";
import {
  type AppendRequest,
  AppendRequestSchema,
  type GetStatusResponse,
  type Snapshot,
} from "@varve/proto";
import { InvalidRequestError, VarveError } from "../errors.js";
import type { EncodedAppend } from "../wire/appends.js";
import type { CallTerms } from "./call.js";
import { type Connection, callUnary } from "./connection.js";

type Limits = NonNullable<GetStatusResponse["limits"]>;

/**
 * Every server takes messages of 16 MiB, and refuses by itself what is too large for its
 * limits. Sizes are counted as if a character took a byte; it takes three at most.
 */
const TAKEN_BYTES = 5 * 2 ** 20;

/**
 * Whether an append has to be looked at before it is sent: the transport of the server
 * might not take it, and would end the call, and with it appends of others.
 */
export function mayBeTooLarge({ sizeBytes }: EncodedAppend): boolean {
  return sizeBytes > TAKEN_BYTES;
}

/** Rejects as the server would if an append is too large for it. */
export async function checkAppendSize(
  connection: Connection,
  request: AppendRequest,
  terms: CallTerms,
): Promise<void> {
  const limits = await limitsOf(connection, terms);
  const maximum = Number(limits?.appendBytesMax ?? Number.POSITIVE_INFINITY);
  const actual = toBinary(AppendRequestSchema, request).length;
  if (actual <= maximum) return;
  throw new VarveError(`an append may have at most ${maximum} bytes, this one has ${actual}`, {
    code: "RESOURCE_EXHAUSTED",
    reason: "APPEND_TOO_LARGE",
    metadata: { limit: "appendBytesMax", maximum: String(maximum), actual: String(actual) },
  });
}

/** Rejects as the server would if the data of a snapshot is too large for it. */
export async function checkSnapshotSize(
  connection: Connection,
  { data }: Snapshot,
  terms: CallTerms,
): Promise<void> {
  if (data.length <= TAKEN_BYTES) return;
  const limits = await limitsOf(connection, terms);
  const maximum = Number(limits?.snapshotBytesMax ?? Number.POSITIVE_INFINITY);
  if (data.length <= maximum) return;
  const description = `must be at most ${maximum} bytes, is ${data.length}`;
  throw new InvalidRequestError([{ field: "snapshot.data", description }], {});
}

/**
 * What the server takes now. It is asked each time, which is nothing beside sending so
 * much: after a restart it may take more, or less.
 */
async function limitsOf(connection: Connection, terms: CallTerms): Promise<Limits | undefined> {
  const { limits } = await callUnary(connection, terms, (options) =>
    connection.rpc.getStatus({}, options),
  );
  return limits;
}
