import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { RecordedEvent } from "@varve/client";
import { beforeEach, describe, expect, it } from "vitest";
import { BackedUpServer, namesIn, temporaryFolder } from "../testing/backed-up-server.js";
import { parseLines } from "../testing/run.js";

let server: BackedUpServer;
let folder: string;
let data: string;

/** Backups in a folder: positions 1 to 3 and 4 to 5 of "default", and 1 to 2 of "other". */
beforeEach(async () => {
  server = await BackedUpServer.start();
  folder = await temporaryFolder();
  data = join(await temporaryFolder(), "data");
  await server.append(3);
  await server.run(["backup", folder]);
  await server.append(2);
  await server.append(2, "other");
  await server.run(["backup", folder, "--all"]);
});

async function eventsOf(served: BackedUpServer, workspace: string): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of served.client.workspace(workspace).replay()) events.push(event);
  return events;
}

describe("varve restore", () => {
  it("makes the workspaces of a folder, for a server to serve", async () => {
    const { status, out, err } = await server.run(["restore", folder, "--data", data]);
    expect([status, err]).toEqual([0, ""]);
    const [last] = (await eventsOf(server, "default")).slice(-1);
    expect(parseLines(out)).toEqual([
      {
        workspace: "default",
        data,
        head: "5",
        chain: expect.stringMatching(/^[0-9a-f]{64}$/),
        lastRecordedAt: last?.recordedAt.toISOString(),
        appendIds: 5,
        backups: 2,
      },
      expect.objectContaining({ workspace: "other", head: "2", backups: 1 }),
    ]);
    const restored = await BackedUpServer.serve(data);
    for (const workspace of ["default", "other"]) {
      expect(await eventsOf(restored, workspace)).toEqual(await eventsOf(server, workspace));
    }
  });

  it("speaks in sentences on a terminal", async () => {
    const words = ["restore", folder, "--data", data, "--workspace", "other", "--as", "copy"];
    const { out } = await server.run(words, { isTerminal: true });
    expect(out).toMatch(
      /^The workspace "other" as "copy" is restored in .*, up to position 2, recorded at .*, from 1 backup\.\n$/,
    );
  });

  it("ends at a position", async () => {
    const words = ["restore", folder, "--workspace", "default", "--data", data];
    const { out } = await server.run([...words, "--to-position", "4"]);
    expect(JSON.parse(out)).toMatchObject({ head: "4", appendIds: 4 });
    const all = await eventsOf(server, "default");
    expect(await eventsOf(await BackedUpServer.serve(data), "default")).toEqual(all.slice(0, 4));
  });

  it("ends at a time", async () => {
    const all = await eventsOf(server, "default");
    const time = all[1]?.recordedAt as Date;
    const words = ["restore", folder, "--workspace", "default", "--data", data];
    const { out } = await server.run([...words, "--to-time", time.toISOString()]);
    const expected = all.filter(({ recordedAt }) => recordedAt <= time);
    expect(JSON.parse(out)).toMatchObject({ head: String(expected.length) });
    expect(await eventsOf(await BackedUpServer.serve(data), "default")).toEqual(expected);
  });

  it("reads standard input", async () => {
    const [file = ""] = await namesIn(folder);
    const input = Readable.from([await readFile(join(folder, file))]);
    const { out } = await server.run(["restore", "-", "--data", data], { input });
    expect(JSON.parse(out)).toMatchObject({ head: "3" });
  });

  it("refuses a damaged backup, names the place, and leaves nothing", async () => {
    const file = join(folder, (await namesIn(folder))[1] as string);
    await writeFile(file, (await readFile(file)).subarray(0, -1));
    const { status, err } = await server.run(["restore", folder, "--data", data]);
    expect(status).toBe(2);
    expect(err).toMatch(
      /^varve: .*\.varve: the backup is damaged at byte \d+, after position 5: .*\.\n$/,
    );
    expect(await namesIn(data)).toEqual([]);
  });

  it("refuses a series in which one is missing, and what lies beyond it", async () => {
    const files = (await namesIn(folder)).map((name) => join(folder, name));
    const missing = await server.run(["restore", files[1] ?? "", "--data", data, "--json"]);
    expect([missing.status, JSON.parse(missing.err).error.reason]).toEqual([2, "BACKUP_MISSING"]);
    const words = ["restore", files[0] ?? "", "--data", data, "--json"];
    for (const beyond of [
      ["--to-position", "4"],
      ["--to-time", "2999-01-01"],
    ]) {
      const { status, err } = await server.run([...words, ...beyond]);
      expect([status, JSON.parse(err).error.reason]).toEqual([2, "NOT_REACHED"]);
    }
    expect(await namesIn(data)).toEqual([]);
  });

  it("does not touch a workspace that is there, nor a folder that a server uses", async () => {
    await server.run(["restore", folder, "--data", data]);
    const again = await server.run(["restore", folder, "--data", data]);
    expect(again).toMatchObject({
      status: 2,
      err: `varve: The workspace "default" exists already in ${data}.\n`,
    });
    await BackedUpServer.serve(data);
    const used = await server.run(["restore", folder, "--data", data, "--json"]);
    expect([used.status, JSON.parse(used.err).error.reason]).toEqual([1, "STARTUP"]);
  });

  it("leaves nothing at an interrupt", async () => {
    const input = new Readable({ read() {} });
    const [file = ""] = await namesIn(folder);
    input.push((await readFile(join(folder, file))).subarray(0, 400));
    const controller = new AbortController();
    const running = server.run(["restore", "-", "--data", data], {
      input,
      interrupt: controller.signal,
    });
    setImmediate(() => controller.abort());
    const { status, err } = await running;
    expect([status, err]).toEqual([
      130,
      "varve: Interrupted. What was not whole has been removed.\n",
    ]);
    expect(await namesIn(data)).toEqual([]);
  });

  it.each([
    [["none"]],
    [["-", "-"]],
    [["F", "--as", "../x"]],
    [["F", "--workspace", "none"]],
    [["F", "--as", "copy"]],
    [["F", "--to-position", "1"]],
    [["F", "--to-position", "1", "--to-time", "2999-01-01"]],
    [["F", "--to-position", "0"]],
    [[]],
  ])("is used wrongly: %j", async (words) => {
    const sources = words.map((word) => (word === "F" ? folder : word));
    const { status, out } = await server.run(["restore", ...sources, "--data", data]);
    expect([status, out]).toEqual([2, ""]);
    expect(await namesIn(data)).toEqual([]);
  });
});
