import { expect, it } from "vitest";
import { recordedEvent } from "../testing/fake-client.js";
import { createPaint } from "./colours.js";
import { eventLong } from "./event-long.js";

const plain = createPaint(false);

it("shows every field of an event, with every digit", () => {
  const event = recordedEvent({
    position: 7n,
    revision: 2n,
    tags: ["x:1", "y"],
    bytes: Buffer.from('{"n":12345678901234567890,"list":[1,{}]}'),
    metadataBytes: Buffer.from('{"actor":"Ada"}'),
  });
  expect(eventLong(event, plain, 80).split("\n")).toEqual([
    "position      7",
    "stream        order-1",
    "revision      2",
    "type          order.Placed",
    "id            0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a",
    "recorded at   2026-01-02 03:04:05.678Z",
    "tags          x:1",
    "              y",
    "metadata      {",
    '                "actor": "Ada"',
    "              }",
    "data          {",
    '                "n": 12345678901234567890,',
    '                "list": [',
    "                  1,",
    "                  {}",
    "                ]",
    "              }",
    "",
  ]);
});

it("shows text as text, and other bytes by their size", () => {
  const text = { bytes: Buffer.from("one\ntwo\u001b[31m"), contentType: "text/plain" };
  const shown = eventLong(recordedEvent(text), plain, 80);
  expect(shown).toContain("content type  text/plain\ndata          <12 bytes of text/plain>\n");
  expect(shown).toContain("              one\n              two\\u001b[31m\n");
  const image = { bytes: Buffer.from("one"), contentType: "image/png" };
  expect(eventLong(recordedEvent(image), plain, 80)).toMatch(/<3 bytes of image\/png>\n$/);
});

it("wraps long values between words, below their beginning", () => {
  const bytes = Buffer.from(JSON.stringify({ text: "word ".repeat(30).trim() }));
  const lines = eventLong(recordedEvent({ bytes }), plain, 60).split("\n");
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
  expect(lines.filter((line) => /^ {16}word( word)+/.test(line)).length).toBeGreaterThan(2);
});
