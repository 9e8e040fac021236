import { globSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** What each package may import, besides itself. Data flows one way: down this list. */
const allowed: Record<string, readonly string[]> = {
  proto: ["@bufbuild/protobuf"],
  "packages/engine": [
    "@bufbuild/protobuf",
    "@varve/proto",
    "abstract-level",
    "lru-cache",
    "node:*",
  ],
  "packages/client": [
    "@bufbuild/protobuf",
    "@connectrpc/connect",
    "@connectrpc/connect-node",
    "@varve/proto",
    "node:*",
    "uuid",
  ],
  "packages/server": [
    "@bufbuild/protobuf",
    "@grpc/grpc-js",
    "@varve/engine",
    "@varve/proto",
    "classic-level",
    "crc-32",
    "grpc-health-check",
    "hysnappy",
    "memory-level",
    "node:*",
    "p-limit",
    "pino",
    "pino-pretty",
  ],
  "packages/testing": [
    "@bufbuild/protobuf",
    "@connectrpc/connect",
    "@varve/client",
    "@varve/engine",
    "@varve/proto",
    // In entry points of their own: the real server, and the matchers.
    "@varve/server",
    "memory-level",
    "node:*",
    "uuid",
    "vitest",
  ],
  "packages/cli": [
    "@varve/client",
    "@varve/server",
    "cli-progress",
    "cli-table3",
    "commander",
    "node:*",
    "string-width",
    "uuid",
    "wrap-ansi",
  ],
};

/** Built-in modules that the engine may use: bytes and sums, nothing of the outside world. */
const engineBuiltins = ["node:buffer", "node:crypto", "node:zlib"];

const IMPORT =
  /^(?:import|export)\b[^;"]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm;

function imports(folder: string): { file: string; module: string }[] {
  const files = globSync(`${folder}/src/**/*.ts`, { cwd: root }).filter(
    (file) => !/\.test\.ts$|\/src\/(.*\/)?(test-support|testing)\//.test(file),
  );
  return files.flatMap((file) => {
    const source = readFileSync(`${root}/${file}`, "utf8");
    return [...source.matchAll(IMPORT)].map(([, ...groups]) => ({
      file,
      module: groups.find((group) => group !== undefined) as string,
    }));
  });
}

/** `@varve/proto/google/rpc` → `@varve/proto`; `node:fs` → `node:*`. */
function packageOf(module: string): string {
  if (module.startsWith("node:") || builtinModules.includes(module)) return "node:*";
  return module
    .split("/")
    .slice(0, module.startsWith("@") ? 2 : 1)
    .join("/");
}

describe("imports", () => {
  it.each(Object.keys(allowed))("of %s point downwards only", (folder) => {
    const all = imports(folder);
    expect(all.length).toBeGreaterThan(0);
    const wrong = all.filter(
      ({ module }) => !module.startsWith(".") && !allowed[folder]?.includes(packageOf(module)),
    );
    expect(wrong).toEqual([]);
  });

  it.each(Object.keys(allowed))("of %s do not leave the package by a path", (folder) => {
    const depth = (file: string): number => file.split("/").length - folder.split("/").length - 1;
    const leaving = imports(folder).filter(({ file, module }) => {
      const up = module.split("/").filter((part) => part === "..").length;
      return up > depth(file);
    });
    expect(leaving).toEqual([]);
  });

  it("of the engine reach neither files, nor the network, nor other processes", () => {
    const builtins = imports("packages/engine").filter(
      ({ module }) => packageOf(module) === "node:*",
    );
    const wrong = builtins.filter(({ module }) => !engineBuiltins.includes(module));
    expect(wrong).toEqual([]);
  });
});
