import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Direction, type RecordedEvent } from "@varve/proto";
import { describe, expect, it } from "vitest";
import type { StoreClient } from "../support/client.js";
import { positions, type ReplayInit, range, replay, timeOf } from "../support/frames.js";
import { largeEvents, newEvent, newEvents } from "../support/requests.js";
import { startTestServer } from "../support/server.js";
import { sharedServer } from "../support/shared-server.js";

const backwards = Direction.BACKWARDS;

/** A log of ten events in five appends. */
async function appendTenEvents(client: StoreClient): Promise<void> {
  for (let i = 0; i < 5; i++) await client.append({ events: [newEvent("a"), newEvent("b")] });
}

describe("a replay", () => {
  const server = sharedServer(appendTenEvents);
  const ranges: [string, Omit<ReplayInit, "$typeName">, number[]][] = [
    ["everything", {}, range(1, 10)],
    ["everything forwards", { direction: Direction.FORWARDS }, range(1, 10)],
    ["everything backwards", { direction: backwards }, range(10, 1)],
    ["from 1", { fromPosition: 1n }, range(1, 10)],
    ["from the middle", { fromPosition: 6n }, range(6, 10)],
    ["from the head", { fromPosition: 10n }, [10]],
    ["from beyond the head", { fromPosition: 11n }, []],
    ["from far beyond the head", { fromPosition: 2n ** 63n - 1n }, []],
    ["to 1", { toPosition: 1n }, [1]],
    ["to the middle", { toPosition: 5n }, range(1, 5)],
    ["to beyond the head", { toPosition: 11n }, range(1, 10)],
    ["to far beyond the head", { toPosition: 2n ** 63n - 1n }, range(1, 10)],
    ["from and to the same", { fromPosition: 4n, toPosition: 4n }, [4]],
    ["from and to", { fromPosition: 4n, toPosition: 7n }, range(4, 7)],
    ["from after to", { fromPosition: 7n, toPosition: 4n }, []],
    ["limit 1", { limit: 1n }, [1]],
    ["a limit of the count", { limit: 10n }, range(1, 10)],
    ["a limit above the count", { limit: 11n }, range(1, 10)],
    ["a limit after from", { fromPosition: 4n, limit: 2n }, [4, 5]],
    [
      "backwards from and to",
      { direction: backwards, fromPosition: 4n, toPosition: 7n },
      range(7, 4),
    ],
    ["backwards with a limit", { direction: backwards, limit: 3n }, [10, 9, 8]],
    ["backwards, a limit below to", { direction: backwards, toPosition: 6n, limit: 2n }, [6, 5]],
  ];
  it.each(ranges)("gives %s", async (_, request, expected) => {
    const { client } = server();
    const { header, events } = await replay(client, request);
    expect(positions(events)).toEqual(expected);
    expect(header.head).toBe(10n);
  });

  it.each([
    ["without bounds", {}, 1n, 10n],
    ["with bounds", { fromPosition: 3n, toPosition: 6n }, 3n, 6n],
    ["with a bound beyond the head", { toPosition: 99n }, 1n, 10n],
    ["backwards", { direction: backwards, fromPosition: 3n }, 3n, 10n],
  ])("tells first what it will look at: %s", async (_, request, fromPosition, toPosition) => {
    const { client } = server();
    const { header, kinds } = await replay(client, request);
    expect(kinds[0]).toBe("header");
    expect(header).toMatchObject({ fromPosition, toPosition, head: 10n });
  });

  it("of an empty log has a header that says so, and ends", async () => {
    const { client } = await startTestServer();
    for (const direction of [Direction.FORWARDS, backwards]) {
      const { header, kinds } = await replay(client, { direction });
      expect(header.head).toBe(0n);
      expect(header.toPosition).toBeLessThan(header.fromPosition);
      expect(kinds).toEqual(["header"]);
    }
  });

  it("that begins beyond the head looks at nothing", async () => {
    const { client } = server();
    const { header } = await replay(client, { fromPosition: 11n });
    expect(header.toPosition).toBeLessThan(header.fromPosition);
  });

  it("ends at the head that was seen at the start", async () => {
    const { client, connect } = await startTestServer();
    await client.append({ events: largeEvents("s", 40, 100_000) });
    const answer = connect().replay({})[Symbol.asyncIterator]();
    const first = await answer.next();
    expect(first.value?.frame).toMatchObject({ case: "header", value: { head: 40n } });
    await client.append({ events: newEvents("s", 100) });
    const seen: number[] = [];
    for (let next = await answer.next(); !next.done; next = await answer.next()) {
      const { frame } = next.value;
      if (frame.case === "events") seen.push(...positions(frame.value.events));
    }
    expect(seen).toEqual(range(1, 40));
  });

  it("gives a log of many blocks and frames, in both directions", async () => {
    const { client } = await startTestServer();
    for (let i = 0; i < 6; i++) await client.append({ events: newEvents(`s-${i}`, 2000) });
    expect(positions((await replay(client)).events)).toEqual(range(1, 12_000));
    const last = await replay(client, { direction: backwards });
    expect(positions(last.events)).toEqual(range(12_000, 1));
    const part = { fromPosition: 1999n, toPosition: 7001n };
    expect(positions((await replay(client, part)).events)).toEqual(range(1999, 7001));
    const partBack = await replay(client, { ...part, direction: backwards });
    expect(positions(partBack.events)).toEqual(range(7001, 1999));
  });

  it("gives the same after a restart", async () => {
    const first = await startTestServer();
    for (let i = 0; i < 4; i++) await first.client.append({ events: newEvents(`s-${i}`, 500) });
    const before = await replay(first.client);
    await first.stop();
    const { client } = await startTestServer({ folder: first.folder });
    expect(await replay(client)).toEqual(before);
  });
});

