import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, type TestContext } from "vitest";
import { connect } from "../../src/support/client.ts";
import { expectFailure, type Failed, failureOf } from "../../src/support/failure.ts";
import { positions, range, replay } from "../../src/support/frames.ts";
import { newEvent } from "../../src/support/requests.ts";
import { FaultServer } from "../server.ts";
import { Ballast } from "./ballast.ts";
import { SmallDisk } from "./small-disk.ts";

const MIB = 1024 * 1024;

/** A disk of 96 MiB. Skips the test where none can be mounted. */
async function mountDisk({ skip }: TestContext): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), "varve-full-disk-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const disk = await SmallDisk.mount(join(folder, "disk"), 96).catch((error: Error) =>
    skip(error.message),
  );
  onTestFinished(() => disk[Symbol.asyncDispose]());
  return disk;
}

async function startOn(disk: SmallDisk, reserveMib: number): Promise<FaultServer> {
  const flags = { "free-space-reserve-mib": reserveMib };
  const server = await FaultServer.start({ folder: join(disk.path, "data"), flags });
  onTestFinished(async () => void (await server.kill()));
  return server;
}

const workspaces = ["blue", "default", "green"];

/** 20 events in each workspace, which LevelDB has to read from its logs at the next start. */
async function write(disk: SmallDisk): Promise<void> {
  const server = await startOn(disk, 8);
  const client = connect(server.address);
  for (const workspace of workspaces) {
    for (const _ of range(1, 20)) {
      const events = [newEvent("s-1", { data: randomBytes(100_000) })];
      await client.append({ workspace, events });
    }
  }
  await server.kill();
}

describe.skipIf(process.platform !== "linux")("a disk that is full", () => {
  // Others had filled it, and what a server had to open anew could not be read any more.
  it("is read after a start, in every workspace, and takes no append", async (test) => {
    const disk = await mountDisk(test);
    await write(disk);
    // As a server leaves it that has run for some time.
    await writeFile(join(disk.path, "data", "ballast"), randomBytes(16 * MIB));
    const others = new Ballast(disk);
    await others.fill(0);

    const client = connect((await startOn(disk, 64)).address);
    for (const workspace of workspaces) {
      expect(positions((await replay(client, { workspace })).events)).toEqual(range(1, 20));
      const append = client.append({ workspace, events: [newEvent("s-1")] });
      const failed = await expectFailure(append, "STORAGE_FULL");
      expect(failed.message).toContain(join(disk.path, "data"));
    }
    const append = client.append({ workspace: "new", events: [newEvent("s-1")] });
    await expectFailure(append, "STORAGE_FULL");
    expect((await readdir(join(disk.path, "data", "workspaces"))).sort()).toEqual(workspaces);

    await others.release();
    await expect
      .poll(() => client.append({ events: [newEvent("s-1")] }), { timeout: 10_000 })
      .toMatchObject({ firstPosition: 21n });
  });

  it("on which not even that is possible is told by a start in a sentence", async (test) => {
    const disk = await mountDisk(test);
    await write(disk);
    await new Ballast(disk).fill(0);
    await expect(startOn(disk, 64)).rejects.toThrow(
      /cannot use the data folder .*: the disk is full$/,
    );
  });

  // Space was looked at once a second: a small reserve was used up in between, and more.
  it("is not reached by appends that come faster than the disk is looked at", async (test) => {
    const disk = await mountDisk(test);
    const server = await startOn(disk, 24);
    const client = connect(server.address);
    let acknowledged = 0;
    const failures: Failed[] = [];
    await Promise.all(
      range(1, 32).map(async (n) => {
        while (failures.length < 100) {
          const events = [newEvent(`s-${n}`, { data: randomBytes(100_000) })];
          await client.append({ events }).then(
            () => acknowledged++,
            async (error: unknown) => failures.push(await failureOf(Promise.reject(error))),
          );
        }
      }),
    );
    expect(new Set(failures.map(({ reason }) => reason))).toEqual(new Set(["STORAGE_FULL"]));
    expect(acknowledged).toBeGreaterThan(100);
    expect(positions((await replay(client)).events)).toEqual(range(1, acknowledged));
    expect(await server.stop()).toMatchObject({ code: 0 });
  });
});
