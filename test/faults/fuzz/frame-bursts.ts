import {
  dataFrames,
  Flag,
  FrameType,
  frame,
  headersFrame,
  PREFACE,
  pingFrame,
  rstFrame,
  Setting,
  settingsFrame,
  uint32,
  windowFrame,
} from "../http2/frames.ts";
import { grpcBody, pathOf } from "../http2/grpc.ts";
import { callFields, encodeFields } from "../http2/hpack.ts";
import type { Random } from "../random.ts";
import type { Burst } from "./burst.ts";
import { anyBytes, flip } from "./mutate.ts";
import { withRaw, withSilent } from "./raw.ts";

const CONNECTIONS = 10;
const NOTHING = grpcBody(Buffer.alloc(0));
const MAX = 2 ** 31 - 1;

/** Frames that break the rules of HTTP/2; a connection for each, since most end it. */
export const frameBursts: readonly Burst[] = [
  frames("wrong length", (random) => [
    random.pick([
      frame(FrameType.SETTINGS, 0, 0, anyBytes(random, 20)),
      frame(FrameType.PING, 0, 0, anyBytes(random, 20)),
      frame(FrameType.RST_STREAM, 0, 1, anyBytes(random, 20)),
      frame(FrameType.WINDOW_UPDATE, 0, 0, anyBytes(random, 20)),
      frame(FrameType.PRIORITY, 0, 1, anyBytes(random, 20)),
      frame(FrameType.GOAWAY, 0, 0, anyBytes(random, 20)),
      frame(FrameType.DATA, 0, 1, anyBytes(random, 20), 2 ** 24 - 1),
      frame(FrameType.HEADERS, Flag.END_HEADERS, 1, anyBytes(random, 20), 16_385),
      frame(FrameType.SETTINGS, Flag.ACK, 0, Buffer.alloc(6)),
    ]),
  ]),
  frames("wrong stream", (random) => [
    random.pick([
      headersFrame(0, callFields(pathOf("GetStatus"))),
      headersFrame(2, callFields(pathOf("GetStatus"))),
      headersFrame(MAX, callFields(pathOf("GetStatus"))),
      frame(FrameType.DATA, 0, 0, NOTHING),
      frame(FrameType.DATA, 0, random.integer(1, 99), NOTHING),
      frame(FrameType.SETTINGS, 0, 1),
      frame(FrameType.PING, 0, 1, Buffer.alloc(8)),
      frame(FrameType.GOAWAY, 0, 1, Buffer.alloc(8)),
      frame(FrameType.CONTINUATION, Flag.END_HEADERS, 1, encodeFields([["x", "y"]])),
      rstFrame(0),
      rstFrame(random.integer(1, 99)),
      windowFrame(random.integer(1, 99), 1),
    ]),
  ]),
  frames("stream numbers that fall", () =>
    [9, 7, 5, 9].map((id) => headersFrame(id, callFields(pathOf("GetStatus")))),
  ),
  frames("half of a header block", (random) => [
    headersFrame(1, callFields(pathOf("GetStatus")), 0),
    random.pick([pingFrame(), dataFrames(1, NOTHING), headersFrame(3, callFields("/"))]),
  ]),
  frames("wrong padding", (random) => [
    headersFrame(1, callFields(pathOf("AppendStream"))),
    frame(FrameType.DATA, Flag.PADDED, 1, Buffer.of(255, ...anyBytes(random, 9))),
    frame(FrameType.DATA, Flag.PADDED, 1),
  ]),
  frames("a stream that depends on itself", () => [
    frame(FrameType.PRIORITY, 0, 1, Buffer.concat([uint32(1), Buffer.of(16)])),
    frame(
      FrameType.HEADERS,
      Flag.END_HEADERS | Flag.PRIORITY,
      1,
      Buffer.concat([uint32(1), Buffer.of(16), encodeFields(callFields(pathOf("GetStatus")))]),
    ),
  ]),
  frames("windows that overflow", (random) => [
    headersFrame(1, callFields(pathOf("Replay"))),
    ...Array.from({ length: 3 }, () => windowFrame(random.integer(0, 1), MAX)),
    windowFrame(random.integer(0, 1), 0),
  ]),
  frames("more data than the window", () => [
    headersFrame(1, callFields(pathOf("AppendStream"))),
    dataFrames(1, grpcBody(Buffer.alloc(200_000))),
  ]),
  frames("data behind the end", () => [
    headersFrame(1, callFields(pathOf("GetStatus"))),
    dataFrames(1, NOTHING, Flag.END_STREAM),
    dataFrames(1, NOTHING, Flag.END_STREAM),
    headersFrame(1, callFields(pathOf("GetStatus"))),
  ]),
  frames("wrong settings", (random) => [
    settingsFrame([
      random.pick([
        [Setting.INITIAL_WINDOW_SIZE, 2 ** 31],
        [Setting.MAX_FRAME_SIZE, 0],
        [Setting.MAX_FRAME_SIZE, 2 ** 24],
        [Setting.ENABLE_PUSH, 2],
        [Setting.HEADER_TABLE_SIZE, 2 ** 32 - 1],
        [random.integer(7, 65_535), random.integer(0, MAX)],
      ] as const),
    ]),
  ]),
  frames("a window of nothing", () => [
    settingsFrame([[Setting.INITIAL_WINDOW_SIZE, 0]]),
    headersFrame(1, callFields(pathOf("Replay"))),
    dataFrames(1, NOTHING, Flag.END_STREAM),
  ]),
  frames("promises, farewells and frames that there are not", (random) => [
    random.pick([
      frame(FrameType.PUSH_PROMISE, Flag.END_HEADERS, 1, Buffer.alloc(8)),
      frame(FrameType.GOAWAY, 0, 0, anyBytes(random, 5000)),
      frame(
        random.integer(10, 255),
        random.integer(0, 255),
        random.integer(0, 9),
        anyBytes(random, 99),
      ),
    ]),
    headersFrame(1, callFields(pathOf("GetStatus"))),
    dataFrames(1, NOTHING, Flag.END_STREAM),
  ]),
  frames("header compression of anything", (random) => [
    frame(FrameType.HEADERS, Flag.END_HEADERS, 1, anyBytes(random, 400)),
    frame(FrameType.HEADERS, Flag.END_HEADERS, 3, Buffer.of(0x3f, 0xff, 0xff, 0xff, 0xff, 0x0f)),
    frame(FrameType.HEADERS, Flag.END_HEADERS, 5, Buffer.of(0xff, 0xff, 0xff, 0x7f)),
  ]),
  frames("changed bytes", (random) => {
    const valid = [1, 3, 5].flatMap((id) => [
      headersFrame(id, callFields(pathOf("GetStatus"))),
      dataFrames(id, NOTHING, Flag.END_STREAM),
    ]);
    return [flip(Buffer.concat(valid), random)];
  }),
  frames("anything", (random) => [anyBytes(random, 2000)]),
  silent("no preface", (random) => anyBytes(random, 500)),
  silent("half a preface", (random) => PREFACE.subarray(0, random.integer(0, PREFACE.length))),
  silent("HTTP/1.1", () =>
    Buffer.from("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"),
  ),
  silent("TLS", () => Buffer.from("16030100c8010000c40303", "hex")),
];

function frames(name: string, make: (random: Random) => readonly Buffer[]): Burst {
  return {
    name: `frames: ${name}`,
    run: async ({ address, random }) => {
      const all = Array.from({ length: CONNECTIONS }, () => make(random));
      await Promise.all(
        all.map((bytes) => withRaw(address, async (connection) => void connection.send(...bytes))),
      );
    },
  };
}

/** Of connections that do not begin as they have to. */
function silent(name: string, make: (random: Random) => Buffer): Burst {
  return {
    name: `bytes: ${name}`,
    run: async ({ address, random }) => {
      const all = Array.from({ length: CONNECTIONS }, () => make(random));
      await Promise.all(
        all.map((bytes) => withSilent(address, async (connection) => void connection.send(bytes))),
      );
    },
  };
}
