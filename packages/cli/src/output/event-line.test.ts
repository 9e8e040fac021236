import { describe, expect, it } from "vitest";
import { recordedEvent } from "../testing/fake-client.js";
import { createPaint } from "./colours.js";
import { createEventLines } from "./event-line.js";

const plain = createPaint(false);

describe("createEventLines", () => {
  it("shows an event on one line, with what it can be filtered by", () => {
    const event = recordedEvent({
      tags: ["x:1", "y"],
      metadataBytes: Buffer.from('{"actor":"Ada","n":12345678901234567890}'),
    });
    expect(createEventLines(plain).format(event, 200)).toBe(
      "     1 2026-01-02 03:04:05.678Z order-1@0    order.Placed #x:1 #y {} " +
        'metadata: {"actor":"Ada", "n":12345678901234567890}',
    );
  });

  it("has columns as wide as what was measured before", () => {
    const lines = createEventLines(plain);
    const long = recordedEvent({ stream: "order-that-has-a-long-name", position: 123_456_789n });
    lines.measure(long);
    const narrow = lines.format(recordedEvent(), 200);
    expect(narrow.indexOf("order.Placed")).toBe(lines.format(long, 200).indexOf("order.Placed"));
  });

  it("puts what has no room below, broken between words, and cuts nothing of it", () => {
    const words = Array.from({ length: 20 }, (_, i) => `word-${i}`);
    const event = recordedEvent({
      tags: ["x:1"],
      bytes: Buffer.from(JSON.stringify({ text: words.join(" ") })),
      metadataBytes: Buffer.from('{"actor":"Ada"}'),
    });
    const lines = createEventLines(plain).format(event, 80).split("\n");
    expect(lines[0]).toMatch(/^ +1 .* order.Placed #x:1$/);
    expect(lines.at(-1)).toBe('       metadata: {"actor":"Ada"}');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    const data = lines.slice(1, -1).map((line) => line.trim());
    expect(data.join(" ")).toBe(JSON.stringify({ text: words.join(" ") }));
  });

  it("ends what is longer than a screen with an ellipsis", () => {
    const bytes = Buffer.from(JSON.stringify("long ".repeat(100_000)));
    const lines = createEventLines(plain).format(recordedEvent({ bytes }), 100).split("\n");
    expect(lines.length).toBeLessThan(20);
    expect(lines.at(-1)).toMatch(/…$/);
  });

  it("counts characters as a terminal shows them", () => {
    const lines = createEventLines(plain);
    const wide = lines.format(recordedEvent({ stream: "訂單-1" }), 200);
    const narrow = lines.format(recordedEvent({ stream: "ab-1" }), 200);
    expect(wide.indexOf("order.Placed")).toBe(narrow.indexOf("order.Placed") - 2);
  });

  it("shows the size of data that is not JSON", () => {
    const event = recordedEvent({ bytes: Buffer.from([1, 2]), contentType: "image/png" });
    expect(createEventLines(plain).format(event, 200)).toContain("<2 bytes of image/png>");
  });

  it("shows metadata however deep it is", () => {
    const text = `{"a":${"[".repeat(6_000)}${"]".repeat(6_000)}}`;
    const event = recordedEvent({ metadataBytes: Buffer.from(text) });
    expect(createEventLines(plain).format(event, 200)).toContain('metadata: {"a":[[[');
  });

  it.each([80, 200])("lets no control character through to a terminal of %i columns", (columns) => {
    const event = recordedEvent({
      stream: "a\u001b[31m",
      tags: ["\u0007", "\u009b"],
      bytes: Buffer.from('"\u202e\u0085"'),
      metadataBytes: Buffer.from('{"a":"\u009b31m"}'),
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    const hostile = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;
    expect(createEventLines(plain).format(event, columns)).not.toMatch(hostile);
  });

  it("colours the columns where colours are wanted", () => {
    expect(createEventLines(createPaint(true)).format(recordedEvent(), 200)).toContain("\u001b[");
  });
});
