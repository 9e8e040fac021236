import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

/** What a result has to be read with. */
export interface Facts {
  readonly machine: string;
  readonly system: string;
  readonly date: string;
  /** By name: node, varve, grpc-js … */
  readonly versions: Readonly<Record<string, string>>;
  /** Of the checkout; with a `+` if it had changes. Absent outside a checkout. */
  readonly commit?: string;
}

const root = fileURLToPath(new URL("../../..", import.meta.url));

export function readFacts(): Facts {
  const cores = cpus();
  const memoryGib = Math.round(totalmem() / 2 ** 30);
  const commit = readCommit();
  return {
    machine: `${cores[0]?.model.trim() ?? "unknown"}, ${cores.length} cores, ${memoryGib} GiB`,
    system: `${platform()} ${release()} ${arch()}`,
    date: new Date().toISOString(),
    versions: {
      node: process.versions.node,
      varve: versionOf("@varve/server"),
      "grpc-js": versionOf("@grpc/grpc-js"),
      connect: versionOf("@connectrpc/connect"),
      "classic-level": versionOf("classic-level"),
    },
    ...(commit !== undefined && { commit }),
  };
}

/** Not every package lets its manifest be imported; all have it in their folder. */
function versionOf(name: string): string {
  const { resolve } = createRequire(import.meta.url);
  const paths = resolve.paths(name) ?? [];
  for (const folder of paths) {
    try {
      const manifest: { version: string } = createRequire(import.meta.url)(
        `${folder}/${name}/package.json`,
      );
      return manifest.version;
    } catch {
      // It is in one of the folders further up.
    }
  }
  return "unknown";
}

function readCommit(): string | undefined {
  const commit = git("rev-parse", "--short", "HEAD");
  if (commit === undefined) return undefined;
  return git("status", "--porcelain") === "" ? commit : `${commit}+`;
}

function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
