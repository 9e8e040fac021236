import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { type ReadHeader, ReadRequestSchema, ReadResponseSchema } from "@varve/proto";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { EventStore } from "../event-store.js";
import { append, appendRequest, memoryDatabase, storeOn } from "../test-support/requests.js";

type Read = MessageInitShape<typeof ReadRequestSchema>;

interface Answer {
  readonly header: ReadHeader | undefined;
  /** What each event says: its data. */
  readonly data: readonly string[];
}

function decode(frames: readonly Buffer[]): Answer {
  const data: string[] = [];
  let header: ReadHeader | undefined;
  for (const bytes of frames) {
    const { frame } = fromBinary(ReadResponseSchema, bytes);
    if (frame.case === "header") header = frame.value;
    if (frame.case !== "events") continue;
    for (const { event } of frame.value.events)
      data.push(Buffer.from(event?.data ?? []).toString());
  }
  return { header, data };
}

async function read(store: EventStore, request: Read): Promise<Answer> {
  const frames: Buffer[] = [];
  for await (const frame of store.read(create(ReadRequestSchema, request))) {
    frames.push(Buffer.from(frame));
  }
  return decode(frames);
}

function readAtOnce(store: EventStore, request: Read): Answer | undefined {
  const frames = store.readInMemory(create(ReadRequestSchema, request));
  return frames && decode(frames);
}

const names = ["s-1", "s-2", "s-3", "s-4"];

const appends = fc.record({
  kind: fc.constant("append" as const),
  streams: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 8 }),
  /** Large ones are not kept. */
  bytes: fc.constantFrom(10, 10, 10, 3000, 20_000),
});
const reads = fc.record({
  kind: fc.constant("read" as const),
  stream: fc.constantFrom(...names, "none-1"),
  backwards: fc.boolean(),
  from: fc.option(fc.nat({ max: 20 }), { nil: undefined }),
  to: fc.option(fc.nat({ max: 60 }), { nil: undefined }),
  limit: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
  filtered: fc.boolean(),
  alongside: fc.boolean(),
});

/** A stream, as it is to be read. */
function expected(events: readonly string[], { backwards, from, to, limit }: Expected): string[] {
  const found = events.slice(from ?? 0, (to ?? events.length) + 1);
  return (backwards ? found.reverse() : found).slice(0, limit);
}
type Expected = Pick<
  Parameters<Parameters<typeof reads.map>[0]>[0],
  "backwards" | "from" | "to" | "limit"
>;

describe("streams in memory", () => {
  it.each([
    ["all of them", 24 * 1024 * 1024],
    ["hardly any", 3000],
  ])(
    "are what was appended, whatever came between, with room for %s",
    async (_, recentBytesMax) => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.oneof(appends, reads), { maxLength: 40 }), async (steps) => {
          const options = { recentBytesMax, tailBytesMax: 1, cacheBytesMax: 1 };
          const store = storeOn(memoryDatabase(), options);
          const model = new Map<string, string[]>();
          let count = 0;
          const appendTo = async (streams: readonly string[], bytes: number): Promise<void> => {
            const drafts = streams.map((stream) => ({
              stream,
              data: JSON.stringify(`${++count} ${"x".repeat(bytes)}`),
            }));
            await append(store, appendRequest(drafts));
            for (const { stream, data } of drafts) {
              model.set(stream, [...(model.get(stream) ?? []), data]);
            }
          };
          for (const step of steps) {
            if (step.kind === "append") {
              await appendTo(step.streams, step.bytes);
              continue;
            }
            const { stream, backwards, from, to, limit, filtered } = step;
            const request = {
              stream,
              direction: backwards ? 2 : 1,
              ...(from !== undefined && { fromRevision: BigInt(from) }),
              ...(to !== undefined && { toRevision: BigInt(to) }),
              ...(limit !== undefined && { limit: BigInt(limit) }),
              ...(filtered && { filter: { anyOf: [{ types: ["thing.*"] }] } }),
            } satisfies Read;
            const before = [...(model.get(stream) ?? [])];
            const [answer] = await Promise.all([
              read(store, request),
              step.alongside ? appendTo([stream], 10) : undefined,
            ]);
            // What was appended meanwhile may be in the answer or not.
            const isBefore = Number(answer.header?.lastRevision ?? -1n) === before.length - 1;
            const events = isBefore ? before : (model.get(stream) as string[]);
            expect(answer.data).toEqual(expected(events, step));
            expect(Number(answer.header?.lastRevision ?? -1n)).toBe(events.length - 1);
            const now = readAtOnce(store, request);
            if (now) expect(now.data).toEqual(expected(model.get(stream) ?? [], step));
          }
          await store.close();
        }),
        { numRuns: 150 },
      );
    },
  );

  it("are read without the disk once they were read", async () => {
    const db = memoryDatabase();
    const store = storeOn(db, { tailBytesMax: 1, cacheBytesMax: 1 });
    const iterate = vi.spyOn(db, "iterator");
    const get = vi.spyOn(db, "get");
    for (const data of ["1", "2"]) await append(store, appendRequest([{ stream: "s", data }]));
    expect(readAtOnce(store, { stream: "s" })).toBeUndefined();
    await read(store, { stream: "s" });
    await append(store, appendRequest([{ stream: "s", data: "3" }]));
    iterate.mockClear();
    get.mockClear();
    expect(readAtOnce(store, { stream: "s" })?.data).toEqual(["1", "2", "3"]);
    expect((await read(store, { stream: "s", direction: 2 })).data).toEqual(["3", "2", "1"]);
    expect((await read(store, { stream: "s", fromRevision: 1n })).data).toEqual(["2", "3"]);
    expect([iterate.mock.calls.length, get.mock.calls.length]).toEqual([0, 0]);
    await store.close();
  });

  it("are forgotten if they are appended to and not read any more", async () => {
    const store = storeOn(memoryDatabase());
    await append(store, appendRequest([{ stream: "s" }]));
    await read(store, { stream: "s" });
    for (let n = 0; n < 16; n++) await append(store, appendRequest([{ stream: "s" }]));
    expect(readAtOnce(store, { stream: "s" })?.data).toHaveLength(17);
    for (let n = 0; n < 17; n++) await append(store, appendRequest([{ stream: "s" }]));
    expect(readAtOnce(store, { stream: "s" })).toBeUndefined();
    await store.close();
  });

  it("keep what is newest of a stream that is long", async () => {
    const store = storeOn(memoryDatabase(), { tailBytesMax: 1, cacheBytesMax: 1 });
    for (let n = 0; n < 100; n++) {
      await append(store, appendRequest([{ stream: "s", data: String(n) }]));
    }
    expect((await read(store, { stream: "s" })).data).toHaveLength(100);
    expect(readAtOnce(store, { stream: "s" })).toBeUndefined();
    expect(readAtOnce(store, { stream: "s", fromRevision: 98n })?.data).toEqual(["98", "99"]);
    expect(readAtOnce(store, { stream: "s", direction: 2, limit: 1n })?.data).toEqual(["99"]);
    await store.close();
  });
});
