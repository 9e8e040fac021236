import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ReadResponseSchema } from "@varve/proto";
import { expect, it } from "vitest";
import { encodeReadHeader } from "./read-header.js";

it.each([
  [-1, 0],
  [-1, 5],
  [0, 1],
  [127, 128],
  [16_384, 2 ** 31],
  [2 ** 52, Number.MAX_SAFE_INTEGER],
])("the header of a read is as protobuf writes it: revision %i, head %i", (last, head) => {
  const bytes = encodeReadHeader(last, head);
  const message = fromBinary(ReadResponseSchema, bytes);
  expect(message.frame).toMatchObject({
    case: "header",
    value: { exists: last >= 0, head: BigInt(head) },
  });
  const { lastRevision } = message.frame.value as { lastRevision?: bigint };
  expect(lastRevision).toBe(last < 0 ? undefined : BigInt(last));
  expect(Buffer.from(toBinary(ReadResponseSchema, message))).toEqual(bytes);
});
