// Publishes every package in the version that its manifest has, unless the registry has it
// already: builds from nothing, packs, tests the tarballs, and publishes those very tarballs,
// each after those that it needs. What failed half-way can simply be run again. With --dry-run
// nothing leaves the machine.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { pack, pnpm, tarballOf } from "./pack.ts";
import { type PublishedPackage, publishedPackages, root } from "./packages.ts";
import { run } from "./run.ts";

const { values } = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } });

try {
  await release(publishedPackages(), values["dry-run"]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function release(packages: readonly PublishedPackage[], dryRun: boolean): Promise<void> {
  const version = commonVersion(packages);
  if (!dryRun) await checkCommitted();
  const tarballs = mkdtempSync(join(tmpdir(), "varve-release-"));
  try {
    console.log(`Building ${version} …`);
    await build(packages);
    await pack("npm", packages, tarballs);
    console.log("Testing the packages …");
    await test(tarballs);
    for (const one of packages) await publish(one, tarballOf(one, tarballs), dryRun);
  } finally {
    rmSync(tarballs, { recursive: true, force: true });
  }
}

/** They are released together, and each names the others by this version. */
function commonVersion(packages: readonly PublishedPackage[]): string {
  const versions = new Set(packages.map(({ manifest }) => manifest.version));
  const [version, ...others] = versions;
  if (version === undefined || others.length > 0) {
    throw new Error(`the packages must have one version, but have ${[...versions].join(", ")}`);
  }
  return version;
}

async function checkCommitted(): Promise<void> {
  const { stdout } = await run("git", ["status", "--porcelain"], { cwd: root });
  if (stdout !== "") throw new Error(`commit what has changed before you release it:\n${stdout}`);
}

/** From nothing, because files of modules that are gone would be packed too. */
async function build(packages: readonly PublishedPackage[]): Promise<void> {
  for (const { folder } of packages) {
    rmSync(join(root, folder, "dist"), { recursive: true, force: true });
  }
  const filters = packages.map(({ name }) => `--filter=${name}`);
  const turbo = ["exec", "turbo", "run", "build", "--force", "--output-logs=errors-only"];
  await run("npx", [...pnpm, ...turbo, ...filters], { cwd: root });
}

async function test(tarballs: string): Promise<void> {
  const args = ["run", "--config", "test/packages/vitest.config.ts"];
  await run("vitest", args, { cwd: root, env: { ...process.env, VARVE_TARBALLS: tarballs } });
}

async function publish(
  { name, manifest: { version } }: PublishedPackage,
  tarball: string,
  dryRun: boolean,
): Promise<void> {
  if (!dryRun && (await isPublished(name, version))) {
    console.log(`${name} ${version} is published already`);
    return;
  }
  const tag = version.includes("-") ? "next" : "latest";
  // Provenance comes from the identity of the workflow that runs this: there is none elsewhere.
  const args = ["publish", tarball, "--access", "public", "--provenance", "--tag", tag];
  await run("npm", dryRun ? [...args, "--dry-run"] : args, { cwd: root });
  console.log(`${name} ${version} ${dryRun ? "would be published" : "is published"} as ${tag}`);
}

async function isPublished(name: string, version: string): Promise<boolean> {
  try {
    await run("npm", ["view", `${name}@${version}`, "version"], { cwd: root });
    return true;
  } catch (error) {
    if (error instanceof Error && error.message.includes("E404")) return false;
    throw error;
  }
}
