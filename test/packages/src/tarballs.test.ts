import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, it } from "vitest";
import { type PackTool, tarballOf } from "../../../scripts/release/pack.ts";
import { type Manifest, publishedPackages } from "../../../scripts/release/packages.ts";
import { run } from "../../../scripts/release/run.ts";

const folders = inject("tarballs");
const programs = fileURLToPath(new URL("../node_modules/.bin", import.meta.url));

function extract(tarball: string, ...args: string[]): string {
  return execFileSync("tar", ["-xzf", tarball, ...args], { encoding: "utf8" });
}

describe.each(publishedPackages())("the tarball of $name", (one) => {
  const tarballs = { npm: tarballOf(one, folders.npm), pnpm: tarballOf(one, folders.pnpm) };

  const filesOf = (tool: PackTool): string[] =>
    execFileSync("tar", ["-tzf", tarballs[tool]], { encoding: "utf8" }).trim().split("\n").sort();

  const manifestOf = (tool: PackTool): Manifest =>
    JSON.parse(extract(tarballs[tool], "-O", "package/package.json")) as Manifest;

  // `npm pack` used to leave "workspace:*" in place, which no one else can install.
  it.each(["npm", "pnpm"] as const)("as %s makes it names no workspace", (tool) => {
    expect(JSON.stringify(manifestOf(tool))).not.toContain("workspace:");
  });

  it("is the same from npm and pnpm", () => {
    expect(filesOf("pnpm")).toEqual(filesOf("npm"));
    const { name, version, dependencies, peerDependencies, exports, bin } = manifestOf("npm");
    expect(manifestOf("pnpm")).toMatchObject(
      JSON.parse(JSON.stringify({ name, version, dependencies, peerDependencies, exports, bin })),
    );
  });

  it("has types that say what its code does, wherever they are looked up", async () => {
    // It is ESM, which `require` can load since the oldest Node.js that it promises.
    const args = ["--ignore-rules", "cjs-resolves-to-esm", "--no-emoji", "--format", "ascii"];
    await run(join(programs, "attw"), [tarballs.npm, ...args], { cwd: folders.npm });
  });

  it("has a manifest that leads to what is in it", async () => {
    await run(join(programs, "publint"), [tarballs.npm, "--strict"], { cwd: folders.npm });
  });
});
