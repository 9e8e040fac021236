import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { InvalidRequestError, UnreachableError } from "@varve/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeClient } from "../testing/fake-client.js";
import { run } from "../testing/run.js";

const twoLines = '{"stream":"a","type":"t"}\n{"stream":"b","type":"t"}\n';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "varve-import-"));
});

afterAll(() => rm(folder, { recursive: true }));

describe("varve import", () => {
  it("stores the lines of standard input, and reports", async () => {
    const client = new FakeClient();
    for (const words of [["import"], ["import", "-", "--json"]]) {
      const { status, out, err } = await run(words, { client, input: twoLines });
      expect([status, err]).toEqual([0, ""]);
      expect(Object.keys(JSON.parse(out))).toEqual([
        "events",
        "streams",
        "lastPosition",
        "repeated",
      ]);
    }
    expect(client.log).toHaveLength(2);
  });

  it("stores the lines of a file", async () => {
    const file = join(folder, "two.ndjson");
    await writeFile(file, twoLines);
    const { out } = await run(["import", file], { client: new FakeClient() });
    expect(JSON.parse(out)).toEqual({ events: 2, streams: 2, lastPosition: "2", repeated: 0 });
  });

  it("stores nothing of an empty input", async () => {
    const { status, out } = await run(["import"], { client: new FakeClient(), input: "\n" });
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual({ events: 0, streams: 0, lastPosition: "0", repeated: 0 });
  });

  it("speaks in a sentence on a terminal", async () => {
    const options = { client: new FakeClient(), input: twoLines, isTerminal: true };
    const first = await run(["import"], options);
    expect(first.out).toBe("2 events in 2 streams are stored; the last position is 2.\n");
    const again = await run(["import"], options);
    expect(again.out).toContain("are stored (2 of them from before)");
  });

  it.each(["missing.ndjson", "."])(
    "takes a file that cannot be read for wrong use: %s",
    async (name) => {
      const words = ["import", join(folder, name)];
      const { status, err } = await run(words, { client: new FakeClient() });
      expect(status).toBe(2);
      expect(err).toContain("cannot be read");
    },
  );

  it("names a bad line, and what was stored before it", async () => {
    const options = { client: new FakeClient(), input: `${twoLines}{"stream":"a"}` };
    const text = await run(["import"], options);
    expect(text).toEqual({
      status: 2,
      out: "",
      err:
        'varve: Line 3: "type" is missing. ' +
        "2 events in 2 streams are stored; the last position is 2.\n",
    });
    const json = await run(["import", "--json"], options);
    expect(JSON.parse(json.err)).toEqual({
      error: {
        code: "INVALID_ARGUMENT",
        reason: "BAD_LINE",
        message: expect.stringContaining('Line 3: "type" is missing.'),
        line: 3,
        storedAfter: 0,
        events: 2,
        streams: 2,
        lastPosition: "2",
        repeated: 2,
      },
    });
  });

  it("lets no control character of a bad line through to the terminal", async () => {
    const input = '{"stream":\u001b[31m}';
    const { err } = await run(["import"], { client: new FakeClient(), input });
    expect(err).toContain("Line 1: it is not JSON");
    expect(err).not.toContain("\u001b");
  });

  it("names fields as they are in the line", async () => {
    const client = new FakeClient();
    const violation = { field: "events[0].event.tags[2]", description: "must be shorter" };
    client.refuse = () => new InvalidRequestError([violation], {});
    const { err } = await run(["import"], { client, input: twoLines });
    expect(err).toContain('Line 1: "tags" must be shorter.');
  });

  it("names a line that the server refused, and what was stored after it", async () => {
    const client = new FakeClient();
    client.refuse = ({ type }) => (type === "bad" ? new Error("type is bad") : undefined);
    const input = `{"stream":"a","type":"bad"}\n${twoLines}`;
    const { status, err } = await run(["import"], { client, input });
    expect(status).toBe(1);
    expect(err).toMatch(/^varve: Line 1: Type is bad\. 2 events .* 2 events came after that line/);
  });

  it("exits with 3 if the server cannot be reached", async () => {
    const client = new FakeClient();
    client.refuse = () => new UnreachableError("gone", {});
    const { status, err } = await run(["import"], { client, input: twoLines });
    expect(status).toBe(3);
    expect(err).toContain("No event is stored. Run it again to import the rest.");
  });

  it("ends with a report at an interrupt", async () => {
    const client = new FakeClient();
    const input = new PassThrough();
    const interrupt = new AbortController();
    input.write(twoLines);
    client.refuse = () => {
      setImmediate(() => interrupt.abort());
      return undefined;
    };
    const { status, err } = await run(["import"], { client, input, interrupt: interrupt.signal });
    expect(status).toBe(130);
    expect(err).toBe(
      "varve: Interrupted. 2 events in 2 streams are stored; the last position is 2. " +
        "Run it again to import the rest.\n",
    );
  });
});
