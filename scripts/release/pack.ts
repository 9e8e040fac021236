import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type PublishedPackage, root } from "./packages.ts";
import { run } from "./run.ts";

/** How a package becomes a tarball. */
export type PackTool = "npm" | "pnpm";

/** The pnpm that this repository uses, as npx takes it. */
export const pnpm: readonly string[] = ["-y", packageManager()];

/** Makes a tarball of each package in a folder, from what is built now. */
export async function pack(
  tool: PackTool,
  packages: readonly PublishedPackage[],
  folder: string,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  if (tool === "npm") {
    const paths = packages.map((one) => `./${one.folder}`);
    await run("npm", ["pack", "--pack-destination", folder, ...paths], { cwd: root });
    return;
  }
  for (const one of packages) {
    const args = [...pnpm, "pack", "--pack-destination", folder];
    await run("npx", args, { cwd: join(root, one.folder) });
  }
}

/** Where `pack` puts the tarball of a package. */
export function tarballOf(
  { manifest: { name, version } }: PublishedPackage,
  folder: string,
): string {
  return join(folder, `${name.slice(1).replace("/", "-")}-${version}.tgz`);
}

function packageManager(): string {
  const text = readFileSync(join(root, "package.json"), "utf8");
  return (JSON.parse(text) as { packageManager: string }).packageManager;
}
