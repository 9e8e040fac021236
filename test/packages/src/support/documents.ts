import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../../scripts/release/packages.ts";

/** The program that the README shows. */
export function readmeProgram(): string {
  const [program = ""] = matchIn("README.md", /<!-- tested:[^>]*-->\n```ts\n(.*?)```/s);
  return program;
}

/** What docs/testing.md says that the fake costs. */
export function statedSizes(): { installedMb: number; packages: number; bundledKb: number } {
  const guide = "docs/testing.md";
  const [installedMb, packages] = matchIn(guide, /installs (\d+) MB in (\d+) packages/);
  const [bundledKb] = matchIn(guide, /the\s+store is (\d+) KB/);
  return {
    installedMb: Number(installedMb),
    packages: Number(packages),
    bundledKb: Number(bundledKb),
  };
}

/** The groups of an expression that the document must contain. */
function matchIn(document: string, expression: RegExp): string[] {
  const found = expression.exec(readFileSync(join(root, document), "utf8"));
  if (!found) throw new Error(`${document} has nothing that matches ${expression}`);
  return found.slice(1);
}
