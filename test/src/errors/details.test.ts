import { ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { AppendCall } from "../support/append-call.js";
import { expectFailure, expectReason, type Failed, fromConnect } from "../support/failure.js";
import { range } from "../support/frames.js";
import { type AppendInit, newEvent, noMatch, noStream } from "../support/requests.js";
import { startTestServer, type TestServer } from "../support/server.js";

// Its story: 64 violated conditions made trailers of 90 KB, and Node's client took
// that for a broken connection, with every other call on it.

/** What clients of gRPC accept by default at the least. */
const TRAILER_BYTES_MAX = 8 * 1024;

/** How a unary append fails, and that it fits into the trailers of any client. */
async function failInTrailers(server: TestServer, append: AppendInit): Promise<Failed> {
  const error = await server.client.append(append).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConnectError);
  const trailers = [...(error as ConnectError).metadata];
  expect(trailers.map(([name]) => name)).toContain("grpc-status-details-bin");
  const bytes = trailers.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
  expect(bytes).toBeLessThan(TRAILER_BYTES_MAX);
  // The connection is still good.
  await server.client.getStatus({});
  return fromConnect(error);
}

async function failInFrame({ client }: TestServer, append: AppendInit): Promise<Failed> {
  const call = new AppendCall(client);
  call.send({ correlation: 1n, append });
  const [outcome] = await call.outcomes(1);
  return outcome?.failure as Failed;
}

function violated(failed: Failed): number[] {
  return failed.conditions?.violations.map(({ condition }) => condition) ?? [];
}

describe("64 violated conditions on the longest names", () => {
  const names = range(10, 73).map((n) => `${n}-`.padEnd(512, "x"));

  it.each([
    ["stream", names.map((name) => noStream(name))],
    ["query", names.map((name) => noMatch([{ source: { case: "stream", value: name } }]))],
  ])(
    "of kind %s are all reported in a frame, and as many as fit in trailers",
    async (_, conditions) => {
      const server = await startTestServer();
      await server.client.append({ events: names.map((name) => newEvent(name)) });
      const append = { events: [newEvent("s")], conditions };
      const inFrame = expectReason(await failInFrame(server, append), "CONDITION_FAILED");
      expect(violated(inFrame)).toEqual(range(0, 63));
      const inTrailers = expectReason(await failInTrailers(server, append), "CONDITION_FAILED");
      const reported = violated(inTrailers);
      expect(reported.length).toBeGreaterThan(0);
      expect(reported).toEqual(range(0, reported.length - 1));
      expect(inTrailers.conditions?.head).toBe(64n);
    },
  );
});

describe("a few violated conditions on usual names", () => {
  it("are all reported in trailers", async () => {
    const server = await startTestServer();
    const names = range(1, 10).map((n) => `customer-${n}-of-the-northern-district`);
    await server.client.append({ events: names.map((name) => newEvent(name)) });
    const conditions = names.map((name) => noStream(name));
    const append = { events: [newEvent("s")], conditions };
    expect(violated(await failInTrailers(server, append))).toEqual(range(0, 9));
  });
});

describe("16 faults in the longest text of the widest characters", () => {
  it("are reported as far as they fit, with the first of them named", async () => {
    const server = await startTestServer();
    const events = range(1, 16).map(() => newEvent("s", { id: "\u{1f600}".repeat(5000) }));
    const failed = expectReason(await failInTrailers(server, { events }), "INVALID_REQUEST");
    expect(failed.fields.length).toBeGreaterThan(0);
    expect(failed.message).toContain("events[0].event.id");
  });

  it("are all reported if they are usual", async () => {
    const { client } = await startTestServer();
    const events = range(1, 16).map(() => newEvent("s", { id: "no" }));
    const { fields } = await expectFailure(client.append({ events }), "INVALID_REQUEST");
    expect(fields).toHaveLength(16);
  });
});
