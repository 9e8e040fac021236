import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type {
  ReadHeader,
  ReadRequestSchema,
  RecordedEvent,
  ReplayHeader,
  ReplayRequestSchema,
  Snapshot,
} from "@varve/proto";
import type { StoreClient } from "./client.js";

export type ReadInit = MessageInitShape<typeof ReadRequestSchema>;
export type ReplayInit = MessageInitShape<typeof ReplayRequestSchema>;

export interface ReadAnswer {
  readonly header: ReadHeader;
  readonly snapshot: Snapshot | undefined;
  readonly events: readonly RecordedEvent[];
  /** The kinds of the frames, in order. */
  readonly kinds: readonly string[];
}

/** A whole read. */
export async function read(client: StoreClient, request: ReadInit): Promise<ReadAnswer> {
  const kinds: string[] = [];
  const events: RecordedEvent[] = [];
  let header: ReadHeader | undefined;
  let snapshot: Snapshot | undefined;
  for await (const { frame } of client.read(request)) {
    kinds.push(String(frame.case));
    if (frame.case === "header") header = frame.value;
    if (frame.case === "snapshot") snapshot = frame.value;
    if (frame.case === "events") events.push(...frame.value.events);
  }
  if (!header) throw new Error("the answer has no header");
  return { header, snapshot, events, kinds };
}

export interface ReplayAnswer {
  readonly header: ReplayHeader;
  readonly events: readonly RecordedEvent[];
  /** Of the progress frames. */
  readonly progress: readonly bigint[];
  readonly kinds: readonly string[];
}

/** A whole replay. */
export async function replay(client: StoreClient, request: ReplayInit = {}): Promise<ReplayAnswer> {
  const kinds: string[] = [];
  const events: RecordedEvent[] = [];
  const progress: bigint[] = [];
  let header: ReplayHeader | undefined;
  for await (const { frame } of client.replay(request)) {
    kinds.push(String(frame.case));
    if (frame.case === "header") header = frame.value;
    if (frame.case === "progress") progress.push(frame.value.position);
    if (frame.case === "events") events.push(...frame.value.events);
  }
  if (!header) throw new Error("the answer has no header");
  return { header, events, progress, kinds };
}

export function positions(events: readonly RecordedEvent[]): number[] {
  return events.map((event) => Number(event.position));
}

export function revisions(events: readonly RecordedEvent[]): number[] {
  return events.map((event) => Number(event.revision));
}

/** `recorded_at` in ms since 1970. */
export function timeOf({ recordedAt }: Pick<RecordedEvent, "recordedAt">): number {
  if (!recordedAt) throw new Error("the event has no time");
  return timestampMs(recordedAt);
}

/** From `first` to `last`, both inclusive, in either direction. */
export function range(first: number, last: number): number[] {
  const step = first <= last ? 1 : -1;
  return Array.from({ length: Math.abs(last - first) + 1 }, (_, i) => first + i * step);
}
