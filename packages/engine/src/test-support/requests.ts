import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type AppendRequest,
  AppendRequestSchema,
  type AppendResponse,
  AppendResponseSchema,
  type ConditionSchema,
  type RecordedEvent,
  ReplayRequestSchema,
  ReplayResponseSchema,
} from "@varve/proto";
import { MemoryLevel } from "memory-level";
import { EventStore } from "../event-store.js";
import type { EventStoreOptions } from "../event-store-options.js";
import { type Database, databaseEncoding } from "../log/database.js";
import type { Finding } from "../verify/finding.js";
import type { AppendCaller } from "../write/item.js";

/** A store on one database in memory, which the test may break. */
export function storeOn(db: Database, options: EventStoreOptions = {}): EventStore {
  const storage = {
    has: () => true,
    open: async (): Promise<Database> => {
      await db.open();
      return db;
    },
    list: async () => ["default"],
  };
  return new EventStore(storage, options);
}

export function memoryDatabase(): Database {
  return new MemoryLevel<Buffer, Buffer>(databaseEncoding);
}

type Draft = { stream: string; type?: string; tags?: string[]; data?: string };

let ids = 0;

/** A UUID that no other call returns. */
export function nextId(): string {
  ids++;
  return `00000000-0000-4000-8000-${ids.toString(16).padStart(12, "0")}`;
}

export function appendRequest(
  drafts: readonly Draft[],
  rest: {
    workspace?: string;
    appendId?: string;
    conditions?: MessageInitShape<typeof ConditionSchema>[];
  } = {},
): AppendRequest {
  return create(AppendRequestSchema, {
    ...rest,
    events: drafts.map(({ stream, type = "thing.Happened", tags = [], data = "{}" }) => ({
      stream,
      event: { id: nextId(), type, tags, data: Buffer.from(data) },
    })),
  });
}

export async function append(
  store: EventStore,
  request: AppendRequest,
  caller?: AppendCaller,
): Promise<AppendResponse> {
  const response = await store.append(encode(request), caller);
  return fromBinary(AppendResponseSchema, response);
}

export function encode(request: AppendRequest): Buffer {
  return Buffer.from(toBinary(AppendRequestSchema, request));
}

export async function replayAll(
  store: EventStore,
  request: MessageInitShape<typeof ReplayRequestSchema> = {},
): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const bytes of store.replay(create(ReplayRequestSchema, request))) {
    const { frame } = fromBinary(ReplayResponseSchema, bytes);
    if (frame.case === "events") events.push(...frame.value.events);
  }
  return events;
}

/** What a check of everything that is stored finds wrong. */
export async function findingsIn(store: EventStore): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const report of store.verify("")) {
    if (report.type === "finding") findings.push(report.finding);
  }
  return findings;
}
