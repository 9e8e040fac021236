import { describe, expect, it } from "vitest";
import { recordedEvent } from "../testing/fake-client.js";
import { createPaint } from "./colours.js";
import { createEventLine } from "./event-line.js";

const plain = createPaint(false);

describe("createEventLine", () => {
  it("shows an event on one line", () => {
    const line = createEventLine(plain)(recordedEvent({ tags: ["x:1"] }), 200);
    expect(line).toBe(
      "     1 2026-01-02 03:04:05.678Z order-1@0        order.Placed         {} #x:1",
    );
  });

  it("lines up the columns of a line with wider ones before it", () => {
    const format = createEventLine(plain);
    const wide = format(recordedEvent({ stream: "order-that-has-a-long-name" }), 200);
    const narrow = format(recordedEvent(), 200);
    expect(narrow.indexOf("order.Placed")).toBe(wide.indexOf("order.Placed"));
  });

  it("cuts what does not fit the terminal", () => {
    const bytes = Buffer.from(JSON.stringify("long ".repeat(50)));
    const line = createEventLine(plain)(recordedEvent({ bytes }), 100);
    expect(line).toHaveLength(100);
    expect(line.endsWith("…")).toBe(true);
  });

  it("shows the size of data that is not JSON", () => {
    const event = recordedEvent({ bytes: Buffer.from([1, 2]), contentType: "image/png" });
    expect(createEventLine(plain)(event, 200)).toContain("<2 bytes of image/png>");
  });

  it("lets no control character through to the terminal", () => {
    const event = recordedEvent({ stream: "a\u001b[31m", tags: ["\u0007", "\u009b"] });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(createEventLine(plain)(event, 200)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });

  it("colours the columns where colours are wanted", () => {
    expect(createEventLine(createPaint(true))(recordedEvent(), 200)).toContain("\u001b[");
  });
});
