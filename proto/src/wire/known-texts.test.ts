import { describe, expect, it } from "vitest";
import { textOf } from "./known-texts.js";

const read = (bytes: Buffer): string | undefined =>
  textOf(Buffer.concat([Buffer.of(0), bytes, Buffer.of(0)]), 1, bytes.length + 1);

describe("a text of a message", () => {
  it("is what its bytes say, the first time and again", () => {
    const texts = Array.from({ length: 20_000 }, (_, i) => `stream-${i % 9000}`);
    texts.push("", "\u0000", "caf\u00e9", "\u4f60\u597d", "\u{1f44d}", "long ".repeat(100));
    for (const text of [...texts, ...texts]) expect(read(Buffer.from(text))).toBe(text);
  });

  it("is none if its bytes are not UTF-8, though others like them are", () => {
    expect(read(Buffer.from("caf\u00e9"))).toBe("caf\u00e9");
    expect(read(Buffer.from("caf\u00e9", "latin1"))).toBeUndefined();
    expect(read(Buffer.from("caf\u00e9", "latin1"))).toBeUndefined();
    expect(read(Buffer.from("caf\ufffd"))).toBe("caf\ufffd");
  });

  it("does not change with the bytes that it was read from", () => {
    const bytes = Buffer.from("order-1");
    expect(textOf(bytes, 0, bytes.length)).toBe("order-1");
    bytes.write("order-2");
    expect(textOf(bytes, 0, bytes.length)).toBe("order-2");
    expect(read(Buffer.from("order-1"))).toBe("order-1");
  });
});
