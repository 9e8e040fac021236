import { describe, expect, it } from "vitest";
import { createTestClock } from "./clock.js";

// Its story: an append by a clock of the year 12000 ended the whole process.
describe("a test clock", () => {
  it.each(["+010000-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "no time"])(
    "is not set to a time that no event is recorded at: %s",
    (text) => {
      expect(() => createTestClock(new Date(text))).toThrow(RangeError);
      expect(() => createTestClock().set(new Date(text))).toThrow(RangeError);
    },
  );

  it("goes up to the end of the year 9999, and no further", () => {
    const clock = createTestClock(new Date(0));
    const last = new Date("9999-12-31T23:59:59.999Z");
    clock.advance(last.getTime());
    expect(clock.now()).toEqual(last);
    expect(() => clock.advance(1)).toThrow(RangeError);
    expect(clock.now()).toEqual(last);
  });
});
