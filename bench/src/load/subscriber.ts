import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { SubscribeRequestSchema, SubscribeResponseSchema, SubscriptionStart } from "@varve/proto";
import { pathOf } from "../http2/call-once.ts";
import type { RawConnection } from "../http2/connection.ts";
import { MessageReader } from "../http2/message-reader.ts";

const SUBSCRIBE = pathOf("Subscribe");
const FIELD = SubscribeResponseSchema.field;

export interface SubscriberOptions {
  readonly start: "beginning" | "end";
  /** The next frame of events has come, encoded. */
  readonly onEvents: (frame: Buffer) => void;
  /** Everything up to the head has come. */
  readonly onCaughtUp?: () => void;
  /** It broke. */
  readonly onError: (error: Error) => void;
}

/** A subscription that runs. */
export interface RunningSubscription {
  /** Resolves when the server has confirmed it. */
  readonly confirmed: Promise<void>;
  end(): void;
}

/** Subscribes to the whole log; nothing is decoded. */
export function subscribe(
  connection: RawConnection,
  options: SubscriberOptions,
): RunningSubscription {
  const confirmed = Promise.withResolvers<void>();
  const reader = new MessageReader((frame) => {
    const field = (frame[0] as number) >>> 3;
    if (field === FIELD.events.number) options.onEvents(frame);
    else if (field === FIELD.caughtUp.number) options.onCaughtUp?.();
    else if (field === FIELD.confirmed.number) confirmed.resolve();
  });
  const call = connection.call(SUBSCRIBE, subscribeRequest(options.start), {
    data: (bytes) => reader.push(bytes),
    end: (error) => options.onError(error ?? new Error("the subscription ended")),
  });
  return { confirmed: confirmed.promise, end: () => connection.cancel(call) };
}

/** How many events an encoded `SubscribeResponse` with events has. None of them is decoded. */
export function eventsIn(frame: Buffer): number {
  const reader = new BinaryReader(frame);
  reader.tag();
  reader.uint32();
  let count = 0;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    reader.skip(wireType, field);
    count++;
  }
  return count;
}

function subscribeRequest(start: "beginning" | "end"): Buffer {
  const value = start === "end" ? SubscriptionStart.END : SubscriptionStart.BEGINNING;
  const request = create(SubscribeRequestSchema, { start: { case: "at", value } });
  return Buffer.from(toBinary(SubscribeRequestSchema, request));
}
