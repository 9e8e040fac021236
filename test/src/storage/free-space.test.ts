import { describe, expect, it } from "vitest";
import { expectFailure } from "../support/failure.js";
import { temporaryFolder } from "../support/folder.js";
import { positions, replay } from "../support/frames.js";
import { newEvent } from "../support/requests.js";
import { startTestServer } from "../support/server.js";

/** More than any disk has. */
const EXABYTE_MIB = String(2 ** 30);

describe("a disk with less free space than the reserve", () => {
  it("takes no append and no snapshot, and serves what it has", async () => {
    const folder = await temporaryFolder();
    const before = await startTestServer({ folder });
    await before.client.append({ events: [newEvent("s"), newEvent("s")] });
    await before.stop();

    const { client } = await startTestServer({
      folder,
      flags: { "free-space-reserve-mib": EXABYTE_MIB },
    });
    const failed = await expectFailure(client.append({ events: [newEvent("s")] }), "STORAGE_FULL");
    expect(Number(failed.metadata.freeBytes)).toBeGreaterThan(0);
    expect(Number(failed.metadata.reserveBytes)).toBe(2 ** 50);
    const snapshot = { stream: "s", revision: 1n, schemaType: "state/1" };
    await expectFailure(client.saveSnapshot({ snapshot }), "STORAGE_FULL");
    expect(positions((await replay(client)).events)).toEqual([1, 2]);
  });

  it("is of no concern to a server in memory, or without a reserve", async () => {
    for (const flags of [
      { "in-memory": true, "free-space-reserve-mib": EXABYTE_MIB },
      { "free-space-reserve-mib": "0" },
    ]) {
      const { client } = await startTestServer({ flags });
      await client.append({ events: [newEvent("s")] });
    }
  });
});
