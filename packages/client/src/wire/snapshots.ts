import { create } from "@bufbuild/protobuf";
import { type Snapshot as ProtoSnapshot, SnapshotSchema } from "@varve/proto";
import type { NewSnapshot, Snapshot } from "../types.js";
import { checkString, toInt64 } from "./checks.js";
import { checkMembers, membersOf } from "./members.js";
import { decodePayload, effectiveContentType, encodePayload } from "./payload.js";
import { requiredDate } from "./required.js";

const SNAPSHOT = membersOf<NewSnapshot>({
  stream: true,
  revision: true,
  schemaType: true,
  data: true,
  contentType: true,
});

const NOT_PARSED = Symbol("not parsed");

/** A snapshot for the wire. Throws `TypeError` or `RangeError` as `encodeEvent` does. */
export function encodeSnapshot(snapshot: NewSnapshot<unknown>): ProtoSnapshot {
  checkMembers(snapshot, SNAPSHOT, "snapshot");
  const payload = encodePayload(snapshot.data, snapshot.contentType, "snapshot");
  return create(SnapshotSchema, {
    stream: checkString(snapshot.stream, "snapshot.stream"),
    revision: toInt64(snapshot.revision, "snapshot.revision", 0n),
    schemaType: checkString(snapshot.schemaType, "snapshot.schemaType"),
    data: payload.bytes,
    contentType: payload.contentType,
  });
}

export function decodeSnapshot(snapshot: ProtoSnapshot): Snapshot {
  return new DecodedSnapshot(snapshot);
}

class DecodedSnapshot implements Snapshot {
  readonly stream: string;
  readonly revision: bigint;
  readonly schemaType: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly savedAt: Date;
  #data: unknown = NOT_PARSED;

  constructor(snapshot: ProtoSnapshot) {
    this.stream = snapshot.stream;
    this.revision = snapshot.revision;
    this.schemaType = snapshot.schemaType;
    this.bytes = snapshot.data;
    this.contentType = effectiveContentType(snapshot.contentType);
    this.savedAt = requiredDate(snapshot.savedAt, "Snapshot.saved_at");
  }

  get data(): unknown {
    if (this.#data === NOT_PARSED) this.#data = decodePayload(this.bytes, this.contentType);
    return this.#data;
  }
}
