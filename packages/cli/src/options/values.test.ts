import { describe, expect, it } from "vitest";
import { parseAddress, parseUuid } from "./values.js";

describe("parseUuid", () => {
  it("takes a UUID in any case", () => {
    const text = "0197E0A2-5c1e-7cc4-9d0b-6f2a1d3c4b5a";
    expect(parseUuid(text)).toBe(text);
  });

  it.each(["", "0197e0a25c1e7cc49d0b6f2a1d3c4b5a", "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5g"])(
    "refuses %j",
    (text) => {
      expect(() => parseUuid(text)).toThrow("It must be a UUID");
    },
  );
});

describe("parseAddress", () => {
  it.each([
    ["127.0.0.1:4270", "127.0.0.1:4270"],
    ["localhost:1", "localhost:1"],
    ["[::1]:65535", "[::1]:65535"],
    ["store.example", "store.example:4270"],
    ["http://store.example:80/", "store.example:80"],
  ])("takes %s", (text, address) => {
    expect(parseAddress(text, "earlier:1")).toBe(address);
  });

  it("takes an empty variable for one that is not set", () => {
    expect(parseAddress("", "earlier:1")).toBe("earlier:1");
  });

  it.each([":4270", "host:", "host:0", "host:65536", "::1:4270", "https://host:1"])(
    "refuses %s",
    (text) => {
      expect(() => parseAddress(text, "earlier:1")).toThrow("must be HOST:PORT");
    },
  );
});
