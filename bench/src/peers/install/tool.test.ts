import { expect, it } from "vitest";
import { InstallError, runTool } from "./tool.ts";

it("resolves with what a program prints", async () => {
  expect(await runTool([process.execPath, "-p", "6 * 7"], "to test")).toBe("42\n");
});

it("says which program is missing, and what it is needed for", async () => {
  const run = runTool(["no-such-program"], "to build UmaDB");
  await expect(run).rejects.toThrow(InstallError);
  await expect(run).rejects.toThrow("no-such-program is needed to build UmaDB, and not here");
});

it("shows the output of a program that fails", async () => {
  const run = runTool([process.execPath, "-e", "throw new Error('no disk')"], "to test");
  await expect(run).rejects.toThrow(/failed; it is needed to test:.*no disk/s);
});
