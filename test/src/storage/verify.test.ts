import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ChildServer } from "../support/child-server.js";
import { connect } from "../support/client.js";
import { entriesOf, space, withDatabase } from "../support/database.js";
import { temporaryFolder } from "../support/folder.js";
import { newEvents } from "../support/requests.js";
import { startTestServer } from "../support/server.js";

const bin = fileURLToPath(new URL("../../../packages/cli/bin/varve.js", import.meta.url));

function varve(...words: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [bin, ...words], { encoding: "utf8" });
}

interface Line {
  readonly kind?: string;
  readonly workspace?: string;
  readonly findings?: number;
}

/** Runs `varve verify`, and tells its exit status and what it printed. */
function verify(folder: string, ...words: string[]): { status: number | null; lines: Line[] } {
  const { status, stdout } = varve("verify", "--data", folder, ...words);
  const lines = stdout.split("\n").filter((line) => line !== "");
  return { status, lines: lines.map((line) => JSON.parse(line) as Line) };
}

/** The data of a server that was stopped: workspaces "default" and "blue" of 200 events each. */
async function stoppedServer(): Promise<string> {
  const { client, folder, stop } = await startTestServer();
  for (const workspace of ["default", "blue"]) {
    for (let n = 0; n < 5; n++) {
      const events = newEvents(`s-${n}`, 40, { type: "t", tags: ["g"] });
      await client.append({ workspace, appendId: crypto.randomUUID(), events });
    }
  }
  await stop();
  return folder;
}

async function contentsOf(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const contents = files.map(async ({ parentPath, name }) => {
    const file = join(parentPath, name);
    return [file, (await readFile(file)).toString("base64")] as const;
  });
  return new Map(await Promise.all(contents));
}

describe("varve verify", () => {
  it("finds nothing in what a server left, and changes nothing", async () => {
    const folder = await stoppedServer();
    const before = await contentsOf(folder);
    const { status, lines } = verify(folder);
    expect(lines).toEqual(
      ["blue", "default"].map((workspace) => ({
        workspace,
        head: "200",
        events: 200,
        streams: 5,
        blocks: expect.any(Number),
        bytes: expect.any(Number),
        findings: 0,
        chain: expect.stringMatching(/^[0-9a-f]{64}$/),
      })),
    );
    expect(status).toBe(0);
    expect(await contentsOf(folder)).toEqual(before);
  });

  it("finds nothing in what a server left that was killed", async () => {
    const folder = await temporaryFolder();
    const server = await ChildServer.start(folder);
    const client = connect(server.address);
    for (let n = 0; n < 20; n++) await client.append({ events: newEvents(`s-${n % 3}`, 10) });
    await server.kill();
    expect(verify(folder)).toMatchObject({ status: 0, lines: [{ head: "200", findings: 0 }] });
  });

  it("names each entry that is damaged or missing", async () => {
    const folder = await stoppedServer();
    await withDatabase(folder, "workspaces/blue", async (db) => {
      const [block] = await entriesOf(db, space.block);
      const [, tag] = await entriesOf(db, space.tag);
      await db.put(block?.[0] as Buffer, Buffer.alloc(100));
      await db.del(tag?.[0] as Buffer);
    });
    const { status, lines } = verify(folder);
    expect(status).toBe(1);
    expect(lines.map(({ workspace, kind }) => [workspace, kind])).toEqual([
      ["blue", "block-damaged"],
      ["blue", "entry-missing"],
      ["blue", undefined],
      ["default", undefined],
    ]);
    expect(lines[0]).toMatchObject({ position: "40" });
    expect(lines[1]).toMatchObject({ position: "80", term: "g", key: expect.any(String) });
    expect(verify(folder, "--workspace", "default")).toMatchObject({ status: 0 });
    expect(verify(folder, "--workspace", "blue").lines).toHaveLength(3);
  });

  it("names the file and byte of a log that is damaged, and does not open it", async () => {
    const folder = await stoppedServer();
    const path = join(folder, "workspaces/default");
    const name = (await readdir(path)).find((file) => file.endsWith(".log")) as string;
    const bytes = await readFile(join(path, name));
    bytes[200] = (bytes[200] as number) ^ 1;
    await writeFile(join(path, name), bytes);
    const { status, lines } = verify(folder, "--workspace", "default");
    expect(status).toBe(1);
    expect(lines).toEqual([
      expect.objectContaining({ kind: "file-damaged", file: name, offset: expect.any(Number) }),
      expect.objectContaining({ workspace: "default", head: null, findings: 1 }),
    ]);
  });

  it("names a workspace whose data is gone", async () => {
    const folder = await stoppedServer();
    await rm(join(folder, "workspaces", "blue"), { recursive: true });
    const { status, lines } = verify(folder);
    expect(status).toBe(1);
    expect(lines).toMatchObject([
      { workspace: "blue", kind: "file-missing", file: "CURRENT" },
      { workspace: "blue", findings: 1, head: null },
      { workspace: "default", findings: 0 },
    ]);
    expect(verify(folder, "--workspace", "blue").status).toBe(1);
  });

  it("speaks in sentences where it fails", async () => {
    const missing = join(await temporaryFolder(), "missing");
    const none = varve("verify", "--data", missing);
    expect([none.status, none.stdout]).toEqual([2, ""]);
    expect(none.stderr).toMatch(/^varve: The folder .*missing holds no data of Varve\.\n$/);
    expect(existsSync(missing)).toBe(false);
    const folder = await stoppedServer();
    const other = varve("verify", "--data", folder, "--workspace", "other", "--json");
    expect(other.status).toBe(2);
    expect(JSON.parse(other.stderr)).toMatchObject({ error: { reason: "WRONG_USE" } });
  });

  it("does not run beside a server", async () => {
    const folder = await temporaryFolder();
    const server = await ChildServer.start(folder);
    const beside = varve("verify", "--data", folder);
    expect([beside.status, beside.stdout]).toEqual([3, ""]);
    expect(beside.stderr).toMatch(/another process is using it/);
    // It must not have taken the lock away.
    await connect(server.address).append({ events: newEvents("s", 1) });
    expect(varve("verify", "--data", folder).status).toBe(3);
  });
});
