import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectMaintenance } from "@varve/client/maintenance";
import { beforeEach, describe, expect, it } from "vitest";
import { BackedUpServer, namesIn, temporaryFolder } from "../testing/backed-up-server.js";
import { parseLines } from "../testing/run.js";

let server: BackedUpServer;
let folder: string;

beforeEach(async () => {
  server = await BackedUpServer.start();
  await server.append(3);
  folder = await temporaryFolder();
});

const name = (after: number, head: number, workspace = "default"): string =>
  `${workspace}.${String(after).padStart(16, "0")}-${String(head).padStart(16, "0")}.varve`;

describe("varve backup FILE", () => {
  it("writes a backup, and tells what is in it", async () => {
    const file = join(folder, "b");
    const { status, out, err } = await server.run(["backup", file]);
    expect([status, err]).toEqual([0, ""]);
    const { size } = await stat(file);
    expect(JSON.parse(out)).toEqual({
      workspace: "default",
      file,
      after: "0",
      head: "3",
      chain: expect.stringMatching(/^[0-9a-f]{64}$/),
      events: 3,
      appendIds: 3,
      bytes: size,
    });
    expect(await namesIn(folder)).toEqual(["b"]);
  });

  it("speaks in a sentence on a terminal", async () => {
    const file = join(folder, "b");
    const first = await server.run(["backup", file], { isTerminal: true });
    expect(first.out.replace(/\(\d+ bytes\)/, "(N bytes)")).toBe(
      `3 events of the workspace "default", up to position 3, are in ${file} (N bytes).\n`,
    );
    const later = await server.run(["backup", `${file}2`, "--after", "2"], { isTerminal: true });
    expect(later.out).toContain(
      '1 event of the workspace "default", after position 2 and up to 3, is',
    );
  });

  it("writes only what follows on a position", async () => {
    const { out } = await server.run(["backup", join(folder, "b"), "--after", "2"]);
    expect(JSON.parse(out)).toMatchObject({ after: "2", head: "3", events: 1 });
  });

  it("does not overwrite, unless it is told to", async () => {
    const file = join(folder, "b");
    await writeFile(file, "something");
    const { status, err } = await server.run(["backup", file]);
    expect([status, err]).toEqual([2, `varve: The file ${file} exists already.\n`]);
    expect(await readFile(file, "utf8")).toBe("something");
    expect(await server.run(["backup", file, "--force"])).toMatchObject({ status: 0 });
  });

  it("says why there is nothing to back up", async () => {
    const file = join(folder, "b");
    const missing = await server.run(["backup", file, "--workspace", "none"]);
    expect(missing).toMatchObject({ status: 1, err: 'varve: There is no workspace "none".\n' });
    const ahead = await server.run(["backup", file, "--after", "4", "--json"]);
    expect(JSON.parse(ahead.err).error.reason).toBe("POSITION_AHEAD_OF_HEAD");
    expect(await namesIn(folder)).toEqual([]);
  });

  it("exits with 3 if the server cannot be reached", async () => {
    const maintenance = connectMaintenance("127.0.0.1:1", { retry: { attempts: 1 } });
    const { status, err } = await server.run(["backup", join(folder, "b")], { maintenance });
    expect([status, err]).toEqual([3, expect.stringContaining("Cannot reach the event store")]);
  });

  it("leaves nothing at an interrupt", async () => {
    const interrupt = AbortSignal.abort();
    const { status, err } = await server.run(["backup", join(folder, "b")], { interrupt });
    expect(status).toBe(130);
    expect(err).toBe("varve: Interrupted. What was not whole has been removed.\n");
    expect(await namesIn(folder)).toEqual([]);
  });
});

