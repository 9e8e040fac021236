import { create, toBinary } from "@bufbuild/protobuf";
import { ReadResponseSchema, type Snapshot } from "@varve/proto";
import type { FoundEvents } from "../index/select.js";
import type { Workspace } from "../workspace/workspace.js";
import { EventFrame } from "./frame.js";
import { encodeReadHeader } from "./read-header.js";
import type { ReadQuery } from "./read-query.js";
import { type RevisionSearch, selectInMemory, selectRevisions } from "./revisions.js";
import { searchFrames } from "./search-frames.js";

const EVENTS_FIELD = ReadResponseSchema.field.events.number;

/** The same frames as those of `readStream`, at once; `undefined` if that needs the disk. */
export function readInMemory(
  workspace: Workspace,
  query: ReadQuery,
): readonly Buffer[] | undefined {
  const { stream, asOfMs, snapshotSchemaType } = query;
  if (asOfMs !== undefined || snapshotSchemaType !== undefined) return undefined;
  const { head } = workspace.log;
  const recent = workspace.recent.get(stream);
  const lastRevision = recent?.revisionAt(head);
  if (!recent || lastRevision === undefined) return undefined;
  const found = selectInMemory(recent, searchOf(query, lastRevision));
  return found && [encodeReadHeader(lastRevision, head), ...frameOf(found, query.limit)];
}

/** Encoded `ReadResponse` frames. A search ends when the call is over, or the log closes. */
export async function* readStream(
  workspace: Workspace,
  query: ReadQuery,
  call?: { readonly aborted: boolean },
): AsyncGenerator<Buffer> {
  const { log, streams } = workspace;
  const { stream } = query;
  const head = log.head;
  const horizon =
    query.asOfMs === undefined ? head : Math.min(head, await log.positionAsOf(query.asOfMs));
  const recent = workspace.recent.get(stream) ?? (await workspace.recent.load(stream));
  const lastRevision = recent.revisionAt(horizon) ?? (await streams.revisionAt(stream, horizon));
  yield encodeReadHeader(lastRevision, head);
  const snapshot = await snapshotFor(workspace, query, Math.min(query.to, lastRevision));
  if (snapshot) yield encodeSnapshot(snapshot);
  const search = searchOf(query, lastRevision, snapshot);
  const inMemory = selectInMemory(recent, search);
  if (inMemory) yield* frameOf(inMemory, query.limit);
  else {
    const budget = workspace.searchBudget(call);
    const selections = selectRevisions(workspace, recent, search, budget);
    const options = { eventsField: EVENTS_FIELD, limit: query.limit };
    for await (const frame of searchFrames(selections, options)) {
      if (frame.kind === "events") yield frame.bytes;
    }
  }
}

/** What is to be looked at: without a filter no more than the limit. */
function searchOf(query: ReadQuery, lastRevision: number, snapshot?: Snapshot): RevisionSearch {
  const { stream, backwards, filter, limit } = query;
  let first = snapshot ? Number(snapshot.revision) + 1 : query.from;
  let last = Math.min(query.to, lastRevision);
  if (limit !== undefined && filter.length === 0) {
    if (backwards) first = Math.max(first, last - limit + 1);
    else last = Math.min(last, first + limit - 1);
  }
  return { stream, backwards, filter, range: { first, last } };
}

/** What is in memory of a stream fits into one frame. */
function* frameOf(
  found: readonly FoundEvents[],
  limit = Number.POSITIVE_INFINITY,
): Generator<Buffer> {
  const frame = new EventFrame(EVENTS_FIELD);
  let remaining = limit;
  for (const events of found) remaining -= frame.add(events, remaining);
  if (!frame.isEmpty) yield frame.take();
}

/** The stream's snapshot, if it is asked for and not of a revision after the last. */
async function snapshotFor(
  { snapshots }: Workspace,
  { stream, snapshotSchemaType }: ReadQuery,
  lastRevision: number,
): Promise<Snapshot | undefined> {
  if (snapshotSchemaType === undefined) return undefined;
  const snapshot = await snapshots.get(stream);
  const fits = snapshot?.schemaType === snapshotSchemaType && snapshot.revision <= lastRevision;
  return fits ? snapshot : undefined;
}

function encodeSnapshot(snapshot: Snapshot): Buffer {
  const frame = { case: "snapshot", value: snapshot } as const;
  return Buffer.from(toBinary(ReadResponseSchema, create(ReadResponseSchema, { frame })));
}
