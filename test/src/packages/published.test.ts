import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { publishedPackages, root } from "../../../scripts/release/packages.ts";

const run = promisify(execFile);
const packages = publishedPackages();

interface PackedFile {
  readonly path: string;
}

/** What `npm pack` would put into each package, by its name. */
const packed = new Map<string, readonly string[]>();

beforeAll(async () => {
  const paths = packages.map(({ folder }) => `./${folder}`);
  const { stdout } = await run("npm", ["pack", "--dry-run", "--json", ...paths], { cwd: root });
  // A list, and since npm 12 an object.
  const answer = JSON.parse(stdout) as Record<string, { name: string; files: PackedFile[] }>;
  for (const { name, files } of Object.values(answer)) {
    packed.set(
      name,
      files.map(({ path }) => path),
    );
  }
});

describe("the packages that are published", () => {
  it("are these, each after those that it needs", () => {
    const names = packages.map(({ name }) => name);
    expect([...names].sort()).toEqual([
      "@varve/cli",
      "@varve/client",
      "@varve/engine",
      "@varve/proto",
      "@varve/server",
      "@varve/testing",
    ]);
    for (const { name, manifest } of packages) {
      const needed = names.filter((other) => manifest.dependencies?.[other]);
      expect(needed.every((other) => names.indexOf(other) < names.indexOf(name))).toBe(true);
    }
  });

  it("are released together, as the release and its notes have it", () => {
    const config = JSON.parse(readFileSync(join(root, ".changeset/config.json"), "utf8")) as {
      fixed: string[][];
    };
    expect(config.fixed.map((group) => [...group].sort())).toEqual([
      packages.map(({ name }) => name).sort(),
    ]);
    expect(new Set(packages.map(({ manifest }) => manifest.version)).size).toBe(1);
  });
});

describe.each(packages)("$name", ({ name, folder, manifest }) => {
  const files = (): readonly string[] => packed.get(name) ?? [];

  it("tells of itself", () => {
    expect(manifest).toMatchObject({
      description: expect.any(String),
      keywords: expect.arrayContaining(["event-store"]),
      license: "Apache-2.0",
      repository: { type: "git", url: expect.stringMatching(/^git\+https:/), directory: folder },
      type: "module",
      engines: { node: ">=22.12" },
      sideEffects: expect.anything(),
    });
    expect(files()).toEqual(expect.arrayContaining(["README.md", "LICENSE", "package.json"]));
    const licence = readFileSync(join(root, folder, "LICENSE"), "utf8");
    expect(licence).toBe(readFileSync(join(root, "LICENSE"), "utf8"));
  });

  // What npm packs says what the manifest says: "workspace:*" could be installed by nobody.
  it("names others by versions that a registry knows", () => {
    const { dependencies, devDependencies, peerDependencies } = manifest;
    const ranges = Object.values({ ...dependencies, ...devDependencies, ...peerDependencies });
    expect(ranges.filter((range) => !/^(>=|\^|~)?\d+(\.\d+)*$/.test(range))).toEqual([]);
    const own = Object.entries({ ...dependencies, ...devDependencies }).filter(([other]) =>
      packages.some((one) => one.name === other),
    );
    expect(own.filter(([, range]) => range !== manifest.version)).toEqual([]);
  });

  it("has the code and the types of each entry, also for those that know no exports", () => {
    const targets = Object.values(manifest.exports).flatMap((target) =>
      typeof target === "string" ? [target] : [target.types, target.default],
    );
    const programs = Object.values(manifest.bin ?? {});
    for (const target of [...targets, ...programs]) {
      expect(files()).toContain(target?.replace(/^\.\//, ""));
    }
    const entries = Object.entries(manifest.exports).filter(([, to]) => typeof to !== "string");
    const subpaths = entries.filter(([path]) => path !== ".").map(([path]) => path.slice(2));
    expect(Object.keys(manifest.typesVersions?.["*"] ?? {})).toEqual(subpaths);
  });

  it("has neither sources, tests nor maps", () => {
    const allowed = /^(package\.json|README\.md|LICENSE|NOTICE|(bin|dist|varve)\/.*)$/;
    expect(files().filter((path) => !allowed.test(path))).toEqual([]);
    const wanted = /\.(js|d\.ts|proto)$/;
    expect(files().filter((path) => path.includes("/") && !wanted.test(path))).toEqual([]);
    const testing = /\.(test|test-d)\.|(^|\/)(test-support|testing|docs)\//;
    expect(files().filter((path) => testing.test(path))).toEqual([]);
  });

  it("refers to no map, which would be missing", () => {
    const code = files().filter((path) => /\.(js|d\.ts)$/.test(path));
    const referring = code.filter((path) => {
      const file = join(root, folder, path);
      return existsSync(file) && readFileSync(file, "utf8").includes("//# sourceMappingURL=");
    });
    expect(referring).toEqual([]);
  });
});
