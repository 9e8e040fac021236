import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** What is read of a `package.json`. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  /** Where the types of each entry are, for TypeScript that does not know `exports`. */
  readonly typesVersions?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** A package that is published. */
export interface PublishedPackage {
  readonly name: string;
  /** From the root of the repository. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** All that are published, each after those that it needs. */
export function publishedPackages(): PublishedPackage[] {
  const folders = globSync(["proto/package.json", "packages/*/package.json"], { cwd: root });
  const found = folders.map(dirname).sort().map(readPackage);
  const ordered = new Set<PublishedPackage>();
  const place = (one: PublishedPackage): void => {
    const needed = found.filter(({ name }) => one.manifest.dependencies?.[name] !== undefined);
    for (const other of needed) place(other);
    ordered.add(one);
  };
  for (const one of found) if (!one.manifest.private) place(one);
  return [...ordered];
}

function readPackage(folder: string): PublishedPackage {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
  return { name: manifest.name, folder, manifest };
}
