import { publishedPackages } from "../../../../scripts/release/packages.ts";

/** Every module that can be imported from a package, as it is written in an import. */
export const entries: readonly string[] = publishedPackages().flatMap(({ name, manifest }) =>
  Object.keys(manifest.exports)
    .filter((path) => path !== "./package.json")
    .map((path) => `${name}${path.slice(1)}`),
);

/** Needs vitest, which is the user's own. */
export const vitestEntry = "@varve/testing/vitest";

/** Gives and takes the types of Connect, which are those of the DOM. */
export const domEntry = "@varve/client/transport";
