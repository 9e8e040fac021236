import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { ListStreamsResponse } from "@varve/proto";
import { version } from "@varve/server";
import { describe, expect, it } from "vitest";
import type { StoreClient } from "../support/client.js";
import { expectFailure } from "../support/failure.js";
import { range } from "../support/frames.js";
import { newEvent, newEvents } from "../support/requests.js";
import { startTestServer } from "../support/server.js";
import { sharedServer } from "../support/shared-server.js";

describe("GetStream", () => {
  it("says of a stream without events that it does not exist", async () => {
    const { client } = await startTestServer();
    const { exists, info } = await client.getStream({ stream: "missing" });
    expect(exists).toBe(false);
    expect(info).toBeUndefined();
  });

  it("tells revision, count, position and times", async () => {
    const { client } = await startTestServer();
    const first = await client.append({ events: [newEvent("s"), newEvent("t"), newEvent("s")] });
    const last = await client.append({ events: [newEvent("s"), newEvent("t")] });
    const { exists, info } = await client.getStream({ stream: "s" });
    expect(exists).toBe(true);
    expect(info).toMatchObject({
      stream: "s",
      lastRevision: 2n,
      eventCount: 3n,
      lastPosition: 4n,
    });
    expect(info?.firstRecordedAt).toEqual(first.recordedAt);
    expect(info?.lastRecordedAt).toEqual(last.recordedAt);
  });

  it("tells the same after a restart", async () => {
    const first = await startTestServer();
    for (let i = 0; i < 5; i++) await first.client.append({ events: newEvents("s", 300) });
    const before = await first.client.getStream({ stream: "s" });
    expect(before.info).toMatchObject({ eventCount: 1500n, lastPosition: 1500n });
    await first.stop();
    const { client } = await startTestServer({ folder: first.folder });
    expect(await client.getStream({ stream: "s" })).toEqual(before);
  });
});

/** All pages. */
async function list(
  client: StoreClient,
  prefix: string,
  pageSize: number,
): Promise<ListStreamsResponse[]> {
  const pages: ListStreamsResponse[] = [];
  for (let pageToken = ""; ; ) {
    const page = await client.listStreams({ prefix, pageSize, pageToken });
    pages.push(page);
    pageToken = page.nextPageToken;
    if (pageToken === "") return pages;
  }
}

function names(pages: readonly ListStreamsResponse[]): string[] {
  return pages.flatMap(({ streams }) => streams.map(({ stream }) => stream));
}

describe("ListStreams", () => {
  /** In the order of their UTF-8 bytes, which is not that of JavaScript's strings. */
  const ordered = [
    "a",
    "a b",
    "a-1",
    "a-10",
    "a-2",
    "aa",
    "b",
    "z",
    "ä",
    "ä-1",
    "äa",
    "日本",
    "\ufffdx",
    "\u{1f600}",
    "\u{1f600}-1",
  ];

  const appendNames = (client: StoreClient): Promise<unknown> =>
    client.append({ events: ordered.toReversed().map((name) => newEvent(name)) });
  const server = sharedServer(appendNames);

  it("of a log without events is one empty page", async () => {
    const { client } = await startTestServer();
    expect(await client.listStreams({})).toMatchObject({ streams: [], nextPageToken: "" });
  });

  it("goes in the order of the names' UTF-8 bytes", async () => {
    const { client } = server();
    expect(names([await client.listStreams({})])).toEqual(ordered);
  });

  it.each([1, 2, 4, 7, 14, 15, 16])("gives every name once, in pages of %i", async (pageSize) => {
    const { client } = server();
    const pages = await list(client, "", pageSize);
    expect(names(pages)).toEqual(ordered);
    for (const page of pages.slice(0, -1)) expect(page.streams).toHaveLength(pageSize);
  });

  it.each([3, 5, 15])("ends with a page that is not empty, in pages of %i", async (pageSize) => {
    const { client } = server();
    const pages = await list(client, "", pageSize);
    expect(pages.at(-1)?.streams).not.toEqual([]);
    expect(pages).toHaveLength(15 / pageSize);
  });

  it.each(["a", "a-", "a-1", "a ", "ä", "b", "日", "\u{1f600}", "nothing"])(
    "keeps to the prefix %j",
    async (prefix) => {
      const { client } = server();
      const expected = ordered.filter((name) => name.startsWith(prefix));
      expect(names(await list(client, prefix, 2))).toEqual(expected);
    },
  );

  it("describes each stream as GetStream does", async () => {
    const { client } = await startTestServer();
    await appendNames(client);
    await client.append({ events: newEvents("a-1", 5) });
    const { streams } = await client.listStreams({});
    for (const info of streams) {
      expect((await client.getStream({ stream: info.stream })).info).toEqual(info);
    }
  });

  it("gives 100 by default, and at most 1,000", async () => {
    const { client } = await startTestServer();
    const many = range(0, 1100).map((n) => newEvent(`s-${String(n).padStart(4, "0")}`));
    await client.append({ events: many });
    const sizes = [0, 100, 1000, 1001, 2_147_483_647];
    const counts = sizes.map(async (pageSize) => {
      const { streams, nextPageToken } = await client.listStreams({ pageSize });
      expect(nextPageToken).not.toBe("");
      return streams.length;
    });
    expect(await Promise.all(counts)).toEqual([100, 100, 1000, 1000, 1000]);
  });

  it("goes on with its pages though streams come into being", async () => {
    const { client } = await startTestServer();
    await appendNames(client);
    const first = await client.listStreams({ pageSize: 4 });
    await client.append({ events: [newEvent("a-0"), newEvent("c")] });
    const rest = await client.listStreams({ pageToken: first.nextPageToken });
    expect(names([first, rest])).toEqual([...ordered.slice(0, 7), "c", ...ordered.slice(7)]);
  });

  it.each([
    ["is no token", "", "not a token!"],
    ["was cut", "", "YQ="],
    ["is of another prefix", "b", Buffer.from("a-1").toString("base64url")],
  ])("refuses a page token that %s", async (_, prefix, pageToken) => {
    const { client } = server();
    const { fields } = await expectFailure(
      client.listStreams({ prefix, pageToken }),
      "INVALID_REQUEST",
    );
    expect(fields).toEqual(["page_token"]);
  });

  it("refuses a page size below 0", async () => {
    const { client } = server();
    const { fields } = await expectFailure(client.listStreams({ pageSize: -1 }), "INVALID_REQUEST");
    expect(fields).toEqual(["page_size"]);
  });
});

describe("GetStatus", () => {
  it("tells version, workspace, head and times", async () => {
    const beforeMs = Date.now();
    const { client } = await startTestServer();
    const empty = await client.getStatus({});
    expect(empty).toMatchObject({ version, workspace: "default", head: 0n });
    await client.append({ events: newEvents("s", 3) });
    const { head, time, startedAt } = await client.getStatus({ workspace: "default" });
    expect(head).toBe(3n);
    if (!time || !startedAt) throw new Error("the times are missing");
    expect(timestampMs(startedAt)).toBeGreaterThanOrEqual(beforeMs);
    expect(timestampMs(time)).toBeGreaterThanOrEqual(timestampMs(startedAt));
    expect(timestampMs(time)).toBeLessThanOrEqual(Date.now());
  });

  it("tells of the workspace that was asked about", async () => {
    const { client } = await startTestServer();
    await client.append({ workspace: "blue", events: newEvents("s", 2) });
    expect(await client.getStatus({ workspace: "blue" })).toMatchObject({
      workspace: "blue",
      head: 2n,
    });
    expect((await client.getStatus({})).head).toBe(0n);
  });
});
