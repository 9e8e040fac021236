import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { ClientDuplexStream } from "@grpc/grpc-js";
import { AppendStreamRequestSchema, AppendStreamResponseSchema } from "@varve/proto";
import { describe, expect, it } from "vitest";
import { expectReason, type Failed, fromFailure } from "../support/failure.js";
import { range, read } from "../support/frames.js";
import { RawClient, rawFailureOf } from "../support/raw-client.js";
import { newEvent } from "../support/requests.js";
import { startTestServer } from "../support/server.js";

type Call = ClientDuplexStream<Buffer, Buffer>;

const garbage: [string, Buffer][] = [
  ["a tag that is cut off", Buffer.of(0x80)],
  ["a length beyond the end", Buffer.of(0x0a, 0x05, 0x01)],
  ["a wire type that there is not", Buffer.of(0x0f, 0x00)],
  ["an append that is cut off", Buffer.of(0x0a, 0x02, 0x12, 0x7f)],
  ["text", Buffer.from("not protobuf at all")],
];

describe("a malformed frame of AppendStream", () => {
  it.each(garbage)("ends the call with MALFORMED_REQUEST: %s", async (_, bytes) => {
    const { address, client } = await startTestServer();
    const call = new RawClient(address).bidi("AppendStream");
    for (const n of range(0, 9)) call.write(frame(n));
    call.write(bytes);
    call.write(frame(10));
    const { answered, failure } = await drain(call);
    expectReason(failure, "MALFORMED_REQUEST");
    expect(answered).toEqual(range(0, 9));
    // What was sent after it is not looked at.
    const streams = await client.listStreams({});
    expect(streams.streams.map(({ stream }) => stream)).toEqual(range(0, 9).map((n) => `s-${n}`));
  });

  it("does not end other calls of the same connection", async () => {
    const { address } = await startTestServer();
    const raw = new RawClient(address);
    const [good, bad] = [raw.bidi("AppendStream"), raw.bidi("AppendStream")];
    good.write(frame(0));
    bad.write(Buffer.of(0xff));
    expectReason((await drain(bad)).failure, "MALFORMED_REQUEST");
    good.write(frame(1));
    good.end();
    const answered: number[] = [];
    for await (const bytes of good) answered.push(...correlationsIn(bytes));
    expect(answered).toEqual([0, 1]);
  });
});

describe("a malformed append in a frame that is well-formed", () => {
  it("is an outcome, and does not end the call", async () => {
    const { address, client } = await startTestServer();
    const call = new RawClient(address).bidi("AppendStream");
    const brokenAppend = Buffer.of(0x1a, 0x7f);
    call.write(Buffer.concat([frame(0), correlated(1, brokenAppend), frame(2)]));
    call.end();
    const outcomes = [];
    for await (const bytes of call) {
      outcomes.push(...fromBinary(AppendStreamResponseSchema, bytes).outcomes);
    }
    const byNumber = outcomes.toSorted((a, b) => Number(a.correlation - b.correlation));
    expect(byNumber.map(({ outcome }) => outcome.case)).toEqual(["success", "failure", "success"]);
    const failure = byNumber[1]?.outcome;
    if (failure?.case !== "failure") throw new Error("there must be a failure");
    expectReason(fromFailure(failure.value), "MALFORMED_REQUEST");
    expect((await read(client, { stream: "s-2" })).header.exists).toBe(true);
  });

  it("that is missing altogether is an outcome, too", async () => {
    const { address } = await startTestServer();
    const call = new RawClient(address).bidi("AppendStream");
    call.write(Buffer.of(0x0a, 0x02, 0x08, 0x2a)); // Only the correlation: 42.
    call.end();
    const outcomes = [];
    for await (const bytes of call) {
      outcomes.push(...fromBinary(AppendStreamResponseSchema, bytes).outcomes);
    }
    expect(outcomes).toMatchObject([{ correlation: 42n, outcome: { case: "failure" } }]);
    const [{ outcome } = { outcome: undefined }] = outcomes;
    if (outcome?.case !== "failure") throw new Error("there must be a failure");
    expectReason(fromFailure(outcome.value), "INVALID_REQUEST");
  });
});

/** A frame of one append, to the stream `s-N`. */
function frame(n: number): Buffer {
  const append = { events: [newEvent(`s-${n}`)] };
  const appends = [{ correlation: BigInt(n), append }];
  const message = create(AppendStreamRequestSchema, { appends });
  return Buffer.from(toBinary(AppendStreamRequestSchema, message));
}

/** A frame of one append that is already encoded, rightly or not. */
function correlated(correlation: number, append: Uint8Array): Buffer {
  const element = new BinaryWriter().tag(1, WireType.Varint).int64(correlation);
  element.tag(2, WireType.LengthDelimited).bytes(append);
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(element.finish());
  return Buffer.from(writer.finish());
}

function correlationsIn(bytes: Buffer): number[] {
  const { outcomes } = fromBinary(AppendStreamResponseSchema, bytes);
  return outcomes.map(({ correlation }) => Number(correlation));
}

/** Which appends were answered, and how the call failed. */
async function drain(call: Call): Promise<{ answered: number[]; failure: Failed }> {
  const answered: number[] = [];
  call.on("data", (bytes: Buffer) => answered.push(...correlationsIn(bytes)));
  const failure = await rawFailureOf(
    new Promise((_, reject) => {
      call.once("error", reject);
    }),
  );
  return { answered: answered.toSorted((a, b) => a - b), failure };
}
