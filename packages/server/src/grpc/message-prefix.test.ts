import { lendFrame } from "@varve/engine";
import { describe, expect, it } from "vitest";
import { JoinedMessages, withPrefix } from "./message-prefix.js";

describe("the prefix of a message", () => {
  it("is written into the room before it", () => {
    const message = lendFrame(20_000).fill(7);
    const whole = withPrefix(message);
    expect(whole?.buffer).toBe(message.buffer);
    expect(whole?.subarray(0, 5)).toEqual(Buffer.of(0, 0, 0, 20_000 >> 8, 20_000 & 0xff));
    expect(whole?.subarray(5)).toEqual(message);
  });

  it("is before each message of an answer in one piece", () => {
    const { bytes } = new JoinedMessages([Buffer.of(7), Buffer.alloc(0), Buffer.alloc(300, 8)]);
    expect(bytes.subarray(0, 11)).toEqual(Buffer.of(0, 0, 0, 0, 1, 7, 0, 0, 0, 0, 0));
    expect(bytes.subarray(11, 16)).toEqual(Buffer.of(0, 0, 0, 300 >> 8, 300 & 0xff));
    expect(bytes.subarray(16)).toEqual(Buffer.alloc(300, 8));
  });

  it("has no place before other messages", () => {
    expect(withPrefix(Buffer.from("message"))).toBeUndefined();
    expect(withPrefix(Buffer.alloc(20).subarray(5))).toBeUndefined();
  });
});
