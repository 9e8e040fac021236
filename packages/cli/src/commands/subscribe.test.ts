import { describe, expect, it } from "vitest";
import { FakeClient, recordedEvent } from "../testing/fake-client.js";
import { parseLines, run } from "../testing/run.js";

/** A subscription that is interrupted once it has delivered its frames. */
function clientWithFrames(interrupt: AbortController): FakeClient {
  const client = new FakeClient();
  const events = [recordedEvent({ position: 4n }), recordedEvent({ position: 6n })];
  client.frames = [
    { kind: "confirmed", position: 3n, head: 9n },
    { kind: "events", position: 6n, events },
    { kind: "checkpoint", position: 9n },
    { kind: "caught-up", position: 9n },
    { kind: "fell-behind", position: 9n, head: 12n },
    { kind: "reconnected", position: 9n },
  ];
  client.onDelivered = () => interrupt.abort();
  return client;
}

describe("varve subscribe", () => {
  it("prints events, and at the interrupt where to go on", async () => {
    const interrupt = new AbortController();
    const client = clientWithFrames(interrupt);
    const { status, out, err } = await run(["subscribe"], { client, interrupt: interrupt.signal });
    expect(status).toBe(0);
    expect(parseLines(out)).toMatchObject([{ position: "4" }, { position: "6" }]);
    expect(err).toBe(
      "Stopped. To go on from here, with the same options: varve subscribe --after 9\n",
    );
  });

  it("tells on a terminal how it stands", async () => {
    const interrupt = new AbortController();
    const options = { client: clientWithFrames(interrupt), interrupt: interrupt.signal };
    const { err } = await run(["subscribe"], { ...options, isTerminal: true });
    expect(err.split("\n").slice(0, 3)).toEqual([
      "Caught up at position 9.",
      "Fell behind: at position 9, the head is 12.",
      "Reconnected; going on after position 9.",
    ]);
  });

  it.each([
    [[], {}],
    [["--from-end"], { start: "end" }],
    [["--after", "7"], { start: { after: 7n } }],
    [["--stream", "order-1"], { filter: { stream: "order-1" } }],
    [
      ["--type", "a", "--type", "b*", "--tag", "x"],
      { filter: { types: ["a", "b*"], tags: ["x"] } },
    ],
    [
      ["--category", "order", "--after", "0"],
      { filter: { category: "order" }, start: { after: 0n } },
    ],
  ])("asks for what %j means", async (words, options) => {
    const client = new FakeClient();
    const { status } = await run(["subscribe", ...words], {
      client,
      interrupt: AbortSignal.abort(),
    });
    expect(status).toBe(0);
    expect(client.asked).toEqual([{ options: { ...options, signal: expect.any(AbortSignal) } }]);
  });

  it("goes on after the given position if nothing came", async () => {
    const options = { client: new FakeClient(), interrupt: AbortSignal.abort() };
    const { err } = await run(["subscribe", "--after", "7"], options);
    expect(err).toContain("--after 7");
  });

  it("passes an error of the server on", async () => {
    const client = new FakeClient();
    client.subscribe = () => {
      throw new Error("no such workspace");
    };
    const { status, err } = await run(["subscribe"], { client });
    expect([status, err]).toEqual([1, "varve: No such workspace.\n"]);
  });
});