describe("varve backup DIR", () => {
  it("goes on after the newest backup in the folder", async () => {
    const first = await server.run(["backup", folder]);
    expect(JSON.parse(first.out)).toMatchObject({ file: join(folder, name(0, 3)) });
    await server.append(2);
    const second = await server.run(["backup", folder]);
    expect(JSON.parse(second.out)).toMatchObject({
      after: "3",
      head: "5",
      events: 2,
      appendIds: 2,
    });
    expect(await namesIn(folder)).toEqual([name(0, 3), name(3, 5)]);
  });

  it("writes nothing if nothing is new", async () => {
    await server.run(["backup", folder]);
    const { status, out } = await server.run(["backup", folder]);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual({ workspace: "default", after: "3", head: "3", events: 0 });
    const sentence = await server.run(["backup", folder], { isTerminal: true });
    expect(sentence.out).toBe('Nothing is new in the workspace "default" since position 3.\n');
    expect(await namesIn(folder)).toEqual([name(0, 3)]);
  });

  it("creates the folder if its name ends with a slash", async () => {
    const words = ["backup", `${join(folder, "a", "b")}/`];
    expect(await server.run(words)).toMatchObject({ status: 0 });
    expect(await namesIn(join(folder, "a", "b"))).toEqual([name(0, 3)]);
  });

  it("takes every workspace with --all, and leaves out those without events", async () => {
    const other = await BackedUpServer.start();
    await other.append(1, "b");
    await other.append(2, "a");
    const { status, out } = await other.run(["backup", folder, "--all"]);
    expect(status).toBe(0);
    expect(parseLines(out)).toMatchObject([
      { workspace: "a", events: 2 },
      { workspace: "b", events: 1 },
      { workspace: "default", events: 0 },
    ]);
    expect(await namesIn(folder)).toEqual([name(0, 2, "a"), name(0, 1, "b")]);
  });

  it("backs up the others with --all if one cannot be", async () => {
    await server.append(1, "a");
    await server.append(1, "z");
    await writeFile(join(folder, name(0, 1, "a")), "");
    const { status, out, err } = await server.run(["backup", folder, "--all"]);
    expect(status).toBe(2);
    expect(parseLines(out)).toMatchObject([{ workspace: "default" }, { workspace: "z" }]);
    expect(err).toContain('The workspace "a" is not backed up.');
    expect(err).toContain("it does not begin as a backup of Varve does.");
  });

  it("is refused if the newest backup there is damaged", async () => {
    await server.run(["backup", folder]);
    const file = join(folder, name(0, 3));
    const bytes = await readFile(file);
    bytes[300] = (bytes[300] as number) ^ 1;
    await writeFile(file, bytes);
    const { status, err } = await server.run(["backup", folder, "--json"]);
    expect(status).toBe(2);
    expect(JSON.parse(err).error).toMatchObject({
      code: "DATA_LOSS",
      reason: "BACKUP_DAMAGED",
      message: expect.stringContaining(`${file}: the backup is damaged at byte`),
      offset: expect.any(Number),
      position: 0,
    });
  });

  it("is refused if the folder has backups of another log", async () => {
    await server.run(["backup", folder]);
    for (const count of [2, 3, 4]) {
      const other = await BackedUpServer.start();
      await other.append(count);
      const { status, err } = await other.run(["backup", folder]);
      expect(status).toBe(1);
      expect(err).toContain(`is another log than the one in ${join(folder, name(0, 3))}`);
      expect(err).toContain("Use another folder from now on.");
    }
    expect(await namesIn(folder)).toEqual([name(0, 3)]);
  });
});

describe("varve backup -", () => {
  it("writes the same bytes to standard output, and what it says to standard error", async () => {
    const { status, out, err } = await server.run(["backup", "-"]);
    expect(status).toBe(0);
    expect(out.startsWith("VARVEBAK")).toBe(true);
    expect(JSON.parse(err)).toMatchObject({ workspace: "default", head: "3" });
    expect(JSON.parse(err)).not.toHaveProperty("file");
  });

  it("does not write to a terminal", async () => {
    const { status, out } = await server.run(["backup", "-"], { isTerminal: true });
    expect([status, out]).toEqual([2, ""]);
  });
});

describe("varve backup, used wrongly,", () => {
  it.each([["--after", "1"], ["--force"], ["--all", "--workspace", "w"]])(
    "says so of a folder with %s",
    async (...words) => {
      const { status, err } = await server.run(["backup", folder, ...words]);
      expect([status, err]).toEqual([2, expect.stringContaining(words[0] as string)]);
    },
  );

  // Without a slash at its end, a name that there is not yet is that of a file.
  it("says how a folder for --all is made", async () => {
    const { err } = await server.run(["backup", join(folder, "new"), "--all"]);
    expect(err).toContain(`and ${join(folder, "new")}/ makes one`);
  });

  it.each([[["b", "--all"]], [["-", "--all"]], [["-", "--force"]], [["b", "--after", "-1"]], [[]]])(
    "says so: %j",
    async (words) => {
      expect(await server.run(["backup", ...words])).toMatchObject({ status: 2, out: "" });
    },
  );
});
