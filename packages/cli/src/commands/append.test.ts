import { ConditionFailedError, InvalidRequestError, UnreachableError } from "@varve/client";
import { describe, expect, it } from "vitest";
import { FakeClient } from "../testing/fake-client.js";
import { run } from "../testing/run.js";

const id = "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a";

function refusing(error: Error): FakeClient {
  const client = new FakeClient();
  client.refuse = () => error;
  return client;
}

describe("varve append", () => {
  it("stores an event with what is given, and prints where", async () => {
    const client = new FakeClient();
    const words = "append order-1 --type order.Placed --tag a --tag b --expect no-stream".split(
      " ",
    );
    const payload = ["--data", '{"n": 12345678901234567890}', "--metadata", '{"actor":"x"}'];
    const { status, out, err } = await run([...words, ...payload], { client });
    expect([status, err]).toEqual([0, ""]);
    expect(client.asked).toEqual([
      {
        stream: "order-1",
        event: {
          type: "order.Placed",
          data: Buffer.from('{"n": 12345678901234567890}'),
          contentType: "application/json",
          metadata: Buffer.from('{"actor":"x"}'),
          tags: ["a", "b"],
        },
        options: { expect: "no-stream" },
      },
    ]);
    expect(JSON.parse(out)).toEqual({
      stream: "order-1",
      firstPosition: "1",
      lastPosition: "1",
      revision: "0",
      recordedAt: "2026-01-02T03:04:05.678Z",
      repeat: false,
    });
    expect(client.closed).toBe(true);
  });

  it("stores an event with an id once", async () => {
    const client = new FakeClient();
    const words = ["append", "order-1", "--type", "t", "--id", id];
    await run(words, { client });
    const { out } = await run(words, { client });
    expect(JSON.parse(out)).toMatchObject({ lastPosition: "1", repeat: true });
    expect(client.log).toMatchObject([{ id }]);
  });

  it("takes options before the stream too, and a revision to expect", async () => {
    const client = new FakeClient();
    await run(["append", "--type", "t", "--expect", "3", "order-1"], { client });
    expect(client.asked).toMatchObject([{ options: { expect: 3n } }]);
  });

  it("speaks in a sentence on a terminal", async () => {
    const client = new FakeClient();
    const { out } = await run(["append", "order-1", "--type", "t"], { client, isTerminal: true });
    expect(out).toBe("Stored in order-1 at revision 0, position 1.\n");
  });

  it("says what was expected and what was found", async () => {
    const expected = 7n;
    const error = new ConditionFailedError(
      [{ kind: "stream", condition: 0, stream: "order-1", expected, actual: 9n }],
      20n,
      {},
    );
    const words = ["append", "order-1", "--type", "t", "--expect", "7"];
    const text = await run(words, { client: refusing(error) });
    expect(text).toMatchObject({ status: 1, out: "" });
    expect(text.err).toMatch(/revision 7.*revision 9/);
    const json = await run([...words, "--json"], { client: refusing(error) });
    expect(JSON.parse(json.err)).toMatchObject({
      error: {
        code: "ABORTED",
        reason: "CONDITION_FAILED",
        violations: [{ stream: "order-1", expected: "7", actual: "9" }],
        head: "20",
      },
    });
  });

  it("names the fields of an invalid request", async () => {
    const violation = { field: "events[0].event.type", description: "is too long" };
    const client = refusing(new InvalidRequestError([violation], {}));
    const { status, err } = await run(["append", "o", "--type", "t", "--json"], { client });
    expect(status).toBe(1);
    expect(JSON.parse(err)).toMatchObject({ error: { fieldViolations: [violation] } });
  });

  it("exits with 3 if the server cannot be reached", async () => {
    const client = refusing(new UnreachableError("connect ECONNREFUSED", {}));
    const { status, err } = await run(["append", "o", "--type", "t"], { client });
    expect(status).toBe(3);
    expect(err).toBe("varve: Cannot reach the event store: connect ECONNREFUSED.\n");
  });
});
