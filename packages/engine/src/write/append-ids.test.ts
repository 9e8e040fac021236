import { create, toBinary } from "@bufbuild/protobuf";
import { AppendResponseSchema } from "@varve/proto";
import { expect, it } from "vitest";
import { defaultLimits } from "../limits.js";
import { parseAppend } from "../request/append.js";
import { appendRequest, encode, nextId } from "../test-support/requests.js";
import { answerRepeat } from "./append-ids.js";

// Earlier versions told a repeat by the bytes that were sent, whatever their order.
it("an append that an earlier version stored is recognised, also if its encoding is unusual", () => {
  const [usual, id] = [appendRequest([{ stream: "a" }]), appendRequest([], { appendId: nextId() })];
  const event = encode(usual);
  // An empty stream, which the name that follows replaces.
  const length = (event[1] as number) + 2;
  const unusual = Buffer.concat([Buffer.of(0x1a, length, 0x0a, 0), event.subarray(2), encode(id)]);
  const { identity } = parseAppend(unusual, defaultLimits);
  if (!identity) throw new Error("the append has no id");
  expect(identity.contentHash).not.toEqual(identity.sentHash);
  const response = Buffer.from(toBinary(AppendResponseSchema, create(AppendResponseSchema)));
  for (const contentHash of [identity.contentHash, identity.sentHash]) {
    expect(answerRepeat(identity, { contentHash, response })).toHaveLength(2);
  }
  const other = { contentHash: Buffer.alloc(16), response };
  expect(() => answerRepeat(identity, other)).toThrow("other content");
});
