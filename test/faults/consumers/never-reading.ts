import { setTimeout as sleep } from "node:timers/promises";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AppendStreamRequestSchema,
  GetStatusRequestSchema,
  GetStatusResponseSchema,
  ReplayRequestSchema,
} from "@varve/proto";
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

/**
 * Sends appends to a workspace of their own over one call, as many as the server reads,
 * and takes no outcome.
 */
export function appendWithoutReading(address: string, random: Random): GrpcConnection {
  const connection = new GrpcConnection(address);
  // Nobody listens to what comes: once the windows are full, no more does.
  const call = connection.open(pathOf("AppendStream"));
  call.on("error", () => {});
  const frame = appendFrame(random, { workspace: UNREAD_WORKSPACE, stream: "s" }, UNREAD_APPENDS);
  const send = (): void => {
    while (!call.destroyed && call.write(frame));
  };
  call.on("drain", send);
  send();
  return connection;
}

/** How many appends the server has read of those whose outcomes nobody takes. */
export async function readOfUnread(address: string): Promise<number> {
  const connection = new GrpcConnection(address);
  const request = create(GetStatusRequestSchema, { workspace: UNREAD_WORKSPACE });
  const body = grpcBody(toBinary(GetStatusRequestSchema, request));
  const { messages } = await connection.call(pathOf("GetStatus"), body);
  connection.close();
  const [status] = messages;
  return status ? Number(fromBinary(GetStatusResponseSchema, status).head) : 0;
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
    appendFrame(random, { stream: SLOW_STREAM }, 1 + (i % 3)),
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
const UNREAD_WORKSPACE = "unread";
/** In one frame. */
const UNREAD_APPENDS = 50;

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

/** A frame of so many appends of one event. */
function appendFrame(random: Random, { workspace = "", stream }: Target, count: number): Buffer {
  const appends = Array.from({ length: count }, (_, i) => {
    const events = [newEvent(stream, { id: random.uuid() })];
    return { correlation: BigInt(i), append: { workspace, events } };
  });
  const frame = create(AppendStreamRequestSchema, { appends });
  return grpcBody(toBinary(AppendStreamRequestSchema, frame));
}
