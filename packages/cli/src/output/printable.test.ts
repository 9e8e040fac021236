import { expect, it } from "vitest";
import { printable, printableLines } from "./printable.js";

it("escapes what could do something to a terminal", () => {
  expect(printable("a\u001b[31m\u0007\u009b\n")).toBe("a\\u001b[31m\\u0007\\u009b\\u000a");
  // "exe.txt" would be read as "txt.exe".
  expect(printable("\u202etxt.exe")).toBe("\\u202etxt.exe");
  expect(printable("\u2028\ud800")).toBe("\\u2028\ufffd");
});

it("leaves text alone, whatever its language", () => {
  const text = "Straße ☃ 👩‍👩‍👧 שלום e\u0301";
  expect(printable(text)).toBe(text);
});

it("leaves the lines of several lines", () => {
  expect(printableLines("a\u0007\nb")).toBe("a\\u0007\nb");
});
