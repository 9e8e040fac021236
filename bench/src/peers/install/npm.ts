import { cpSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Kitchen } from "../peer.ts";
import { contentHash } from "./content-hash.ts";
import { installOnce } from "./once.ts";
import { runTool } from "./tool.ts";

/** Clients that only this comparison needs are kept out of the workspace. */
const manifests = fileURLToPath(new URL("../../../peers/npm", import.meta.url));

/** All packages of `bench/peers/npm`, as its lock file says. */
export async function installPackages(kitchen: Kitchen): Promise<void> {
  await installOnce(kitchen, folderName(), async (folder) => {
    cpSync(manifests, folder, { recursive: true });
    const command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    await runTool(command, "to install the clients of the peers", { cwd: folder });
  });
}

/** One of them. `T` says as much of it as is used. */
export function importPackage<T>(programs: string, name: string): T {
  return requireFrom(programs)(name) as T;
}

/** A file of one of them, for example `etcd3/proto/rpc.proto`. */
export function packageFile(programs: string, path: string): string {
  return requireFrom(programs).resolve(path);
}

/** Of one of them, as the lock file says. */
export function packageVersion(name: string): string {
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(manifests, "package.json"), "utf8"),
  );
  return dependencies[name] ?? "unknown";
}

function requireFrom(programs: string): NodeJS.Require {
  return createRequire(join(programs, folderName(), "package.json"));
}

function folderName(): string {
  return `npm-${contentHash(manifests)}`;
}
