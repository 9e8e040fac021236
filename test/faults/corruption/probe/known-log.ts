import { fromBinary } from "@bufbuild/protobuf";
import { type RecordedEvent, RecordedEventSchema } from "@varve/proto";
import type { StoredWorkspace } from "../stored.ts";

/** What is known of one event: what queries go by. */
export interface KnownEvent {
  readonly position: number;
  readonly revision: number;
  readonly stream: string;
  readonly type: string;
  readonly tags: readonly string[];
}

/** The log of a workspace as it was before the damage. */
export class KnownLog {
  readonly workspace: string;
  /** By position - 1. */
  readonly events: readonly KnownEvent[];
  readonly #bytes: readonly Buffer[];

  constructor({ name, events }: StoredWorkspace) {
    this.workspace = name;
    this.#bytes = events.map((base64) => Buffer.from(base64, "base64"));
    this.events = this.#bytes.map((bytes) => toKnown(fromBinary(RecordedEventSchema, bytes)));
  }

  get head(): number {
    return this.events.length;
  }

  /** Whether these are the bytes that were stored at this position. */
  has(position: number, bytes: Buffer): boolean {
    return this.#bytes[position - 1]?.equals(bytes) ?? false;
  }

  /** Positions of the events that match, ascending. */
  positions(matches: (event: KnownEvent) => boolean): number[] {
    return this.events.filter(matches).map(({ position }) => position);
  }

  /** The last revision of each stream. */
  lastRevisions(): Map<string, number> {
    return new Map(this.events.map(({ stream, revision }) => [stream, revision]));
  }
}

function toKnown({ position, revision, stream, event }: RecordedEvent): KnownEvent {
  return {
    position: Number(position),
    revision: Number(revision),
    stream,
    type: event?.type ?? "",
    tags: event?.tags ?? [],
  };
}
