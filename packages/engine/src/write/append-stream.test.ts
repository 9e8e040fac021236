import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AppendResponseSchema,
  AppendStreamRequestSchema,
  AppendStreamResponseSchema,
} from "@varve/proto";
import { describe, expect, it } from "vitest";
import { appendStream, type OutcomeRoom, type StartAppend } from "./append-stream.js";

const never = new AbortController().signal;

/** A frame of one append. */
function frame(correlation: number): Buffer {
  const appends = [{ correlation: BigInt(correlation), append: {} }];
  const request = create(AppendStreamRequestSchema, { appends });
  return Buffer.from(toBinary(AppendStreamRequestSchema, request));
}

/** As many frames as are asked for, and how many that were. */
function endless(): { frames: AsyncGenerator<Buffer>; count: () => number } {
  let count = 0;
  async function* frames(): AsyncGenerator<Buffer> {
    for (;;) yield frame(count++);
  }
  return { frames: frames(), count: () => count };
}

/** Every append has an outcome of about so many bytes at once. */
function answering(bytes: number): StartAppend {
  const streams = [{ stream: "s".repeat(bytes) }];
  const response = toBinary(AppendResponseSchema, create(AppendResponseSchema, { streams }));
  return () => ({ outcome: Promise.resolve(Buffer.from(response)) });
}

/** Until nothing moves any more. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve));
}

function correlationsIn(bytes: Buffer): bigint[] {
  const { outcomes } = fromBinary(AppendStreamResponseSchema, bytes);
  return outcomes.map(({ correlation }) => correlation);
}

describe("an AppendStream call whose outcomes are not taken", () => {
  it("is not read further while a mebibyte of them waits, and goes on when they are", async () => {
    const { frames, count } = endless();
    const outcomes = appendStream(frames, answering(100_000), { stopping: never });
    const first = await outcomes.next();
    await settled();
    const read = count();
    expect(read).toBeLessThan(30);
    for (let taken = correlationsIn(first.value as Buffer).length; taken < 100; ) {
      taken += correlationsIn((await outcomes.next()).value as Buffer).length;
    }
    expect(count()).toBeGreaterThan(read);
    await outcomes.return(undefined);
  });

  it("is over when there is no room for one more", async () => {
    const { frames } = endless();
    let left = 5;
    const held: number[] = [];
    const room: OutcomeRoom = {
      hold: (bytes) => {
        held.push(bytes);
        return left-- > 0;
      },
      release: (bytes) => held.push(-bytes),
    };
    const taken: bigint[] = [];
    for await (const bytes of appendStream(frames, answering(10), { stopping: never, room })) {
      taken.push(...correlationsIn(bytes));
    }
    expect(taken.length).toBeLessThanOrEqual(5);
    await settled();
    expect(held.filter((bytes) => bytes > 0)).toHaveLength(6);
  });
});
