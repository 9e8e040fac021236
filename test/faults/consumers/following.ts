import type { ClientHttp2Stream } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { SubscribeRequestSchema, SubscribeResponseSchema } from "@varve/proto";
import { type GrpcConnection, grpcBody, MessageReader, pathOf } from "../http2/grpc.ts";

const EVENTS = SubscribeResponseSchema.field.events.number;
const HEARTBEAT_NANOS = 500_000_000;

/** Body of a call that subscribes to the whole log after a position. */
export function subscribeBody(after: number): Buffer {
  const request = create(SubscribeRequestSchema, {
    start: { case: "after", value: BigInt(after) },
    heartbeatInterval: { nanos: HEARTBEAT_NANOS },
  });
  return grpcBody(toBinary(SubscribeRequestSchema, request));
}

const POLL_MS = 10;

/** Resolves when each has got something, or has ended. */
export async function allReading(all: readonly Following[]): Promise<void> {
  const hasBegun = ({ started, wrong }: Following): boolean => started || wrong !== undefined;
  while (!all.every(hasBegun)) await sleep(POLL_MS);
}

/** A subscription that keeps nothing: it counts, and looks whether each position follows. */
export class Following {
  readonly #stream: ClientHttp2Stream;
  #started = false;
  #position: number;
  #wrong: string | undefined;

  constructor(connection: GrpcConnection, after: number) {
    this.#position = after;
    this.#stream = connection.open(pathOf("Subscribe"));
    const messages = new MessageReader();
    this.#stream.on("data", (chunk: Buffer) => {
      messages.push(chunk, (message) => this.#take(message));
    });
    this.#stream.on("error", () => {});
    this.#stream.end(subscribeBody(after));
  }

  /** Whether an event was delivered. */
  get started(): boolean {
    return this.#started;
  }

  /** The last position that was delivered. */
  get position(): number {
    return this.#position;
  }

  /** What was not as it should be; `undefined` if all was. */
  get wrong(): string | undefined {
    return this.#wrong ?? (this.#stream.destroyed ? "the call has ended" : undefined);
  }

  #take(message: Buffer): void {
    const reader = new BinaryReader(message);
    const [field, wireType] = reader.tag();
    if (field === EVENTS && wireType === WireType.LengthDelimited) this.#takeBatch(reader);
  }

  /** Reads of each event its first field alone, the position. */
  #takeBatch(reader: BinaryReader): void {
    const end = reader.uint32() + reader.pos;
    while (reader.pos < end) {
      reader.tag();
      const next = reader.uint32() + reader.pos;
      reader.tag();
      this.#follow(Number(reader.int64()));
      reader.pos = next;
    }
  }

  #follow(position: number): void {
    if (position !== this.#position + 1) {
      this.#wrong ??= `position ${position} came after ${this.#position}`;
    }
    this.#position = position;
    this.#started = true;
  }
}
