import type { ReadRequest } from "@varve/proto";
import type { Limits } from "../limits.js";
import { FieldChecks, floorMs } from "../request/fields.js";
import { type EventFilter, parseFilter } from "../request/filter.js";

/** A checked `ReadRequest`. */
export interface ReadQuery {
  readonly stream: string;
  readonly backwards: boolean;
  readonly from: number;
  readonly to: number;
  readonly limit?: number | undefined;
  readonly filter: EventFilter;
  readonly asOfMs?: number;
  /** Start with the snapshot, if it has this schema type. */
  readonly snapshotSchemaType?: string;
}

export function parseRead(request: ReadRequest, limits: Limits): ReadQuery {
  const checks = new FieldChecks();
  checks.name("stream", request.stream, limits.streamNameBytesMax);
  const { asOf, useSnapshot } = request;
  if (asOf) checks.time("as_of", asOf);
  const query = {
    stream: request.stream,
    backwards: checks.isBackwards("direction", request.direction),
    from: checks.optionalInteger("from_revision", request.fromRevision, 0) ?? 0,
    to: checks.optionalInteger("to_revision", request.toRevision, 0) ?? Number.MAX_SAFE_INTEGER,
    limit: checks.optionalInteger("limit", request.limit, 1),
    filter: parseFilter(checks, "filter", request.filter, limits),
    ...(asOf && { asOfMs: floorMs(asOf) }),
    ...(useSnapshot && { snapshotSchemaType: useSnapshot.schemaType }),
  };
  if (useSnapshot) checkSnapshotUse(checks, request, query.backwards, limits);
  checks.throwIfAny();
  return query;
}

function checkSnapshotUse(
  checks: FieldChecks,
  request: ReadRequest,
  backwards: boolean,
  limits: Limits,
): void {
  const schemaType = request.useSnapshot?.schemaType ?? "";
  checks.name("use_snapshot.schema_type", schemaType, limits.typeBytesMax);
  if (backwards || request.fromRevision !== undefined || request.filter) {
    checks.add("use_snapshot", "cannot go with backwards, from_revision or filter");
  }
}
