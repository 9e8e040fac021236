import { describe, expect, it } from "vitest";
import { FRAME_HEADROOM, hasHeadroom, lendFrame, returnFrame } from "./frame-buffers.js";

describe("the buffer of a frame", () => {
  it("has room before the frame, and is used again when it is given back", () => {
    const frame = lendFrame(250_000);
    expect([frame.length, frame.byteOffset]).toEqual([250_000, FRAME_HEADROOM]);
    expect(hasHeadroom(frame)).toBe(true);
    returnFrame(frame);
    expect(hasHeadroom(frame)).toBe(false);
    const next = lendFrame(200_000);
    expect(next.buffer).toBe(frame.buffer);
    expect(next.length).toBe(200_000);
  });

  it("is never lent twice, even if it is given back twice", () => {
    const frame = lendFrame(200_000);
    returnFrame(frame);
    returnFrame(frame);
    expect(lendFrame(200_000).buffer).not.toBe(lendFrame(200_000).buffer);
  });

  it("is as large as a frame that is larger than most, which is not kept", () => {
    const frame = lendFrame(2_000_000);
    expect(frame.length).toBe(2_000_000);
    returnFrame(frame);
    expect(lendFrame(2_000_000).buffer).not.toBe(frame.buffer);
  });

  it("is no larger than a small frame, which is not kept either", () => {
    const frame = lendFrame(20_000);
    expect(frame.buffer.byteLength).toBe(FRAME_HEADROOM + 20_000);
    returnFrame(frame);
    expect(lendFrame(200_000).buffer).not.toBe(frame.buffer);
  });

  it("is none of what comes from elsewhere", () => {
    const message = Buffer.from("message");
    expect(hasHeadroom(message)).toBe(false);
    returnFrame(message);
    expect(lendFrame(20_000).buffer).not.toBe(message.buffer);
  });
});
