import { appendFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import {
  type RunningServer,
  readSettings,
  SettingsError,
  StartupError,
  settingDefinitions,
  startServer,
} from "@varve/server";
import { describe, expect, it, onTestFinished } from "vitest";
import { ChildServer } from "../support/child-server.js";
import { connect } from "../support/client.js";
import { formatKey, withDatabase } from "../support/database.js";
import { temporaryFolder } from "../support/folder.js";
import { newEvents } from "../support/requests.js";
import { type Flags, flagsFor, startTestServer } from "../support/server.js";

/** Expects the start to be refused with a sentence for the user. */
async function expectRefused(folder: string, sentence: RegExp, flags: Flags = {}): Promise<void> {
  const start = startServer(readSettings(flagsFor(folder, flags), {}));
  const error = await start.then(stopAndFail, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StartupError);
  expectSentence((error as StartupError).message);
  expect((error as StartupError).message).toMatch(sentence);
}

async function stopAndFail(server: RunningServer): Promise<never> {
  await server.stop();
  throw new Error("the server started");
}

/** Readable, on one line, without the marks of a defect. */
function expectSentence(message: string): void {
  expect(message).toMatch(/^\S.* .*[^\s:]$/);
  expect(message).not.toMatch(/undefined|\[object|\bat .*:\d+:\d+|LEVEL_|Error:/);
}

describe("a data folder", () => {
  it("is created with everything above it", async () => {
    const folder = join(await temporaryFolder(), "a", "b", "c");
    const { client } = await startTestServer({ folder });
    await client.append({ events: newEvents("s", 1) });
  });

  it("that another server of this process uses is refused, until that stops", async () => {
    const first = await startTestServer();
    await expectRefused(first.folder, /cannot use the data folder .*another process is using it/);
    await first.stop();
    await startTestServer({ folder: first.folder });
  });

  it("that another process uses is refused, until that ends", async () => {
    const folder = await temporaryFolder();
    const child = await ChildServer.start(folder);
    await expectRefused(folder, /cannot use the data folder .*another process is using it/);
    await child.kill();
    await startTestServer({ folder });
  });

  it("that is a file is refused", async () => {
    const file = join(await temporaryFolder(), "data");
    await writeFile(file, "");
    await expectRefused(file, /cannot use the data folder .*not a folder/);
    await expectRefused(join(file, "below"), /cannot use the data folder .*not a folder/);
  });

  // Somebody's home folder, and a folder of a project, became data folders without a word.
  it("that holds what is not Varve's is refused, and is as it was afterwards", async () => {
    const folder = await temporaryFolder();
    for (const name of ["README.md", "b", "c", "d", "e"]) await writeFile(join(folder, name), "");
    await mkdir(join(folder, "workspaces"));
    const sentence =
      /it holds files that are not Varve's \(README.md, b, c and 2 more\); name an empty/;
    await expectRefused(folder, sentence);
    expect(await readdir(folder)).toEqual(["README.md", "b", "c", "d", "e", "workspaces"]);
  });

  it("that is empty, or the root of a new disk, is taken", async () => {
    for (const names of [[], ["lost+found"], [".DS_Store"]]) {
      const folder = await temporaryFolder();
      for (const name of names) await mkdir(join(folder, name));
      const { client } = await startTestServer({ folder });
      await client.append({ events: newEvents("s", 1) });
    }
  });

  it("that is Varve's may hold what others have put there", async () => {
    const { folder, stop } = await startTestServer();
    await stop();
    await writeFile(join(folder, "README.md"), "");
    await startTestServer({ folder });
  });

  it.skipIf(process.platform !== "linux")("that cannot be created is refused", async () => {
    await expectRefused("/proc/x", /cannot use the data folder \/proc\/x: it cannot be created/);
    await expectRefused("/proc", /cannot use the data folder \/proc: it holds files that are not/);
    await expectRefused("/dev/null/x", /cannot use the data folder .*not a folder/);
    await expectRefused(`/tmp/${"x".repeat(300)}`, /cannot use the data folder .*name is too long/);
  });

  it("whose list of workspaces names what cannot be one is refused", async () => {
    const { folder, stop } = await startTestServer();
    await stop();
    await appendFile(join(folder, "workspaces.txt"), "\n  blue  \r\n../red\n");
    await expectRefused(folder, /line 6 of workspaces.txt is not the name of a workspace$/);
  });

  it.skipIf(process.getuid?.() === 0)("that is not writable is refused", async () => {
    const folder = join(await temporaryFolder(), "data");
    await mkdir(folder, { mode: 0o500 });
    await expectRefused(folder, /cannot use the data folder .*not writable/);
  });

  it("of a newer format is refused, and is as it was afterwards", async () => {
    const first = await startTestServer();
    await first.client.append({ events: newEvents("s", 3) });
    await first.stop();
    await setFormat(first.folder, "catalog", "2");
    await expectRefused(first.folder, /cannot use the data folder .*format 2.*newer version/);
    await setFormat(first.folder, "catalog", "1");
    const { client } = await startTestServer({ folder: first.folder });
    expect((await client.getStatus({})).head).toBe(3n);
  });

  it("with a default workspace of a newer format is refused, and is as it was afterwards", async () => {
    const first = await startTestServer();
    await first.client.append({ events: newEvents("s", 3) });
    await first.stop();
    await setFormat(first.folder, "workspaces/default", "2");
    await expectRefused(first.folder, /cannot open the log in .*format 2.*newer version/);
    await setFormat(first.folder, "workspaces/default", "1");
    const { client } = await startTestServer({ folder: first.folder });
    expect((await client.getStatus({})).head).toBe(3n);
  });

  it("whose default workspace is a file is refused", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "workspaces"));
    await writeFile(join(folder, "workspaces", "default"), "");
    await expectRefused(folder, /cannot open the log in .*not a folder/);
  });

  it("is not needed in memory, and nothing outlives the server", async () => {
    const folder = join(await temporaryFolder(), "unused");
    const first = await startTestServer({ folder, flags: { "in-memory": true } });
    await first.client.append({ events: newEvents("s", 3) });
    expect((await first.client.getStatus({})).head).toBe(3n);
    await first.stop();
    await writeFile(folder, "still free");
    const second = await startTestServer({ folder, flags: { "in-memory": true } });
    expect((await second.client.getStatus({})).head).toBe(0n);
  });
});

