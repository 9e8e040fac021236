import { Direction, type ReplayRequest } from "@varve/proto";
import { describe, expect, it } from "vitest";
import {
  clientOf,
  collect,
  recordedRange,
  rejectionOf,
  type Service,
} from "../test-support/service.js";
import type { ReplayProgress } from "../types.js";

/** Events 1 to 3 and 7, of a log of ten. */
const someEvents: Service["replay"] = async function* () {
  yield { frame: { case: "header", value: { fromPosition: 1n, toPosition: 10n, head: 10n } } };
  yield { frame: { case: "events", value: { events: recordedRange(1, 3) } } };
  yield { frame: { case: "progress", value: { position: 6n } } };
  yield { frame: { case: "events", value: { events: recordedRange(7, 7) } } };
};

describe("replay", () => {
  it("yields the events, and has the header", async () => {
    await using client = clientOf({ replay: someEvents });
    const replay = client.replay();
    expect(await replay.header).toEqual({ from: 1n, to: 10n, head: 10n });
    const events = await collect(replay);
    expect(events.map(({ position }) => position)).toEqual([1n, 2n, 3n, 7n]);
  });

  it("tells its progress after each frame, and at the end of the range", async () => {
    await using client = clientOf({ replay: someEvents });
    const told: (ReplayProgress | bigint)[] = [];
    const onProgress = (progress: ReplayProgress): number => told.push(progress);
    for await (const { position } of client.replay({ onProgress })) told.push(position);
    const range = { from: 1n, to: 10n };
    expect(told).toEqual([
      1n,
      2n,
      3n,
      { position: 3n, ...range },
      { position: 6n, ...range },
      7n,
      { position: 7n, ...range },
      { position: 10n, ...range },
    ]);
  });

  it.each([
    ["of a limited replay", { limit: 4 }, 7n],
    ["of a replay backwards", { backwards: true }, 1n],
  ])("ends the progress %s where it is", async (_, options, last) => {
    await using client = clientOf({ replay: someEvents });
    const told: bigint[] = [];
    await collect(client.replay({ ...options, onProgress: ({ position }) => told.push(position) }));
    expect(told.at(-1)).toBe(last);
  });

  it("rejects with what onProgress throws", async () => {
    await using client = clientOf({ replay: someEvents });
    const why = new Error("bar is full");
    const onProgress = (): never => {
      throw why;
    };
    expect(await rejectionOf(collect(client.replay({ onProgress })))).toBe(why);
  });

  it("sends what it is told", async () => {
    let sent: ReplayRequest | undefined;
    await using client = clientOf({
      replay(request, context) {
        sent = request;
        return someEvents(request, context);
      },
    });
    const since = new Date(1_700_000_000_000);
    const until = new Date(1_700_000_001_000);
    const filter = [{ category: "order" }, { stream: "invoice-1", tags: ["x"] }];
    await collect(
      client.replay({ from: 2, to: 9n, since, until, backwards: true, limit: 5, filter }),
    );
    expect(sent).toMatchObject({
      workspace: "default",
      direction: Direction.BACKWARDS,
      fromPosition: 2n,
      toPosition: 9n,
      since: { seconds: 1_700_000_000n },
      until: { seconds: 1_700_000_001n },
      limit: 5n,
      filter: {
        anyOf: [
          { source: { case: "category", value: "order" } },
          { source: { case: "stream", value: "invoice-1" }, tags: ["x"] },
        ],
      },
    });
  });

  it("refuses position 0 at once: positions begin at 1", async () => {
    await using client = clientOf({});
    expect(() => client.replay({ from: 0 })).toThrow(RangeError);
  });

  it("refuses a time that the server cannot be told at once", async () => {
    await using client = clientOf({});
    const time = new Date("+010000-01-01T00:00:00Z");
    expect(() => client.replay({ since: time })).toThrow(RangeError);
    expect(() => client.replay({ until: time })).toThrow(RangeError);
  });
});
