import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "@varve/client";
import { type RunningServer, readSettings, startServer } from "@varve/server";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/backed-up-server.js";
import { FakeClient } from "../testing/fake-client.js";
import { parseLines, run, type TestResult, type TestRun } from "../testing/run.js";

/** The data of a server that was stopped: three events in the workspace "default". */
async function stoppedServer(): Promise<string> {
  const data = join(await temporaryFolder(), "data");
  await session(data, 3);
  return data;
}

/** Appends to the data of a server that does not run. At the start its log becomes a table. */
async function session(data: string, events: number, text = ""): Promise<void> {
  const flags = { data, listen: "127.0.0.1:0", "log-level": "silent" };
  const server: RunningServer = await startServer(readSettings(flags, {}));
  await using client = connect(server.address);
  for (let n = 0; n < events; n++) await client.append(`s-${n}`, { type: "t", data: { text } });
  await server.stop();
}

async function damageLog(data: string): Promise<string> {
  const path = join(data, "workspaces/default");
  const name = (await readdir(path)).find((file) => file.endsWith(".log")) as string;
  const bytes = await readFile(join(path, name));
  bytes[50] = (bytes[50] as number) ^ 1;
  await writeFile(join(path, name), bytes);
  return name;
}

/** Makes the first key of a table shorter than any, which LevelDB takes for impossible. */
async function cutFirstKey(data: string): Promise<string> {
  const path = join(data, "workspaces/default");
  const name = (await readdir(path)).find((file) => file.endsWith(".ldb")) as string;
  const bytes = await readFile(join(path, name));
  bytes[1] = 2;
  await writeFile(join(path, name), bytes);
  return name;
}

function verify(
  data: string,
  options: Partial<TestRun> = {},
  ...words: string[]
): Promise<TestResult> {
  return run(["verify", "--data", data, ...words], { client: new FakeClient(), ...options });
}

describe("varve verify", () => {
  it("sums up what is whole: as JSON, or on a terminal in a sentence", async () => {
    const data = await stoppedServer();
    const { status, out, err } = await verify(data);
    expect([status, err]).toEqual([0, ""]);
    expect(parseLines(out)).toEqual([
      expect.objectContaining({ workspace: "default", head: "3", streams: 3, findings: 0 }),
    ]);
    const text = await verify(data, { isTerminal: true });
    expect(text.out).toBe(
      'The workspace "default": 3 events in 3 streams, up to position 3; nothing is damaged.\n',
    );
  });

  it("survives a table that LevelDB does not survive", async () => {
    const data = join(await temporaryFolder(), "data");
    for (const events of [3, 3, 0]) {
      await session(data, events, randomBytes(100_000).toString("base64"));
    }
    const file = await cutFirstKey(data);
    const { status, out } = await verify(data, {}, "--json");
    expect(status).toBe(1);
    expect(parseLines(out).slice(0, 2)).toMatchObject([
      { workspace: "default", kind: "file-damaged", file },
      { kind: "unreadable", message: expect.stringContaining("LevelDB does not survive") },
    ]);
  });

  it("names what is damaged, and exits with 1", async () => {
    const data = await stoppedServer();
    const file = await damageLog(data);
    const { status, out, err } = await verify(data, {}, "--json");
    expect(status).toBe(1);
    expect(parseLines(out)).toMatchObject([
      { workspace: "default", kind: "file-damaged", file, message: expect.any(String) },
      { workspace: "default", head: null, findings: 1, chain: null },
    ]);
    expect(JSON.parse(err)).toMatchObject({
      error: { code: "DATA_LOSS", reason: "DATA_CORRUPT", findings: 1 },
    });
    const text = await verify(data, { isTerminal: true });
    expect(text.out).toMatch(/^default file-damaged \S+\.log is damaged at byte \d+: /);
    expect(text.out).toContain('"default": 1 finding; its events are not checked.\n');
    expect(text.err).toContain("varve: 1 place is damaged.\n");
  });

  it.each([[["--data", " "]], [["--workspace", "other"]]])(
    "takes %j for wrong use",
    async (words) => {
      const { status, out } = await verify(await stoppedServer(), {}, ...words);
      expect([status, out]).toEqual([2, ""]);
    },
  );

  it("takes a folder without data for wrong use, and leaves it as it is", async () => {
    const folder = await temporaryFolder();
    const { status, err } = await verify(folder);
    expect(status).toBe(2);
    expect(err).toContain(`The folder ${folder} holds no data of Varve.`);
    expect(await readdir(folder)).toEqual([]);
  });

  it("exits with 3 if it cannot read what is there", async () => {
    const data = await stoppedServer();
    const file = join(data, "workspaces/default/CURRENT");
    await rm(file);
    await mkdir(file);
    const { status, out, err } = await verify(data);
    expect([status, out]).toEqual([3, ""]);
    expect(err).toMatch(/^varve: The data cannot be read: EISDIR/);
  });

  it("ends at an interrupt", async () => {
    const data = await stoppedServer();
    const { status, err } = await verify(data, { interrupt: AbortSignal.abort() });
    expect(status).toBe(130);
    expect(err).toBe("varve: Interrupted. Not everything is checked.\n");
  });
});
