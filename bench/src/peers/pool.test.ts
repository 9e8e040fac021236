import { expect, it } from "vitest";
import { PAYLOAD_BYTES } from "../load/payload.ts";
import { makePool, Turns } from "./pool.ts";

it("makes the same events each time, of the size that all have", () => {
  const pool = makePool();
  expect(makePool()).toEqual(pool);
  expect(JSON.stringify(pool[0]?.payload)).toHaveLength(PAYLOAD_BYTES);
});

it("makes streams of a category", () => {
  for (const { stream } of makePool("conditional")) expect(stream).toMatch(/^conditional-\d{5}$/);
});

it("gives a stream to one caller at a time", () => {
  const turns = new Turns(makePool());
  const busy = Array.from({ length: 500 }, () => turns.begin());
  expect(new Set(busy.map(({ stream }) => stream)).size).toBe(500);
});

it("gives a stream again when its append has ended", () => {
  const turns = new Turns(["a", "a", "b"].map((stream) => ({ stream, payload: anyPayload })));
  const first = turns.begin();
  expect([first.stream, turns.begin().stream]).toEqual(["a", "b"]);
  turns.end(first);
  expect(turns.begin().stream).toBe("a");
});

const anyPayload = { customer: "", amountCents: 1, express: false, note: "" };
