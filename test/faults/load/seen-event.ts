import { createHash } from "node:crypto";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { EventSchema, type RecordedEvent } from "@varve/proto";
import type { SeenEvent } from "../history.ts";

/** SHA-256 of the encoded event, in hex. */
export function digestOf(event: MessageInitShape<typeof EventSchema>): string {
  const bytes = toBinary(EventSchema, create(EventSchema, event));
  return createHash("sha256").update(bytes).digest("hex");
}

export function toSeen(recorded: RecordedEvent): SeenEvent {
  const { position, revision, stream, recordedAt, event } = recorded;
  return {
    position: Number(position),
    revision: Number(revision),
    stream,
    id: event?.id ?? "",
    // Encoding what was decoded gives the bytes back, fields that are not known included.
    digest: digestOf(event ?? {}),
    recordedAtMs: recordedAt ? timestampMs(recordedAt) : 0,
  };
}