describe("an address", () => {
  it("that is in use is refused, and leaves the data folder free", async () => {
    const folder = await temporaryFolder();
    const taken = createServer();
    await new Promise<void>((resolve) => {
      taken.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => {
      taken.close();
    });
    const address = taken.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const listen = `127.0.0.1:${port}`;
    await expectRefused(folder, new RegExp(`cannot listen on ${listen}: .*in use`, "i"), {
      listen,
    });
    await startTestServer({ folder });
  });

  it("with port 0 is told with the real port", async () => {
    const { running } = await startTestServer();
    expect(running.port).toBeGreaterThan(0);
    expect(running.address).toBe(`127.0.0.1:${running.port}`);
  });

  it.each(["localhost:0", "[::1]:0"])("may be %s", async (listen) => {
    const { running } = await startTestServer({ flags: { listen } });
    expect((await connect(running.address).getStatus({})).head).toBe(0n);
  });
});

describe("a setting", () => {
  const wrong: [string, string][] = [
    ["data", ""],
    ["listen", "4270"],
    ["listen", "127.0.0.1"],
    ["listen", "127.0.0.1:65536"],
    ["listen", "127.0.0.1:-1"],
    ["listen", ":4270"],
    ["listen", "a b:1"],
    ["in-memory", "perhaps"],
    ["log-level", "loud"],
    ["append-id-retention-hours", "0"],
    ["append-id-retention-hours", "1.5"],
    ["connections-max", "0"],
    ["connections-max", "many"],
    ["stop-grace-seconds", "-1"],
    ["stop-grace-seconds", "3601"],
    ["max-event-data-bytes", "0"],
    ["max-append-bytes", "1e6"],
    ["max-append-bytes", String(64 * 1024 * 1024 + 1)],
    ["max-append-events", "many"],
    ["max-tags", ""],
  ];
  it.each(wrong)("--%s %j is refused with a sentence that names it", (name, value) => {
    const error = settingsErrorOf(() => readSettings({ [name]: value }, {}));
    expectSentence(error.message);
    expect(error.message).toMatch(new RegExp(`^--${name} must `));
  });

  it("from the environment is refused by the name of its variable", () => {
    const error = settingsErrorOf(() => readSettings({}, { VARVE_LISTEN: "nowhere" }));
    expectSentence(error.message);
    expect(error.message).toMatch(/^VARVE_LISTEN must .*"nowhere"/);
  });

  it("that is given as a flag wins over the environment", () => {
    const env = { VARVE_LISTEN: "127.0.0.1:1", VARVE_DATA: "/from-env" };
    const settings = readSettings({ listen: "127.0.0.1:2" }, env);
    expect(settings).toMatchObject({ host: "127.0.0.1", port: 2, dataFolder: "/from-env" });
  });

  it("that is not given has the default that its definition tells", () => {
    const given = settingDefinitions.map(({ name, defaultText }) => [name, defaultText]);
    expect(readSettings(Object.fromEntries(given), {})).toEqual(readSettings({}, {}));
  });
});

function settingsErrorOf(read: () => unknown): SettingsError {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return error as SettingsError;
  }
  throw new Error("the setting was taken");
}

function setFormat(
  folder: string,
  name: "catalog" | "workspaces/default",
  format: string,
): Promise<void> {
  return withDatabase(folder, name, (db) => db.put(formatKey, Buffer.from(format)));
}
