import { readdirSync } from "node:fs";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "@varve/client";
import { DATABASE_FORMAT } from "@varve/engine";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/folder.js";
import { startTestServer } from "../support/server.js";
import { appends, recordOf } from "./content.js";

const fixtures = fileURLToPath(new URL("../../fixtures/formats", import.meta.url));
const formats = readdirSync(fixtures);

describe.each(formats)("a data folder of format %s", (format) => {
  async function copy(): Promise<string> {
    const folder = join(await temporaryFolder(), "data");
    await cp(join(fixtures, format, "data"), folder, { recursive: true });
    return folder;
  }

  it("is served as it was recorded", async () => {
    const { address } = await startTestServer({ folder: await copy() });
    await using client = connect(address);
    const record = JSON.parse(await readFile(join(fixtures, format, "record.json"), "utf8"));
    expect(await recordOf(client)).toEqual(record);
  });

  it("remembers its append ids, and goes on", async () => {
    const flags = { "append-id-retention-hours": String(24 * 366) };
    const server = await startTestServer({ folder: await copy(), flags });
    await using client = connect(server.address);
    const { head } = await client.status();
    for (const { workspace, events, ...options } of appends) {
      const answer = await client.workspace(workspace).appendMany(events, options);
      expect(answer.repeat).toBe(true);
    }
    const next = await client.append("order-0", { type: "order.Closed" });
    expect(next.lastPosition).toBe(head + 1n);
    await server.stop();
    const again = await startTestServer({ folder: server.folder });
    await using later = connect(again.address);
    expect((await later.status()).head).toBe(head + 1n);
  });
});

it("the format that is written now has a data folder that was kept", () => {
  expect(formats).toContain(String(DATABASE_FORMAT));
});
