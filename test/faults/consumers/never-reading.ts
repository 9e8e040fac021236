import { setTimeout as sleep } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { AppendStreamRequestSchema, ReplayRequestSchema } from "@varve/proto";
import { newEvent } from "../../src/support/requests.ts";
import { dataFrames, Flag, headersFrame } from "../http2/frames.ts";
import { GrpcConnection, grpcBody, pathOf } from "../http2/grpc.ts";
import { callFields } from "../http2/hpack.ts";
import { RawConnection } from "../http2/raw-connection.ts";
import type { Random } from "../random.ts";
import { subscribeBody } from "./following.ts";

const REPLAY: Buffer = grpcBody(toBinary(ReplayRequestSchema, create(ReplayRequestSchema)));

/**
 * Opens calls over the whole log on a connection that never opens a window: the server
 * may send 64 KiB to all of them together.
 */
export async function openNeverReading(address: string, calls: number): Promise<RawConnection> {
  const connection = (await RawConnection.open(address)).greet();
  for (let i = 0; i < calls; i++) {
    const [method, body] = i % 2 === 0 ? ["Replay", REPLAY] : ["Subscribe", subscribeBody(0)];
    openCall(connection, 2 * i + 1, method as string, body as Buffer);
  }
  return connection;
}

/** Opens calls that wait for what the client never sends. */
export async function openIdleAppends(address: string, calls: number): Promise<RawConnection> {
  const connection = (await RawConnection.open(address)).greet();
  for (let i = 0; i < calls; i++) {
    connection.send(headersFrame(2 * i + 1, callFields(pathOf("AppendStream"))));
  }
  return connection;
}

/** Sends appends over one call and takes no outcome, until the server reads no further. */
export function appendWithoutReading(address: string, random: Random): GrpcConnection {
  const connection = new GrpcConnection(address);
  // Nobody listens to what comes: once the windows are full, no more does.
  const call = connection.open(pathOf("AppendStream"));
  call.on("error", () => {});
  const send = (): void => {
    for (let n = 0; n < UNREAD_FRAMES && !call.destroyed; n++) {
      const stream = `unread-${random.integer(1, 9)}`;
      if (!call.write(appendFrame(random, { workspace: "unread", stream }, n))) return;
    }
  };
  call.on("drain", send);
  send();
  return connection;
}

/**
 * Opens `AppendStream` calls and sends a frame over each, a few bytes at a time and never
 * all of it. Returns when the signal aborts.
 */
export async function sendSlowly(
  address: string,
  calls: number,
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  const connection = (await RawConnection.open(address)).greet();
  const frames = Array.from({ length: calls }, (_, i) =>
    appendFrame(random, { stream: SLOW_STREAM }, i),
  );
  for (const i of frames.keys()) {
    connection.send(headersFrame(2 * i + 1, callFields(pathOf("AppendStream"))));
  }
  for (let at = 0; !signal.aborted; at++) {
    for (const [i, frame] of frames.entries()) {
      const isLast = at >= frame.length - 1;
      if (!isLast) connection.send(dataFrames(2 * i + 1, frame.subarray(at, at + 1)));
    }
    await sleep(SLOW_MS, undefined, { signal }).catch(() => {});
  }
  connection.cut();
}

/** Nothing is ever stored in it: no frame for it comes to its end. */
export const SLOW_STREAM = "slow";
const SLOW_MS = 50;
/** Written at a time. */
const UNREAD_FRAMES = 100;

function openCall(connection: RawConnection, stream: number, method: string, body: Buffer): void {
  connection.send(
    headersFrame(stream, callFields(pathOf(method))),
    dataFrames(stream, body, Flag.END_STREAM),
  );
}

interface Target {
  readonly workspace?: string;
  readonly stream: string;
}

function appendFrame(
  random: Random,
  { workspace = "", stream }: Target,
  correlation: number,
): Buffer {
  const events = [newEvent(stream, { id: random.uuid(), data: Buffer.alloc(200, "x") })];
  const appends = [{ correlation: BigInt(correlation), append: { workspace, events } }];
  const frame = create(AppendStreamRequestSchema, { appends });
  return grpcBody(toBinary(AppendStreamRequestSchema, frame));
}
