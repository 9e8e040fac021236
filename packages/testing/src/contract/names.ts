import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { InvalidRequestError, type NewEvent } from "@varve/client";
import { invalid, rejects } from "./check.js";
import type { Contract } from "./contract.js";
import { newEvent, range } from "./events.js";

/** What no name may be. */
const wrong: readonly string[] = [
  "",
  "$",
  "$system",
  "a\u0000",
  "a\nb",
  "\u001f",
  "\u007f",
  "\u0085",
];

/** Where an append has names, and an event that has this one there. */
const places: readonly (readonly [
  place: string,
  event: (name: string) => Partial<NewEvent>,
  field: string,
])[] = [
  ["type", (type) => ({ type }), "events[0].event.type"],
  ["tag", (tag) => ({ tags: ["a", tag] }), "events[0].event.tags[1]"],
];

const notUuids: readonly string[] = [
  "",
  "1",
  "0197e0a25c1e7cc49d0b6f2a1d3c4b5a",
  "{0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a}",
  "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5g",
  "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a0",
];

/** Which names an append may give, and how it is told that one is wrong. */
export function describeNames(contract: Contract): void {
  const { describe, it } = contract;
  describe("the name of a stream", () => {
    for (const name of wrong) {
      it(`may not be ${JSON.stringify(name)}, wherever it is given`, async (t) => {
        await t.client.append("a", newEvent());
        await invalid(t.client.append(name, newEvent()), "events[0].stream");
        await invalid(t.client.getStream(name), "stream");
        await invalid(t.client.read(name), "stream");
        await invalid(t.client.getSnapshot(name), "stream");
        const conditions = [{ stream: name, expect: "exists" }] as const;
        const append = t.client.append("a", newEvent(), { conditions });
        await invalid(append, "conditions[0].stream.stream");
        strictEqual((await t.client.status()).head, 1n);
      });
    }
  });
  for (const [place, event, field] of places) {
    describe(`a ${place}`, () => {
      for (const name of wrong) {
        it(`may not be ${JSON.stringify(name)}`, async (t) => {
          await invalid(t.client.append("a", newEvent(event(name))), field);
          strictEqual((await t.client.append("a", newEvent())).firstPosition, 1n);
        });
      }
    });
  }
  describeEventRules(contract);
}

function describeEventRules({ describe, it }: Contract): void {
  describe("an event that breaks a rule", () => {
    it("has a type that ends with an asterisk", async (t) => {
      for (const type of ["*", "order.*"]) {
        await invalid(t.client.append("a", newEvent({ type })), "events[0].event.type");
      }
      await t.client.append("a", newEvent({ type: "*.order" }));
    });

    it("has an id that is not a UUID", async (t) => {
      for (const id of notUuids) {
        await invalid(t.client.append("a", newEvent({ id })), "events[0].event.id");
      }
    });

    it("is told with every other, and its place", async (t) => {
      const events = [
        { stream: "$a", ...newEvent() },
        { stream: "b", ...newEvent() },
        { stream: "c", ...newEvent({ type: "", id: "7", tags: ["x", "$y"] }) },
      ];
      const event = "events[2].event";
      const fields = ["events[0].stream", `${event}.id`, `${event}.type`, `${event}.tags[1]`];
      await invalid(t.client.appendMany(events), ...fields);
    });

    it("is one of the first 16, if there are more", async (t) => {
      const events = range(1, 20).map(() => newEvent({ type: "" }));
      const error = await rejects(t.client.append("a", events), "INVALID_REQUEST");
      ok(error instanceof InvalidRequestError);
      const expected = range(0, 15).map((n) => `events[${n}].event.type`);
      deepStrictEqual(
        error.fieldViolations.map(({ field }) => field),
        expected,
      );
    });
  });
}
