import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { tarballOf } from "../../../scripts/release/pack.ts";
import { publishedPackages } from "../../../scripts/release/packages.ts";
import { statedSizes } from "./support/documents.ts";
import { Project } from "./support/project.ts";

const MB = 1_000_000;
/** What is stated holds loosely: packages below change too. */
const TOLERANCE = 1.3;
const needed = ["@varve/proto", "@varve/engine", "@varve/client", "@varve/testing"];
const project = Project.create();

beforeAll(async () => {
  const packages = publishedPackages().filter(({ name }) => needed.includes(name));
  const tarballs = packages.map((one) => [
    one.name,
    `file:${tarballOf(one, inject("tarballs").npm)}`,
  ]);
  await project.install("npm", Object.fromEntries(tarballs));
});

afterAll(() => project.remove());

// To try the fake was to install a server with it: gRPC, LevelDB and a logger, 33 MB.
describe("@varve/testing alone", () => {
  it("is small, and brings no server", () => {
    const modules = join(project.folder, "node_modules");
    const files = globSync("**/*", { cwd: modules, withFileTypes: true }).filter((f) => f.isFile());
    const bytes = files.map((f) => statSync(join(f.parentPath, f.name)).size);
    const stated = statedSizes();
    const total = bytes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeLessThan(stated.installedMb * MB * TOLERANCE);
    const installed = globSync(["*/package.json", "@*/*/package.json"], { cwd: modules });
    expect(installed.length).toBeLessThan(stated.packages * TOLERANCE);
    expect(installed.filter((name) => /grpc-js|classic-level|varve\/server/.test(name))).toEqual(
      [],
    );
  });

  it("serves tests", async () => {
    const program = `
      import { createTestStore } from "@varve/testing";
      await using store = createTestStore();
      await store.append("order-1", { type: "order.Placed" });
      console.log((await store.read("order-1").toArray()).length);`;
    project.write("use.mjs", program);
    expect((await project.run(process.execPath, ["use.mjs"])).stdout.trim()).toBe("1");
  });

  it("says what a real server needs", async () => {
    const hint = "npm install --save-dev @varve/server";
    await expect(project.run("npx", ["varve-test-server"])).rejects.toThrow(hint);
    const program = `
      import { startTestServer } from "@varve/testing/server";
      await startTestServer();`;
    project.write("serve.mjs", program);
    await expect(project.run(process.execPath, ["serve.mjs"])).rejects.toThrow(hint);
  });
});
