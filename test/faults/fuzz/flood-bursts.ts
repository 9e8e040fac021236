import { create, toBinary } from "@bufbuild/protobuf";
import { AppendRequestSchema } from "@varve/proto";
import {
  dataFrames,
  Flag,
  FrameType,
  frame,
  headersFrame,
  pingFrame,
  rstFrame,
  Setting,
  settingsFrame,
  windowFrame,
} from "../http2/frames.ts";
import { grpcBody, pathOf } from "../http2/grpc.ts";
import { callFields, encodeFields, type Fields } from "../http2/hpack.ts";
import type { RawConnection } from "../http2/raw-connection.ts";
import type { Burst, Target } from "./burst.ts";
import { anyAppend } from "./messages.ts";
import { withRaw, withSilent } from "./raw.ts";

const NOTHING = grpcBody(Buffer.alloc(0));
/** Frames that are sent together. */
const AT_ONCE = 500;

/** Frames that are right, each of them, and far too many. */
export const floodBursts: readonly Burst[] = [
  flood("pings", 50_000, () => pingFrame()),
  flood("settings", 20_000, (i) => settingsFrame([[Setting.INITIAL_WINDOW_SIZE, 1000 + i]])),
  flood("acknowledgements", 20_000, () => frame(FrameType.SETTINGS, Flag.ACK, 0)),
  flood("windows", 50_000, () => windowFrame(0, 1)),
  flood("unknown frames", 50_000, () => frame(99, 0, 0, Buffer.alloc(4))),
  flood("priorities", 20_000, (i) =>
    frame(FrameType.PRIORITY, 0, 2 * i + 1, Buffer.from([0, 0, 0, 0, 16])),
  ),
  flood("calls without an end", 10_000, (i) =>
    headersFrame(2 * i + 1, callFields(pathOf("AppendStream"))),
  ),
  flood("empty data", 50_000, (i) =>
    i === 0 ? headersFrame(1, callFields(pathOf("AppendStream"))) : frame(FrameType.DATA, 0, 1),
  ),
  flood("calls that are reset at once", 10_000, (i) =>
    Buffer.concat([headersFrame(2 * i + 1, callFields(pathOf("GetStatus"))), rstFrame(2 * i + 1)]),
  ),
  flood("subscriptions that are reset at once", 5000, (i) =>
    Buffer.concat([
      headersFrame(2 * i + 1, callFields(pathOf("Subscribe"))),
      dataFrames(2 * i + 1, NOTHING, Flag.END_STREAM),
      rstFrame(2 * i + 1),
    ]),
  ),
  flood("calls that break the rules, so that the server resets them", 10_000, (i) =>
    Buffer.concat([
      headersFrame(2 * i + 1, callFields(pathOf("GetStatus"))),
      windowFrame(2 * i + 1, 0),
    ]),
  ),
  flood("continuations", 20_000, (i) =>
    i === 0
      ? headersFrame(1, callFields(pathOf("GetStatus")), 0)
      : frame(FrameType.CONTINUATION, 0, 1, encodeFields([[`x-${i}`, "y"]])),
  ),
  flood("empty continuations", 50_000, (i) =>
    i === 0
      ? headersFrame(1, callFields(pathOf("GetStatus")), 0)
      : frame(FrameType.CONTINUATION, 0, 1),
  ),
  flood("header lists of 1,000 fields", 500, (i) => headersFrame(2 * i + 1, manyFields(1000))),
  flood("header fields of 15 KiB", 2000, (i) =>
    headersFrame(2 * i + 1, [...callFields(pathOf("AppendStream")), ["x", "y".repeat(15_000)]]),
  ),
  { name: "flood: appends that are reset at once", run: resetAppends },
  { name: "flood: connections", run: manyConnections },
];

function flood(name: string, count: number, make: (i: number) => Buffer): Burst {
  return {
    name: `flood: ${name}`,
    run: ({ address }) => withRaw(address, (connection) => sendAll(connection, count, make)),
  };
}

async function sendAll(
  connection: RawConnection,
  count: number,
  make: (i: number) => Buffer,
): Promise<void> {
  for (let at = 0; at < count && !connection.isClosed; at += AT_ONCE) {
    const frames = Array.from({ length: AT_ONCE }, (_, i) => make(at + i));
    connection.send(Buffer.concat(frames));
    await connection.drained();
  }
}

function manyFields(count: number): Fields {
  return callFields(
    pathOf("GetStatus"),
    Array.from({ length: count }, (_, i) => [`x-${i}`, "y"] as const),
  );
}

/** Whether they are stored is open; if so, then as they were sent. */
async function resetAppends({ address, random, ledger }: Target): Promise<void> {
  await withRaw(address, (connection) =>
    sendAll(connection, 1000, (i) => {
      const append = toBinary(AppendRequestSchema, create(AppendRequestSchema, anyAppend(random)));
      ledger.unanswered(append);
      const id = 2 * i + 1;
      return Buffer.concat([
        headersFrame(id, callFields(pathOf("Append"))),
        dataFrames(id, grpcBody(append), Flag.END_STREAM),
        rstFrame(id),
      ]);
    }),
  );
}

/** Half of them say nothing. */
async function manyConnections({ address }: Target): Promise<void> {
  const nothing = async (): Promise<void> => {};
  const all = Array.from({ length: 300 }, (_, i) =>
    i % 2 === 0 ? withRaw(address, nothing) : withSilent(address, nothing),
  );
  await Promise.all(all);
}
