import type { MaintenanceClient } from "@varve/client/maintenance";
import { expect, it } from "vitest";
import { BackedUpServer } from "../testing/backed-up-server.js";
import { FakeClient } from "../testing/fake-client.js";
import { parseLines, run } from "../testing/run.js";

it("lists the workspaces that exist", async () => {
  const server = await BackedUpServer.start();
  await server.append(1);
  await server.append(1, "other");
  const { out } = await server.run(["workspaces"]);
  expect(parseLines(out)).toEqual([{ workspace: "default" }, { workspace: "other" }]);
  const people = await server.run(["workspaces"], { isTerminal: true });
  expect(people.out).toBe("default\nother\n");
});

it("says that there are none", async () => {
  const maintenance: MaintenanceClient = {
    listWorkspaces: async () => [],
    backup: () => expect.unreachable(),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  const options = { client: new FakeClient(), maintenance };
  const told = { status: 0, out: "", err: "There are no workspaces.\n" };
  expect(await run(["workspaces"], options)).toEqual(told);
  expect(await run(["workspaces", "--json"], options)).toEqual({ ...told, err: "" });
});
