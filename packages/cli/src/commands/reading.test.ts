import { describe, expect, it } from "vitest";
import { FakeClient, recordedEvent } from "../testing/fake-client.js";
import { parseLines, run } from "../testing/run.js";

function clientWith(...types: string[]): FakeClient {
  const client = new FakeClient();
  for (const type of types) {
    const position = BigInt(client.log.length + 1);
    client.log.push(recordedEvent({ position, revision: position - 1n, type }));
  }
  return client;
}

describe("varve read", () => {
  it("prints the events of a stream as NDJSON", async () => {
    const { status, out } = await run(["read", "order-1"], { client: clientWith("a", "b") });
    expect(status).toBe(0);
    expect(parseLines(out)).toMatchObject([{ type: "a" }, { type: "b", revision: "1" }]);
  });

  it("passes its options on, and only those that are given", async () => {
    const client = clientWith("a");
    const words = "read order-1 --from 1 --to 5 --backwards --limit 2 --as-of 2026-01-02";
    await run(words.split(" "), { client });
    await run(["read", "order-1"], { client });
    const asOf = new Date("2026-01-02T00:00:00Z");
    expect(client.asked.map(({ options }) => options)).toEqual([
      { from: 1n, to: 5n, backwards: true, limit: 2n, asOf },
      {},
    ]);
  });

  it("reads the events with a type and tags", async () => {
    const client = clientWith("a");
    await run(["read", "order-1", "--type", "a.*", "--tag", "x", "--tag", "y"], { client });
    expect(client.asked).toMatchObject([
      { options: { filter: { types: ["a.*"], tags: ["x", "y"] } } },
    ]);
  });

  it("refuses a stream that does not exist", async () => {
    const { status, out, err } = await run(["read", "order-2"], { client: clientWith("a") });
    expect([status, out]).toEqual([1, ""]);
    expect(err).toBe('varve: The stream "order-2" does not exist.\n');
  });

  it("says so if the whole workspace is empty: its name may be mistyped", async () => {
    const { err } = await run(["read", "order-2"], { client: clientWith() });
    expect(err).toBe(
      'varve: The stream "order-2" does not exist; nothing was ever appended to this workspace.\n',
    );
  });

  it("refuses a stream that did not exist at the time", async () => {
    const words = ["read", "order-2", "--as-of", "2020-01-01", "--json"];
    const { status, err } = await run(words, { client: clientWith("a") });
    expect(status).toBe(1);
    expect(JSON.parse(err)).toEqual({
      error: {
        code: "NOT_FOUND",
        reason: "STREAM_NOT_FOUND",
        message: 'The stream "order-2" did not exist at 2020-01-01T00:00:00.000Z.',
        stream: "order-2",
      },
    });
  });

  it("prints one line an event on a terminal, and NDJSON there too with --json", async () => {
    const client = clientWith("a", "b");
    const table = await run(["read", "order-1"], { client, isTerminal: true });
    expect(table.out.split("\n")).toEqual([
      expect.stringMatching(/^ +1 2026.* order-1@0 +a +\{\}$/),
      expect.stringMatching(/^ +2 2026.* order-1@1 +b +\{\}$/),
      "",
    ]);
    const long = await run(["read", "order-1", "--long"], { client });
    expect(long.out).toMatch(/^position +1\nstream +order-1\nrevision +0\n/);
    const ndjson = await run(["read", "order-1", "--json"], { client, isTerminal: true });
    expect(parseLines(ndjson.out)).toHaveLength(2);
  });
});

describe("varve replay", () => {
  it("prints the log", async () => {
    const { out } = await run(["replay"], { client: clientWith("a", "b") });
    expect(parseLines(out)).toMatchObject([{ position: "1" }, { position: "2" }]);
  });

  it("passes its options on as one clause of a filter", async () => {
    const client = clientWith();
    const range = "replay --from 2 --to 9 --since 2026-01-02 --until 2026-01-03 --limit 1";
    const filter = "--type a.* --type b --tag x --tag y --category order --backwards";
    await run([...range.split(" "), ...filter.split(" ")], { client });
    expect(client.asked).toMatchObject([
      {
        options: {
          from: 2n,
          to: 9n,
          since: new Date("2026-01-02T00:00:00Z"),
          until: new Date("2026-01-03T00:00:00Z"),
          limit: 1n,
          backwards: true,
          filter: { types: ["a.*", "b"], tags: ["x", "y"], category: "order" },
        },
      },
    ]);
  });

  it("asks for everything if nothing is given", async () => {
    const client = clientWith();
    await run(["replay"], { client });
    expect(client.asked).toEqual([{ options: { onProgress: expect.any(Function) } }]);
  });
});

