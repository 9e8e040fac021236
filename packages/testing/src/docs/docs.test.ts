import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const guide = readFileSync(join(root, "docs/testing.md"), "utf8");
const run = promisify(execFile);

/** The examples, by the file name that the comment above them gives. */
const examples = new Map(
  [...guide.matchAll(/<!-- tested: (\S+) -->\n```ts\n(.*?)```/gs)].map(
    ([, name = "", code = ""]) => [name, code],
  ),
);

// Inside the package, where its own name leads to it, and where nothing is committed.
const dist = join(root, "packages/testing/dist");
mkdirSync(dist, { recursive: true });
const folder = mkdtempSync(join(dist, "docs-"));
for (const [name, code] of examples) writeFileSync(join(folder, name), code);

afterAll(() => rmSync(folder, { recursive: true }));

describe("the examples of docs/testing.md", () => {
  it("are all there", () => {
    const fences = [...guide.matchAll(/^```ts$/gm)];
    expect(examples.size).toBe(fences.length);
    expect(examples.size).toBeGreaterThan(0);
  });

  it("compile", async () => {
    const compilerOptions = { rootDir: ".", noEmit: true, allowImportingTsExtensions: true };
    const relaxed = { isolatedDeclarations: false, declaration: false, declarationMap: false };
    const config = {
      extends: join(root, "tsconfig.base.json"),
      compilerOptions: { ...compilerOptions, ...relaxed },
      files: [...examples.keys()],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const typescript = dirname(fileURLToPath(import.meta.resolve("typescript/package.json")));
    const tsc = join(typescript, "bin/tsc");
    const errors = await run(process.execPath, [tsc, "-p", folder], { cwd: root }).then(
      () => "",
      (error: { stdout: string }) => error.stdout,
    );
    expect(errors).toBe("");
  });
});

const tests = [...examples.keys()].filter((name) => name.endsWith(".test.ts"));

// Their tests become tests of this file.
describe.each(tests)("the example %s", async (name) => {
  await import(/* @vite-ignore */ join(folder, name));
});
