import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { AppendResult, NewEvent, VarveError } from "@varve/client";
import type { Limits } from "@varve/engine";
import { all, invalid, rejects } from "./check.js";
import type { Contract } from "./contract.js";
import { newEvent, newEvents, range, text } from "./events.js";
import type { TestCase } from "./test-case.js";

/** Something that an append may have so much of, and where it is told that it has more. */
interface Edge {
  readonly name: string;
  readonly maximum: keyof Limits | number;
  readonly field: string;
  readonly event: (size: number) => Partial<NewEvent> & { readonly stream?: string };
}

const edges: readonly Edge[] = [
  {
    name: "bytes of data",
    maximum: "eventDataBytesMax",
    field: "events[0].event.data",
    event: (size) => ({ data: new Uint8Array(size).fill(1) }),
  },
  {
    name: "bytes of metadata",
    maximum: "metadataBytesMax",
    field: "events[0].event.metadata",
    event: (size) => ({ metadata: { a: text(size - '{"a":""}'.length) } }),
  },
  {
    name: "bytes of a stream's name",
    maximum: "streamNameBytesMax",
    field: "events[0].stream",
    event: (size) => ({ stream: text(size) }),
  },
  {
    name: "bytes of a type",
    maximum: "typeBytesMax",
    field: "events[0].event.type",
    event: (size) => ({ type: text(size) }),
  },
  {
    name: "bytes of a tag",
    maximum: "tagBytesMax",
    field: "events[0].event.tags[1]",
    event: (size) => ({ tags: ["a", text(size)] }),
  },
  {
    name: "tags",
    maximum: "tagsMax",
    field: "events[0].event.tags",
    event: (size) => ({ tags: range(1, size).map((n) => `tag-${n}`) }),
  },
  {
    name: "bytes of a content type",
    maximum: 256,
    field: "events[0].event.content_type",
    event: (size) => ({ data: new Uint8Array(1), contentType: "a".repeat(size) }),
  },
];

/** How much an append may hold: exactly the maximum, and not one more. */
export function describeAppendLimits(contract: Contract): void {
  const { describe, it } = contract;
  describe("an append at its limits", () => {
    for (const { name, maximum, field, event } of edges) {
      it(`may have the maximum of ${name}, and not one more`, async (t) => {
        const size = typeof maximum === "number" ? maximum : t.limits[maximum];
        const { stream = "a", ...largest } = event(size);
        await t.client.append(stream, newEvent(largest));
        const { stream: long = "a", ...tooLarge } = event(size + 1);
        await invalid(t.client.append(long, newEvent(tooLarge)), field);
        await t.restart();
        const [stored, ...others] = await all(t.client.replay());
        deepStrictEqual(others, []);
        const { bytes, type, tags, metadata, contentType } = stored ?? {};
        const sent = { data: new Uint8Array(), ...newEvent(largest) };
        if (sent.contentType !== undefined) strictEqual(contentType, sent.contentType);
        deepStrictEqual([stored?.stream, type], [stream, sent.type]);
        deepStrictEqual([tags, metadata], [sent.tags ?? [], sent.metadata ?? {}]);
        if (largest.data instanceof Uint8Array) strictEqual(bytes?.length, largest.data.length);
      });
    }
    itLimitsEvents(contract);
    itLimitsBytes(contract);
    itLimitsConditions(contract);
  });
}

function itLimitsEvents({ it }: Contract): void {
  it("may have the maximum of events, and not one more", async (t) => {
    const maximum = t.limits.appendEventsMax;
    const { lastPosition } = await t.client.append("a", newEvents(maximum));
    strictEqual(lastPosition, BigInt(maximum));
    const tooMany = t.client.append("a", newEvents(maximum + 1));
    const { metadata } = await rejects(tooMany, "APPEND_TOO_LARGE");
    const actual = String(maximum + 1);
    deepStrictEqual(
      { ...metadata },
      { limit: "appendEventsMax", maximum: String(maximum), actual },
    );
    await t.restart();
    strictEqual((await t.client.getStream("a"))?.eventCount, BigInt(maximum));
  });
}

function itLimitsBytes({ it }: Contract): void {
  it("may have the maximum of bytes in all, and not one more", async (t) => {
    // How many bytes it has beside its data, only the refusal tells.
    const first = await tooLarge(t, appendOf(t, t.limits.appendBytesMax));
    const beside = first - t.limits.appendBytesMax;
    const largest = t.limits.appendBytesMax - beside;
    strictEqual(await tooLarge(t, appendOf(t, largest + 1)), t.limits.appendBytesMax + 1);
    const { lastPosition } = await appendOf(t, largest);
    await t.restart();
    const events = await t.client.read("a").toArray();
    strictEqual(BigInt(events.length), lastPosition);
    strictEqual(
      events.reduce((sum, { bytes }) => sum + bytes.length, 0),
      largest,
    );
  });
}

/** An append with so many bytes of data, in as many events as it takes. */
function appendOf(t: TestCase, dataBytes: number): Promise<AppendResult> {
  const count = Math.ceil(t.limits.appendBytesMax / t.limits.eventDataBytesMax) + 1;
  const each = Math.floor(dataBytes / count);
  const rest = dataBytes - each * (count - 1);
  const sizes = range(1, count).map((n) => (n === count ? rest : each));
  return t.client.append(
    "a",
    sizes.map((size) => newEvent({ data: new Uint8Array(size) })),
  );
}

/** Bytes that the refused append had. */
async function tooLarge(t: TestCase, append: Promise<AppendResult>): Promise<number> {
  const { metadata }: VarveError = await rejects(append, "APPEND_TOO_LARGE");
  const { limit, maximum, actual } = metadata;
  deepStrictEqual([limit, maximum], ["appendBytesMax", String(t.limits.appendBytesMax)]);
  ok(Number(actual) > t.limits.appendBytesMax);
  return Number(actual);
}

function itLimitsConditions({ it }: Contract): void {
  it("may have 64 conditions, and not one more", async (t) => {
    const conditions = range(1, 65).map(
      (n) => ({ stream: `s-${n}`, expect: "no-stream" }) as const,
    );
    const tooMany = t.client.append("a", newEvent(), { conditions });
    await invalid(tooMany, "conditions");
    const most = { conditions: conditions.slice(0, 64) };
    strictEqual((await t.client.append("a", newEvent(), most)).lastPosition, 1n);
  });

  it("may name a stream of the longest name in a condition, and none of a longer", async (t) => {
    const size = t.limits.streamNameBytesMax;
    const named = (stream: string): Promise<AppendResult> =>
      t.client.append("a", newEvent(), { conditions: [{ stream, expect: "no-stream" }] });
    await named(text(size));
    await invalid(named(text(size + 1)), "conditions[0].stream.stream");
    strictEqual((await t.client.status()).head, 1n);
  });
}
