import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { BackedUpServer, temporaryFolder } from "../testing/backed-up-server.js";
import { parseLines } from "../testing/run.js";

it("varve forget-workspace forgets a workspace whose data was deleted, and no other", async () => {
  const server = await BackedUpServer.start();
  await server.append(1, "other");
  const backups = await temporaryFolder();
  const data = join(await temporaryFolder(), "data");
  await server.run(["backup", backups, "--all"]);
  await server.run(["restore", backups, "--data", data]);
  const forget = ["forget-workspace", "other", "--data", data];
  const refused = await server.run(forget);
  expect(refused.status).toBe(1);
  expect(refused.err).toMatch(/^varve: the workspace "other" has data, in .*other\.\n$/);
  await rm(join(data, "workspaces", "other"), { recursive: true });
  const { status, out } = await server.run(forget);
  expect([status, parseLines(out)]).toEqual([0, [{ workspace: "other", data }]]);
  const again = await server.run(forget);
  expect(again).toMatchObject({ status: 2, err: expect.stringContaining('no workspace "other"') });
});
