import { randomUUID } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type ConditionSchema,
  type FilterClauseSchema,
  type FilterSchema,
  type NewEventSchema,
  StreamState,
} from "@varve/proto";

export type NewEventInit = MessageInitShape<typeof NewEventSchema>;
export type ConditionInit = MessageInitShape<typeof ConditionSchema>;
export type FilterInit = MessageInitShape<typeof FilterSchema>;
export type ClauseInit = MessageInitShape<typeof FilterClauseSchema>;

/** An `AppendRequest`. */
export interface AppendInit {
  readonly workspace?: string;
  readonly appendId?: string;
  readonly events: NewEventInit[];
  readonly conditions?: ConditionInit[];
}

/** What a test says of an event; the rest is made up. */
export interface EventFields {
  readonly id?: string;
  readonly type?: string;
  readonly data?: string | Uint8Array;
  readonly contentType?: string;
  readonly metadata?: string;
  readonly tags?: string[];
}

export function newEvent(stream: string, fields: EventFields = {}): NewEventInit {
  const { data = "{}", type = "test.Happened", id = randomUUID(), ...rest } = fields;
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return { stream, event: { ...rest, id, type, data: bytes } };
}

/** Many alike; the data tells them apart: `{"n":0}`, `{"n":1}` … */
export function newEvents(
  stream: string,
  count: number,
  fields: Omit<EventFields, "id" | "data"> = {},
): NewEventInit[] {
  return Array.from({ length: count }, (_, n) =>
    newEvent(stream, { ...fields, data: JSON.stringify({ n }) }),
  );
}

/** Many with so many bytes of data each. */
export function largeEvents(stream: string, count: number, bytes: number): NewEventInit[] {
  return Array.from({ length: count }, (_, n) =>
    newEvent(stream, { data: new Uint8Array(bytes).fill(n) }),
  );
}

export function noStream(stream: string): ConditionInit {
  return expecting(stream, { case: "state", value: StreamState.NO_STREAM });
}

export function streamExists(stream: string): ConditionInit {
  return expecting(stream, { case: "state", value: StreamState.EXISTS });
}

export function atRevision(stream: string, revision: bigint | number): ConditionInit {
  return expecting(stream, { case: "revision", value: BigInt(revision) });
}

/** No event matches any of the clauses, after a position if one is given. */
export function noMatch(anyOf: ClauseInit[], after?: bigint | number): ConditionInit {
  const value = { filter: { anyOf }, ...(after !== undefined && { after: BigInt(after) }) };
  return { kind: { case: "query", value } };
}

export function ofStream(stream: string): Pick<ClauseInit, "source"> {
  return { source: { case: "stream", value: stream } };
}

export function ofCategory(category: string): Pick<ClauseInit, "source"> {
  return { source: { case: "category", value: category } };
}

type Expected = { case: "state"; value: StreamState } | { case: "revision"; value: bigint };

function expecting(stream: string, expected: Expected): ConditionInit {
  return { kind: { case: "stream", value: { stream, expected } } };
}
