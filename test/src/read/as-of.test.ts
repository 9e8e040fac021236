import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Direction, type RecordedEvent } from "@varve/proto";
import { describe, expect, it } from "vitest";
import type { StoreClient } from "../support/client.js";
import { range, read, replay, revisions, timeOf } from "../support/frames.js";
import { newEvent } from "../support/requests.js";
import { startTestServer } from "../support/server.js";

interface Log {
  readonly client: StoreClient;
  readonly events: readonly RecordedEvent[];
}

/** Events of two streams with at least three different times, appended one by one. */
async function withTimes(): Promise<Log> {
  const { client } = await startTestServer();
  const times = new Set<number>();
  while (times.size < 4) {
    times.add(timeOf(await client.append({ events: [newEvent("s"), newEvent("other")] })));
  }
  return { client, events: (await replay(client)).events };
}

/** What a read as of a time must give: the revisions of "s" up to it. */
function upTo({ events }: Log, timeMs: number): number[] {
  return revisions(events.filter((e) => e.stream === "s" && timeOf(e) <= timeMs));
}

describe("a read as of a time", () => {
  it("before the first event says that the stream does not exist", async () => {
    const log = await withTimes();
    const asOf = timestampFromMs(timeOf(log.events[0] as RecordedEvent) - 1);
    const { header, events } = await read(log.client, { stream: "s", asOf });
    expect(header.exists).toBe(false);
    expect(header.lastRevision).toBeUndefined();
    expect(header.head).toBe(BigInt(log.events.length));
    expect(events).toEqual([]);
  });

  it("at, before and after each recorded time gives what was there", async () => {
    const log = await withTimes();
    for (const timeMs of new Set(log.events.map(timeOf))) {
      for (const asOfMs of [timeMs - 1, timeMs, timeMs + 1]) {
        const asOf = timestampFromMs(asOfMs);
        const { header, events } = await read(log.client, { stream: "s", asOf });
        const expected = upTo(log, asOfMs);
        expect(revisions(events)).toEqual(expected);
        expect(header.exists).toBe(expected.length > 0);
        expect(header.lastRevision).toBe(
          expected.length > 0 ? BigInt(expected.length - 1) : undefined,
        );
      }
    }
  });

  it("is exact below the millisecond", async () => {
    const log = await withTimes();
    const [first, second] = [...new Set(log.events.map(timeOf))];
    const justBefore = { ...timestampFromMs((second ?? 0) - 1) };
    justBefore.nanos += 999_999;
    const { events } = await read(log.client, { stream: "s", asOf: justBefore });
    expect(revisions(events)).toEqual(upTo(log, first ?? 0));
  });

  it("far in the future gives everything", async () => {
    const log = await withTimes();
    const asOf = timestampFromMs(Date.UTC(9999, 0));
    const { events } = await read(log.client, { stream: "s", asOf });
    expect(revisions(events)).toEqual(upTo(log, Number.MAX_SAFE_INTEGER));
  });

  it.each([0, -1, Date.UTC(1, 0)])("long ago gives nothing: %i ms", async (ms) => {
    const { client } = await withTimes();
    const { header } = await read(client, { stream: "s", asOf: timestampFromMs(ms) });
    expect(header.exists).toBe(false);
  });

  it("goes with direction, range and limit", async () => {
    const log = await withTimes();
    const times = [...new Set(log.events.map(timeOf))];
    const asOfMs = times[2] ?? 0;
    const expected = upTo(log, asOfMs);
    const asOf = timestampFromMs(asOfMs);
    const request = { stream: "s", asOf, direction: Direction.BACKWARDS };
    expect(revisions((await read(log.client, request)).events)).toEqual(expected.toReversed());
    const two = await read(log.client, { ...request, limit: 2n, fromRevision: 1n });
    expect(revisions(two.events)).toEqual(expected.slice(1).toReversed().slice(0, 2));
  });

  it("finds the time in a log of many blocks, after a restart", async () => {
    const first = await startTestServer();
    for (const n of range(0, 149)) {
      await first.client.append({ events: [newEvent(`s-${n % 3}`), newEvent("s")] });
    }
    await first.stop();
    const { client } = await startTestServer({ folder: first.folder });
    const { events } = await replay(client);
    for (const timeMs of new Set(events.map(timeOf))) {
      const answer = await read(client, { stream: "s", asOf: timestampFromMs(timeMs) });
      expect(revisions(answer.events)).toEqual(upTo({ client, events }, timeMs));
    }
  });
});
