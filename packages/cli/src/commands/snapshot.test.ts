import { describe, expect, it } from "vitest";
import { FakeClient } from "../testing/fake-client.js";
import { run } from "../testing/run.js";

const save = (revision: number, ...words: string[]) => [
  ...["snapshot", "save", "order-1", "--schema-type", "order/3", "--revision", String(revision)],
  ...words,
];

describe("varve snapshot", () => {
  it("saves a state and gets it again, with every digit", async () => {
    const client = new FakeClient();
    const data = '{"total": 12345678901234567890}';
    const saved = await run(save(7, "--data", "-"), { client, input: data });
    expect(JSON.parse(saved.out)).toEqual({
      stream: "order-1",
      revision: "7",
      schemaType: "order/3",
      saved: true,
    });
    const { out } = await run(["snapshot", "get", "order-1"], { client });
    expect(out).toBe(
      '{"stream":"order-1","revision":"7","schemaType":"order/3",' +
        `"savedAt":"2026-01-02T03:04:05.678Z","data":${data}}\n`,
    );
  });

  it("speaks to people on a terminal", async () => {
    const options = { client: new FakeClient(), isTerminal: true };
    expect((await run(save(7, "--data", "{}"), options)).out).toBe(
      "The snapshot of order-1 at revision 7 is saved.\n",
    );
    expect((await run(save(6, "--data", "{}"), options)).out).toContain("Not saved");
    const { out } = await run(["snapshot", "get", "order-1"], options);
    expect(out).toMatch(/^stream {8}order-1\nrevision {6}7\nschema type {3}order\/3\n/);
  });

  it("says that there is none", async () => {
    const { status, err } = await run(["snapshot", "get", "s"], { client: new FakeClient() });
    expect([status, err]).toEqual([1, 'varve: The stream "s" has no snapshot.\n']);
  });

  it.each([
    [["snapshot"], "Usage"],
    [["snapshot", "get"], "STREAM"],
    [["snapshot", "save", "s", "--data", "{}", "--schema-type", "t"], "--revision"],
    [["snapshot", "save", "s", "--revision", "1", "--schema-type", "t"], "--data"],
    [["snapshot", "save", "s", "--revison", "1"], "Did you mean --revision?"],
    [save(1, "--data", "{"), "--data is not JSON"],
  ])("is used wrongly: %j", async (words, named) => {
    const { status, err } = await run(words, { client: new FakeClient() });
    expect(status).toBe(2);
    expect(err).toContain(named);
  });
});
