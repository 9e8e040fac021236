import { expect, it } from "vitest";
import { countOf, formatBytes, formatDuration } from "./format.js";

it.each([
  [0, "0 events"],
  [1n, "1 event"],
  [12_345, "12,345 events"],
])("counts %s events", (count, text) => {
  expect(countOf(count, "event")).toBe(text);
});

it.each([
  [999, "999 bytes"],
  [1784, "1.8 kB"],
  [1_784_301, "1.8 MB"],
  [5e12, "5.0 TB"],
])("says how much %s bytes are", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  [400, "0 s"],
  [8_000, "8 s"],
  [185_000, "3 min 5 s"],
  [3_600_000, "1 h"],
  [7_440_500, "2 h 4 min"],
  [266_400_000, "3 d 2 h"],
])("says how long %s ms are", (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});
