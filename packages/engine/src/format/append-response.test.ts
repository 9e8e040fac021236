import { fromBinary } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { AppendResponseSchema } from "@varve/proto";
import { describe, expect, it } from "vitest";
import { encodeAppendResponse } from "./append-response.js";

describe("an encoded response", () => {
  it.each([
    ["the first event of all", 1, 1, [["s", 0, 0]]],
    ["far out", 2 ** 40, 2 ** 40 + 4095, [["ä".repeat(200), 2 ** 33, 2 ** 33 + 4095]]],
    [
      "several streams",
      5,
      7,
      [
        ["a", 0, 0],
        ["b-1", 9, 9],
        ["c", 127, 128],
      ],
    ],
  ] as const)("of %s says what any decoder reads", (_, firstPosition, lastPosition, written) => {
    const timeMs = 1_700_000_000_123;
    const ranges = written.map(([stream, firstRevision, lastRevision]) => ({
      stream,
      firstRevision,
      lastRevision,
    }));
    const encoded = encodeAppendResponse({ firstPosition, lastPosition, timeMs, ranges });
    const decoded = fromBinary(AppendResponseSchema, encoded);
    expect(decoded.recordedAt && timestampMs(decoded.recordedAt)).toBe(timeMs);
    expect(decoded).toMatchObject({
      firstPosition: BigInt(firstPosition),
      lastPosition: BigInt(lastPosition),
      repeat: false,
      streams: ranges.map(({ stream, firstRevision, lastRevision }) => ({
        stream,
        firstRevision: BigInt(firstRevision),
        lastRevision: BigInt(lastRevision),
      })),
    });
  });
});
