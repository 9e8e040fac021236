import { randomBytes, randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ChildServer } from "../support/child-server.js";
import { connect } from "../support/client.js";
import { formatKey, withDatabase } from "../support/database.js";
import { expectFailure, expectReason, type Failed, failureOf } from "../support/failure.js";
import { temporaryFolder } from "../support/folder.js";
import { positions, range, replay } from "../support/frames.js";
import { newEvent } from "../support/requests.js";
import { startTestServer } from "../support/server.js";

describe.skipIf(process.platform === "win32")("a disk that refuses a write", () => {
  it("fails the append with APPEND_OUTCOME_UNKNOWN, and a retry stores it once", async () => {
    const folder = await temporaryFolder();
    // Files cannot grow beyond 3 MiB, and the database's write-ahead file wants to.
    const child = await ChildServer.start(folder, { fileSizeMax: 3 * 1024 });
    const client = connect(child.address);
    const count = 100;
    const failures: Failed[] = [];
    const sent = range(1, count).map((n) => newEvent(`s-${n % 4}`, { data: randomBytes(64_000) }));
    for (const event of sent) {
      const request = { appendId: randomUUID(), events: [event] };
      const store = () =>
        client.append(request).then(
          () => undefined,
          (error: unknown) => error,
        );
      for (let error = await store(); error !== undefined; error = await store()) {
        failures.push(await failureOf(Promise.reject(error)));
        expect(failures.length).toBeLessThan(count);
      }
    }
    expect(failures[0]?.reason).toBe("APPEND_OUTCOME_UNKNOWN");
    for (const failed of failures) {
      const stillOpening = failed.reason === "STORAGE_UNAVAILABLE";
      expectReason(failed, stillOpening ? "STORAGE_UNAVAILABLE" : "APPEND_OUTCOME_UNKNOWN");
    }
    const ids = sent.map(({ event }) => event?.id);
    const before = (await replay(client)).events;
    expect(positions(before)).toEqual(range(1, count));
    expect(before.map(({ event }) => event?.id)).toEqual(ids);
    await child.kill();
    const after = await startTestServer({ folder });
    expect((await replay(after.client)).events).toEqual(before);
  });
});

describe("a workspace whose database cannot be opened", () => {
  it("fails with STORAGE_UNAVAILABLE, until it can be opened", async () => {
    const first = await startTestServer();
    const append = { workspace: "blue", events: [newEvent("s")] };
    await first.client.append(append);
    await first.stop();
    const { client } = await startTestServer({ folder: first.folder });
    await withDatabase(first.folder, "workspaces/blue", async () => {
      await expectFailure(client.append(append), "STORAGE_UNAVAILABLE");
      await expectFailure(client.getStatus({ workspace: "blue" }), "STORAGE_UNAVAILABLE");
    });
    expect((await client.append(append)).firstPosition).toBe(2n);
  });

  it("because it is a file fails with STORAGE_UNAVAILABLE", async () => {
    const { client, folder } = await startTestServer();
    await writeFile(join(folder, "workspaces", "blue"), "");
    const append = client.append({ workspace: "blue", events: [newEvent("s")] });
    await expectFailure(append, "STORAGE_UNAVAILABLE");
    await client.append({ events: [newEvent("s")] });
  });

  it("because its format is newer fails with STORAGE_UNAVAILABLE", async () => {
    const first = await startTestServer();
    await first.client.append({ workspace: "blue", events: [newEvent("s")] });
    await first.stop();
    await withDatabase(first.folder, "workspaces/blue", (db) =>
      db.put(formatKey, Buffer.from("2")),
    );
    const { client } = await startTestServer({ folder: first.folder });
    await expectFailure(client.getStatus({ workspace: "blue" }), "STORAGE_UNAVAILABLE");
    await client.append({ events: [newEvent("s")] });
  });
});
