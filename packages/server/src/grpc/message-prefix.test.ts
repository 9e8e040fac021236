import { FRAME_HEADROOM } from "@varve/engine";
import { describe, expect, it } from "vitest";
import { withPrefix } from "./message-prefix.js";

describe("the prefix of a message", () => {
  it("is written into the room before it", () => {
    const buffer = Buffer.allocUnsafeSlow(FRAME_HEADROOM + 300);
    const message = buffer.subarray(FRAME_HEADROOM).fill(7);
    const whole = withPrefix(message);
    expect(whole?.buffer).toBe(buffer.buffer);
    expect(whole?.subarray(0, 5)).toEqual(Buffer.of(0, 0, 0, 1, 44));
    expect(whole?.subarray(5)).toEqual(message);
  });

  it.each([
    ["in the middle of another buffer", Buffer.alloc(20).subarray(FRAME_HEADROOM, 10)],
    ["in a buffer without room", Buffer.alloc(20)],
    ["in the shared pool", Buffer.from("message")],
  ])("has no place %s", (_, message) => {
    expect(withPrefix(message)).toBeUndefined();
  });
});
