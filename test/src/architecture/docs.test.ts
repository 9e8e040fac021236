import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ErrorReason } from "@varve/proto";
import { settingDefinitions } from "@varve/server";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const pages = ["*.md", "docs/*.md", "packages/*/README.md", "examples/*/README.md"].flatMap(
  (pattern) => globSync(pattern, { cwd: root }),
);

function read(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

describe("the documentation", () => {
  it.each(pages)("%s links only to files that exist", (page) => {
    const targets = [...read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(
      ([, to]) => to as string,
    );
    const local = targets.filter((target) => !/^[a-z]+:/.test(target));
    expect(local.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([]);
  });

  it("of the guarantees names only tests that exist", () => {
    const named = [...read("docs/guarantees.md").matchAll(/`((?:test|packages)\/[^`\s]+)`/g)];
    const paths = named.map(([, path]) => path as string);
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it("of the errors has every reason, and no other", () => {
    const documented = [...read("docs/errors.md").matchAll(/^\| `([A-Z_]+)` \|/gm)].map(
      ([, r]) => r,
    );
    const defined = Object.keys(ErrorReason).filter((key) => /^[A-Z]/.test(key));
    expect(documented.toSorted()).toEqual(
      defined.filter((key) => key !== "UNSPECIFIED").toSorted(),
    );
  });

  it("of the settings has every flag with its variable and default", () => {
    const rows = [
      ...read("docs/settings.md").matchAll(/^\| `--(\S+)[^`]*` \| `(\S+)` \| `(\S+)` \|/gm),
    ];
    expect(rows.map(([, name, env, defaultText]) => ({ name, env, defaultText }))).toEqual(
      settingDefinitions.map(({ name, env, defaultText }) => ({ name, env, defaultText })),
    );
  });
});