describe("a replay by time", () => {
  interface Log {
    readonly client: StoreClient;
    readonly events: readonly RecordedEvent[];
    /** Every time there is, ascending. */
    readonly times: readonly number[];
  }

  /** Appends until there are at least five different times. */
  async function withTimes(): Promise<Log> {
    const { client } = await startTestServer();
    const times = new Set<number>();
    while (times.size < 5) {
      times.add(timeOf(await client.append({ events: newEvents("s", 2) })));
    }
    return { client, events: (await replay(client)).events, times: [...times] };
  }

  function between({ events }: Log, sinceMs: number, untilMs: number): number[] {
    return positions(events.filter((e) => timeOf(e) >= sinceMs && timeOf(e) <= untilMs));
  }

  it("since and until are inclusive, at every time there is", async () => {
    const log = await withTimes();
    for (const timeMs of log.times.flatMap((ms) => [ms - 1, ms, ms + 1])) {
      const time = timestampFromMs(timeMs);
      const since = await replay(log.client, { since: time });
      expect(positions(since.events)).toEqual(between(log, timeMs, Infinity));
      const until = await replay(log.client, { until: time });
      expect(positions(until.events)).toEqual(between(log, -Infinity, timeMs));
      const both = await replay(log.client, { since: time, until: time });
      expect(positions(both.events)).toEqual(between(log, timeMs, timeMs));
    }
  });

  it("tells in the header which positions that is", async () => {
    const log = await withTimes();
    const [sinceMs = 0, untilMs = 0] = [log.times[1], log.times[3]];
    const request = { since: timestampFromMs(sinceMs), until: timestampFromMs(untilMs) };
    const { header } = await replay(log.client, request);
    const expected = between(log, sinceMs, untilMs);
    expect(Number(header.fromPosition)).toBe(expected[0]);
    expect(Number(header.toPosition)).toBe(expected.at(-1));
  });

  it("is exact below the millisecond", async () => {
    const log = await withTimes();
    const [, second = 0] = log.times;
    const justAfter = {
      ...timestampFromMs(second),
      nanos: timestampFromMs(second).nanos + 400_000,
    };
    const since = await replay(log.client, { since: justAfter });
    expect(positions(since.events)).toEqual(between(log, second + 1, Infinity));
    const earlier = timestampFromMs(second - 1);
    const justBefore = { ...earlier, nanos: earlier.nanos + 600_000 };
    const until = await replay(log.client, { until: justBefore });
    expect(positions(until.events)).toEqual(between(log, -Infinity, second - 1));
  });

  it("goes with positions, direction and limit", async () => {
    const log = await withTimes();
    const [since, until] = [log.times[1] ?? 0, log.times[3] ?? 0];
    const expected = between(log, since, until);
    const request = {
      since: timestampFromMs(since),
      until: timestampFromMs(until),
      direction: backwards,
      fromPosition: BigInt((expected[0] ?? 0) + 1),
      limit: 3n,
    };
    const { events } = await replay(log.client, request);
    expect(positions(events)).toEqual(expected.slice(1).toReversed().slice(0, 3));
  });

  it("gives nothing before the first, after the last, or if since is after until", async () => {
    const log = await withTimes();
    const [first = 0, last = 0] = [log.times[0], log.times.at(-1)];
    for (const request of [
      { until: timestampFromMs(first - 1) },
      { since: timestampFromMs(last + 1) },
      { since: timestampFromMs(last), until: timestampFromMs(first) },
      { until: timestampFromMs(-1) },
    ]) {
      const { events, header } = await replay(log.client, request);
      expect(events).toEqual([]);
      expect(header.toPosition).toBeLessThan(header.fromPosition);
    }
  });
});
