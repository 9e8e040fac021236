import { describe, expect, it } from "vitest";
import { parseTime } from "./time.js";

describe("parseTime", () => {
  it.each([
    ["2026-01-02", "2026-01-02T00:00:00.000Z"],
    ["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678Z"],
    ["2026-01-02t03:04:05z", "2026-01-02T03:04:05.000Z"],
    ["2026-01-02T03:04:05+01:00", "2026-01-02T02:04:05.000Z"],
    ["2026-02-29T23:00:00-05:00".replace("2026", "2028"), "2028-03-01T04:00:00.000Z"],
    ["Fri, 02 Jan 2026 10:00:00 GMT", "2026-01-02T10:00:00.000Z"],
    ["2 January 2026 UTC", "2026-01-02T00:00:00.000Z"],
  ])("takes %s", (text, time) => {
    expect(parseTime(text).toISOString()).toBe(time);
  });

  it.each(["2026-01-02T03:04:05.678999Z", "2026-01-02T03:04:05.678000001Z"])(
    "drops what is finer than a millisecond: %s",
    (text) => {
      expect(parseTime(text).toISOString()).toBe("2026-01-02T03:04:05.678Z");
    },
  );

  it.each(["", "yesterday", "hello 5", "5", "1700000000000", "hello 2026", "Mayor 2026-1 2"])(
    "refuses %j",
    (text) => {
      expect(() => parseTime(text)).toThrow("It must be a time");
    },
  );

  it.each(["2026-02-30", "2026-02-29T00:00:00Z", "2026-13-01", "2026-04-31 10:00", "2026-01-00"])(
    "refuses a day that does not exist: %s",
    (text) => {
      expect(() => parseTime(text)).toThrow("It must be a time");
    },
  );

  it.each(["+010000-01-01", "+275760-09-13", "0000-12-31", "-000001-01-01"])(
    "refuses a year that the server does not know: %s",
    (text) => {
      expect(() => parseTime(text)).toThrow("years 1 to 9999");
    },
  );
});