describe("an empty result", () => {
  it.each([
    ["replay", "The log has no event.\n"],
    ["replay --backwards", "The log has no event.\n"],
    ["replay --type a", "No event of the log matches.\n"],
    ["export", "The log has no event.\n"],
    ["export --to 7", "No event of the log matches.\n"],
    ["streams", "There are no streams.\n"],
    ["streams --prefix a", 'There is no stream whose name starts with "a".\n'],
  ])("of %s is told on standard error, and with --json not", async (words, told) => {
    for (const isTerminal of [true, false]) {
      const result = await run(words.split(" "), { client: clientWith(), isTerminal });
      expect(result).toEqual({ status: 0, out: "", err: told });
    }
    const json = await run([...words.split(" "), "--json"], { client: clientWith() });
    expect(json).toEqual({ status: 0, out: "", err: "" });
  });

  // A workspace whose name was mistyped is empty: "The log has no event." was all that was said.
  it.each(["replay", "export", "streams", "replay --type a"])(
    "of %s names the workspace that was named",
    async (words) => {
      const asked = [...words.split(" "), "--workspace", "ordres"];
      const { err } = await run(asked, { client: clientWith() });
      expect(err).toMatch(/\. The workspace is "ordres"\.\n$/);
    },
  );
});

describe("varve export", () => {
  it("chooses events as replay does", async () => {
    const chosen =
      "--from 2 --to 9 --since 2026-01-02 --until 2026-01-03 --type a.* --tag x --stream order-1";
    const asked = await Promise.all(
      ["export", "replay"].map(async (command) => {
        const client = clientWith("a");
        await run([command, ...chosen.split(" ")], { client });
        return client.asked.map(({ options }) => ({ ...(options as object), onProgress: 0 }));
      }),
    );
    expect(asked[0]).toEqual(asked[1]);
    expect(asked[0]).toMatchObject([
      { from: 2n, to: 9n, filter: { types: ["a.*"], tags: ["x"], stream: "order-1" } },
    ]);
  });

  it("prints what import and restore read back, also on a terminal", async () => {
    const client = clientWith("a");
    const { out } = await run(["export", "--from", "1"], { client, isTerminal: true });
    expect(parseLines(out)).toEqual([
      {
        position: "1",
        revision: "0",
        stream: "order-1",
        id: "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a",
        type: "a",
        recordedAt: "2026-01-02T03:04:05.678Z",
        data: {},
        metadata: {},
        tags: [],
      },
    ]);
  });
});

describe("varve streams", () => {
  it("prints a line for each stream", async () => {
    const { out } = await run(["streams", "--prefix", "order"], { client: clientWith("a", "b") });
    expect(parseLines(out)).toEqual([
      {
        stream: "order-1",
        lastRevision: "1",
        eventCount: "2",
        firstRecordedAt: "2026-01-02T03:04:05.678Z",
        lastRecordedAt: "2026-01-02T03:04:05.678Z",
        lastPosition: "2",
      },
    ]);
  });

  it("prints a table on a terminal", async () => {
    const { out } = await run(["streams"], { client: clientWith("a"), isTerminal: true });
    expect(out).toMatch(/^stream +events +first recorded +last recorded\norder-1 +1 +2026.*\n$/);
  });
});

describe("varve stream", () => {
  it("describes a stream", async () => {
    const { out } = await run(["stream", "order-1"], { client: clientWith("a") });
    expect(JSON.parse(out)).toMatchObject({ stream: "order-1", exists: true, lastRevision: "0" });
  });

  it("refuses one that does not exist, and prints that as JSON too", async () => {
    const { status, out, err } = await run(["stream", "x", "--json"], { client: clientWith() });
    expect(status).toBe(1);
    expect(JSON.parse(out)).toEqual({ stream: "x", exists: false });
    expect(JSON.parse(err)).toMatchObject({ error: { code: "NOT_FOUND" } });
  });

  it("prints a table on a terminal", async () => {
    const { out } = await run(["stream", "order-1"], { client: clientWith("a"), isTerminal: true });
    expect(out).toMatch(/^stream +order-1\nevents +1\n/);
  });
});

describe("varve status", () => {
  it("describes server and workspace", async () => {
    const { out } = await run(["status"], { client: clientWith("a") });
    expect(JSON.parse(out)).toEqual({
      version: "1.2.3",
      workspace: "w",
      head: "1",
      time: "2026-01-02T03:04:05.678Z",
      startedAt: "2026-01-02T03:04:05.678Z",
      limits: expect.objectContaining({ eventDataBytesMax: 1_048_576, conditionsMax: 64 }),
    });
  });

  it("prints a table on a terminal", async () => {
    const { out } = await run(["status"], { client: clientWith("a"), isTerminal: true });
    expect(out).toMatch(/^version +1\.2\.3\nworkspace +w\nhead +1\n/);
  });
});
