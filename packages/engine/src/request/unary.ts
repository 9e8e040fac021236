import type { ListStreamsRequest, SaveSnapshotRequest, Snapshot } from "@varve/proto";
import { invalidRequest } from "../errors.js";
import { CONTENT_TYPE_BYTES_MAX, type Limits } from "../limits.js";
import { FieldChecks } from "./fields.js";

const PAGE_SIZE_DEFAULT = 100;
const PAGE_SIZE_MAX = 1000;

export interface ListStreamsQuery {
  readonly prefix: string;
  /** Exclusive; absent for the first page. */
  readonly after?: string;
  readonly pageSize: number;
}

export function parseListStreams(request: ListStreamsRequest, limits: Limits): ListStreamsQuery {
  const checks = new FieldChecks();
  const { prefix, pageSize, pageToken } = request;
  if (prefix !== "") checks.name("prefix", prefix, limits.streamNameBytesMax);
  if (pageSize < 0) checks.add("page_size", `must be 0 or more, is ${pageSize}`);
  const after = Buffer.from(pageToken, "base64url").toString("utf8");
  const isOurs = Buffer.from(after).toString("base64url") === pageToken && after.startsWith(prefix);
  if (pageToken !== "" && !isOurs) {
    checks.add("page_token", "is not one that this prefix was answered with");
  }
  checks.throwIfAny();
  return {
    prefix,
    pageSize: pageSize === 0 ? PAGE_SIZE_DEFAULT : Math.min(pageSize, PAGE_SIZE_MAX),
    ...(pageToken !== "" && { after }),
  };
}

/** The snapshot of the request, with every field in its bounds. */
export function parseSnapshot({ snapshot }: SaveSnapshotRequest, limits: Limits): Snapshot {
  if (!snapshot) throw invalidRequest([{ field: "snapshot", description: "is required" }]);
  const checks = new FieldChecks();
  checks.name("snapshot.stream", snapshot.stream, limits.streamNameBytesMax);
  checks.integer("snapshot.revision", snapshot.revision, 0);
  checks.name("snapshot.schema_type", snapshot.schemaType, limits.typeBytesMax);
  checks.bytes("snapshot.data", snapshot.data.length, limits.snapshotBytesMax);
  const contentTypeBytes = Buffer.byteLength(snapshot.contentType);
  checks.bytes("snapshot.content_type", contentTypeBytes, CONTENT_TYPE_BYTES_MAX);
  checks.throwIfAny();
  return snapshot;
}
