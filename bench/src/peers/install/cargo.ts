import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Kitchen } from "../peer.ts";
import { debianEnv, unpackDebian } from "./debian.ts";
import { installOnce } from "./once.ts";
import { runTool } from "./tool.ts";

const WHY = "to build UmaDB and its load program (https://rustup.rs)";
const PROTOC = "3.21.12*";

/** A program of crates.io, with the dependencies that it was published with. */
export function installCrate(kitchen: Kitchen, crate: string, version: string): Promise<string> {
  return installOnce(kitchen, `${crate}-${version}`, (folder) =>
    install(kitchen, [crate, "--version", version, "--root", folder]),
  );
}

/** A program of this repository; `name` changes whenever it does. */
export function buildCrate(kitchen: Kitchen, source: string, name: string): Promise<string> {
  return installOnce(kitchen, name, (folder) => {
    const copy = join(folder, "source");
    cpSync(source, copy, { recursive: true });
    return install(kitchen, ["--path", copy, "--root", folder]);
  });
}

/** Hundreds of megabytes that nothing needs any more. */
export function removeBuildFiles(kitchen: Kitchen): void {
  rmSync(targetFolder(kitchen), { recursive: true, force: true });
}

async function install(kitchen: Kitchen, args: readonly string[]): Promise<void> {
  const env = {
    ...(await protocEnv(kitchen)),
    // What two programs have in common is compiled once.
    CARGO_TARGET_DIR: targetFolder(kitchen),
  };
  await runTool(["cargo", "install", "--locked", ...args], WHY, { env });
}

/** Crates that speak gRPC are built with the compiler of Protocol Buffers. */
async function protocEnv(kitchen: Kitchen): Promise<NodeJS.ProcessEnv> {
  const isHere = await runTool(["protoc", "--version"], WHY).then(
    () => true,
    () => false,
  );
  if (isHere) return process.env;
  const folder = await unpackDebian(kitchen, "protobuf-compiler", PROTOC);
  return { ...debianEnv(folder), PROTOC: join(folder, "usr", "bin", "protoc") };
}

function targetFolder({ folder }: Kitchen): string {
  return join(folder, "cargo-target");
}
