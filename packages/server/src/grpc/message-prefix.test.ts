import { lendFrame } from "@varve/engine";
import { describe, expect, it } from "vitest";
import { withPrefix } from "./message-prefix.js";

describe("the prefix of a message", () => {
  it("is written into the room before it", () => {
    const message = lendFrame(20_000).fill(7);
    const whole = withPrefix(message);
    expect(whole?.buffer).toBe(message.buffer);
    expect(whole?.subarray(0, 5)).toEqual(Buffer.of(0, 0, 0, 20_000 >> 8, 20_000 & 0xff));
    expect(whole?.subarray(5)).toEqual(message);
  });

  it("has no place before other messages", () => {
    expect(withPrefix(Buffer.from("message"))).toBeUndefined();
    expect(withPrefix(Buffer.alloc(20).subarray(5))).toBeUndefined();
  });
});
