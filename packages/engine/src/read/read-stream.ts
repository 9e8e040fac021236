import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type ReadRequest, ReadResponseSchema } from "@varve/proto";
import type { Block } from "../format/block.js";
import type { StreamPostings } from "../format/postings.js";
import { runsOf, type Selection } from "../index/select.js";
import { firstRevision, type RevisionRange } from "../index/stream-index.js";
import type { Limits } from "../limits.js";
import type { EventLog } from "../log/event-log.js";
import { FieldChecks, floorMs } from "../request/fields.js";
import { type EventFilter, matchesFilter, parseFilter } from "../request/filter.js";
import type { Workspace } from "../workspace/workspace.js";
import { searchFrames } from "./search-frames.js";

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

const EVENTS_FIELD = ReadResponseSchema.field.events.number;
/** Blocks of a stream that are looked up at a time. */
const POSTINGS_AT_ONCE = 32;
/** Blocks that are fetched at a time: few at first, then as many as are not too large together. */
const BLOCKS_MIN = 4;
const BLOCKS_BYTES_MAX = 1024 * 1024;

export function parseRead(request: ReadRequest, limits: Limits): ReadQuery {
  const checks = new FieldChecks();
  checks.name("stream", request.stream, limits.streamNameBytesMax);
  const { asOf, useSnapshot } = request;
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

/** Encoded `ReadResponse` frames. */
export async function* readStream(workspace: Workspace, query: ReadQuery): AsyncGenerator<Buffer> {
  const { log, streams, snapshots } = workspace;
  const head = log.head;
  const horizon =
    query.asOfMs === undefined ? head : Math.min(head, await log.positionAsOf(query.asOfMs));
  const lastRevision = await streams.revisionAt(query.stream, horizon);
  yield encode({ case: "header", value: headerOf(lastRevision, head) });
  const range = { first: query.from, last: Math.min(query.to, lastRevision) };
  if (query.snapshotSchemaType !== undefined) {
    const snapshot = await snapshots.get(query.stream);
    if (snapshot?.schemaType === query.snapshotSchemaType && snapshot.revision <= range.last) {
      yield encode({ case: "snapshot", value: snapshot });
      range.first = Number(snapshot.revision) + 1;
    }
  }
  const selections = selectRevisions(workspace, query, range);
  const options = { eventsField: EVENTS_FIELD, limit: query.limit };
  for await (const frame of searchFrames(selections, options)) {
    if (frame.kind === "events") yield frame.bytes;
  }
}

/** The events of a range of revisions, block by block. */
async function* selectRevisions(
  { log, streams }: Workspace,
  { stream, backwards, filter }: ReadQuery,
  range: RevisionRange,
): AsyncGenerator<Selection> {
  let { first, last } = range;
  while (first <= last) {
    const found = await streams.postings(stream, { first, last }, POSTINGS_AT_ONCE, backwards);
    for await (const [entry, block] of withBlocks(log, found)) {
      const start = firstRevision(entry);
      const positions = entry.positions.filter((position, ordinal) => {
        const revision = start + ordinal;
        if (revision < first || revision > last) return false;
        return filter.length === 0 || matchesFilter(filter, block.header(position));
      });
      if (backwards) last = start - 1;
      else first = entry.lastRevision + 1;
      yield { block, runs: runsOf(positions, backwards), upTo: entry.blockLast };
    }
    if (found.length === 0) return;
  }
}

/** Each with its block. A slow reader holds on to those that were fetched together. */
async function* withBlocks(
  log: EventLog,
  entries: readonly StreamPostings[],
): AsyncGenerator<[StreamPostings, Block]> {
  let count = BLOCKS_MIN;
  for (let at = 0; at < entries.length; ) {
    const group = entries.slice(at, at + count);
    const blocks = await Promise.all(group.map((entry) => log.block(entry.blockLast)));
    for (const [i, entry] of group.entries()) yield [entry, blocks[i] as Block];
    at += group.length;
    const largest = Math.max(...blocks.map(({ bytes }) => bytes.length));
    count = Math.max(1, Math.floor(BLOCKS_BYTES_MAX / largest));
  }
}

function headerOf(lastRevision: number, head: number): { exists: boolean; head: bigint } {
  const exists = lastRevision >= 0;
  return { exists, head: BigInt(head), ...(exists && { lastRevision: BigInt(lastRevision) }) };
}

type Frame = NonNullable<MessageInitShape<typeof ReadResponseSchema>["frame"]>;

function encode(frame: Frame): Buffer {
  return Buffer.from(toBinary(ReadResponseSchema, create(ReadResponseSchema, { frame })));
}
