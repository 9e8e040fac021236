import { describe, expect, it } from "vitest";
import { expectFailure } from "../support/failure.js";
import { range } from "../support/frames.js";
import { newEvent, noMatch, noStream } from "../support/requests.js";
import { startTestServer } from "../support/server.js";

describe("the details of an error", () => {
  it("report 64 violated conditions on the longest names", async () => {
    const { client } = await startTestServer();
    const names = range(10, 73).map((n) => `${n}-`.padEnd(512, "x"));
    await client.append({ events: names.map((name) => newEvent(name)) });
    const conditions = names.map((name) => noStream(name));
    const call = client.append({ events: [newEvent("s")], conditions });
    const failed = await expectFailure(call, "CONDITION_FAILED");
    expect(failed.conditions?.violations.map(({ condition }) => condition)).toEqual(range(0, 63));
    const streams = failed.conditions?.violations.map(({ found }) => found.value?.stream);
    expect(streams).toEqual(names);
  });

  it("report 64 violated query conditions on the longest names", async () => {
    const { client } = await startTestServer();
    const [stream, type] = ["s".repeat(512), "t".repeat(256)];
    await client.append({ events: [newEvent(stream, { type })] });
    const conditions = range(1, 64).map(() => noMatch([{ types: [type] }]));
    const call = client.append({ events: [newEvent("s")], conditions });
    const failed = await expectFailure(call, "CONDITION_FAILED");
    expect(failed.conditions?.violations).toHaveLength(64);
  });

  it("report 16 faults in the longest text of the widest characters", async () => {
    const { client } = await startTestServer();
    const events = range(1, 16).map(() => newEvent("s", { id: "\u{1f600}".repeat(5000) }));
    const { fields } = await expectFailure(client.append({ events }), "INVALID_REQUEST");
    expect(fields).toHaveLength(16);
  });
});
