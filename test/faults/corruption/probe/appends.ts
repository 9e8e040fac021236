import { randomUUID } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AppendRequestSchema,
  type AppendResponse,
  AppendResponseSchema,
  EventSchema,
  RecordedEventSchema,
  ReplayRequestSchema,
} from "@varve/proto";
import { type NewEventInit, newEvent } from "../../../src/support/requests.ts";
import type { CallObservation } from "../observation.ts";
import type { StoredAppend } from "../stored.ts";
import { eventsIn, type ServedEvent } from "./frames.ts";
import { failureOf, type RawClient } from "./raw-client.ts";

/** Repeats acknowledged appends: none of them may be stored a second time. */
export async function repeatAppends(
  client: RawClient,
  appends: readonly StoredAppend[],
): Promise<CallObservation[]> {
  const found = await Promise.all(appends.map((append) => repeatAppend(client, append)));
  return found.filter((call) => call !== undefined);
}

async function repeatAppend(
  client: RawClient,
  { request, firstPosition }: StoredAppend,
): Promise<CallObservation | undefined> {
  const call = `repeat of the append at position ${firstPosition}`;
  try {
    const answer = await append(client, Buffer.from(request, "base64"));
    const isAsBefore = answer.repeat && Number(answer.firstPosition) === firstPosition;
    if (isAsBefore) return undefined;
    const wrong = answer.repeat ? [`it is said to be at position ${answer.firstPosition}`] : [];
    return { call, failure: undefined, missing: 1, hasGap: false, wrong };
  } catch (error) {
    return { call, failure: failureOf(error), missing: 1, hasGap: false, wrong: [] };
  }
}

/** Appends to a stream, whose last revision before the damage is given. */
export async function appendAnew(
  client: RawClient,
  workspace: string,
  stream: string,
  lastRevision: number,
): Promise<CallObservation | undefined> {
  const call = `append to ${stream}`;
  const events = [newEvent(stream, { data: "after the damage" })];
  const request = create(AppendRequestSchema, { workspace, appendId: randomUUID(), events });
  try {
    const answer = await append(client, toBinary(AppendRequestSchema, request));
    const missing = lastRevision + 1 - Number(answer.streams[0]?.firstRevision);
    const served = await eventsFrom(client, workspace, Number(answer.firstPosition));
    const wrong = isAmong(served, events) ? [] : ["what was appended is not served"];
    if (missing === 0 && wrong.length === 0) return undefined;
    return { call, failure: undefined, missing, hasGap: false, wrong };
  } catch (error) {
    return { call, failure: failureOf(error), missing: 0, hasGap: false, wrong: [] };
  }
}

/** What is stored from a position on. */
export async function eventsFrom(
  client: RawClient,
  workspace: string,
  position: number,
): Promise<ServedEvent[]> {
  const fromPosition = BigInt(position);
  const request = create(ReplayRequestSchema, { workspace, fromPosition });
  const events: ServedEvent[] = [];
  for await (const frame of client.stream("Replay", toBinary(ReplayRequestSchema, request))) {
    events.push(...eventsIn(frame, "Replay"));
  }
  return events;
}

async function append(client: RawClient, request: Uint8Array): Promise<AppendResponse> {
  return fromBinary(AppendResponseSchema, await client.unary("Append", request));
}

function isAmong(served: readonly ServedEvent[], events: readonly NewEventInit[]): boolean {
  return events.every(({ event = {} }) => {
    const sent = toBinary(EventSchema, create(EventSchema, event));
    return served.some(({ bytes }) => {
      const { event: stored } = fromBinary(RecordedEventSchema, bytes);
      return stored && Buffer.compare(toBinary(EventSchema, stored), sent) === 0;
    });
  });
}
