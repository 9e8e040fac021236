import { PassThrough, Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { FakeClient } from "../testing/fake-client.js";
import { type ImportOutcome, runImport } from "./run.js";

const never = new AbortController().signal;
const line = (type: string) => `${JSON.stringify({ stream: "s", type })}\n`;
const lines = (count: number) => Array.from({ length: count }, (_, i) => line(`t${i}`)).join("");

async function importText(client: FakeClient, text: string): Promise<ImportOutcome> {
  const input = Readable.from([Buffer.from(text)]);
  return runImport(client, input, { signal: never, onProgress: () => {} });
}

function refusing(...types: string[]): FakeClient {
  const client = new FakeClient();
  client.refuse = ({ type }) => (types.includes(type) ? new Error(`no ${type}`) : undefined);
  return client;
}

describe("runImport", () => {
  it("keeps the order of the lines, with more of them than are under way at once", async () => {
    const client = new FakeClient();
    const { report, complete } = await importText(client, lines(5000));
    expect(complete).toBe(true);
    expect(client.log.map(({ type }) => type)).toEqual(
      Array.from({ length: 5000 }, (_, i) => `t${i}`),
    );
    expect(report.toJSON()).toEqual({
      events: 5000,
      streams: 1,
      lastPosition: "5000",
      repeated: 0,
    });
  });

  it("stores nothing twice when it runs again, and what is new when the file has grown", async () => {
    const client = new FakeClient();
    await importText(client, lines(10));
    const { report } = await importText(client, `\n${lines(12)}`.replaceAll("\n", "\r\n"));
    expect(report).toMatchObject({ events: 12, repeated: 10, lastPosition: 12n });
    expect(client.log).toHaveLength(12);
  });

  it("stores two lines that are the same", async () => {
    const client = new FakeClient();
    await importText(client, line("t") + line("t"));
    expect(client.log).toHaveLength(2);
  });

  it("takes the id of a line for the event and for the append", async () => {
    const client = new FakeClient();
    const id = "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a";
    await importText(client, JSON.stringify({ stream: "s", type: "t", id }));
    expect(client.asked).toMatchObject([{ event: { id }, options: { appendId: id } }]);
  });

  // The second line was taken for the first, sent again: it was lost, or the import stopped.
  it("stores every line of an id that comes more than once, and again none of them", async () => {
    const client = new FakeClient();
    const id = "0197e0a2-5c1e-7cc4-9d0b-6f2a1d3c4b5a";
    const events = [{ data: 1 }, { data: 2 }, { data: 1 }].map((event) => ({ ...event, id }));
    const text = events.map((event) => JSON.stringify({ stream: "s", type: "t", ...event }));
    for (const repeated of [0, 3]) {
      const { report, complete } = await importText(client, text.join("\n"));
      expect([report.events, report.repeated, complete]).toEqual([3, repeated, true]);
    }
    expect(client.log.map(({ data }) => data)).toEqual([1, 2, 1]);
  });

  it("stores everything before a bad line, and nothing after it", async () => {
    const client = new FakeClient();
    const text = `${line("a")}\n${line("b")}{"stream":"s"}\n${line("c")}`;
    const { stop, report, complete } = await importText(client, text);
    expect(stop).toMatchObject({ line: 4, storedAfter: 0 });
    expect(complete).toBe(false);
    expect(report.events).toBe(2);
    expect(client.log.map(({ type }) => type)).toEqual(["a", "b"]);
  });

  it("counts what was under way behind a line that is refused", async () => {
    const client = refusing("t3");
    const { stop, report } = await importText(client, lines(6));
    expect(stop).toMatchObject({ line: 4, error: new Error("no t3"), storedAfter: 2 });
    expect(report.events).toBe(5);
  });

  it("names the first of several lines that are refused", async () => {
    const { stop, report } = await importText(refusing("t1", "t3"), lines(5));
    expect(stop).toMatchObject({ line: 2, storedAfter: 2 });
    expect(report.events).toBe(3);
  });

  it("names a refused line rather than a bad one after it", async () => {
    const { stop } = await importText(refusing("t1"), `${lines(3)}{`);
    expect(stop).toMatchObject({ line: 2, storedAfter: 1 });
  });

  it("sends no more once a line is refused, though the input goes on", async () => {
    const input = new PassThrough();
    input.write(lines(2));
    const signal = never;
    const outcome = await runImport(refusing("t0"), input, { signal, onProgress: () => {} });
    expect(outcome).toMatchObject({ complete: false, stop: { line: 1, storedAfter: 1 } });
    expect(input.destroyed).toBe(true);
  });

  it("ends at the signal with what is under way", async () => {
    const client = new FakeClient();
    const input = new PassThrough();
    const interrupt = new AbortController();
    const onProgress = (_bytes: number, number: number) => {
      if (number === 3) interrupt.abort();
    };
    input.write(lines(5));
    const outcome = await runImport(client, input, { signal: interrupt.signal, onProgress });
    expect(outcome).toMatchObject({ complete: false, report: { events: 3 } });
    expect(outcome.stop).toBeUndefined();
  });

  it("stops where the input cannot be read on", async () => {
    const client = new FakeClient();
    const input = Readable.from(
      (async function* () {
        yield Buffer.from(lines(2));
        throw new Error("disk");
      })(),
    );
    const { stop, report } = await runImport(client, input, { signal: never, onProgress() {} });
    expect(stop).toMatchObject({ line: 3, error: new Error("disk") });
    expect(report.events).toBe(2);
  });
});
