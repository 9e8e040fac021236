import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AppendRequest,
  AppendRequestSchema,
  type NewEvent,
  NewEventSchema,
} from "@varve/proto";
import { randomPayload } from "./payload.ts";
import { pickIndex, type Random, randomUuid } from "./random.ts";

/** Streams that events are spread over, a few of them getting the most. */
export const STREAMS = 10_000;

const TYPES = ["order.Placed", "order.Paid", "order.Packed", "order.Shipped", "order.Returned"];

/** `order-00042`; another category keeps the streams of one workload from those of another. */
export function streamName(number: number, category = "order"): string {
  return `${category}-${String(number).padStart(5, "0")}`;
}

/** An event with a new id and one of five types. Default: a random payload, and no tags. */
export function randomEvent(
  random: Random,
  stream: string,
  { data = randomData(random), tags = [] }: { data?: Uint8Array; tags?: readonly string[] } = {},
): NewEvent {
  const type = TYPES[pickIndex(random, TYPES.length)] as string;
  const event = { id: randomUuid(random), type, data, tags: [...tags] };
  return create(NewEventSchema, { stream, event });
}

/** A random payload as JSON, encoded. */
export function randomData(random: Random): Uint8Array {
  return Buffer.from(JSON.stringify(randomPayload(random)));
}

/** To be encoded, or to be sent by a client that encodes. */
export function appendRequest(events: NewEvent[], appendId = ""): AppendRequest {
  return create(AppendRequestSchema, { events, appendId });
}

export function encodeAppend(request: AppendRequest): Buffer {
  return Buffer.from(toBinary(AppendRequestSchema, request));
}
