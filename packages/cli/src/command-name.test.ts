import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commandName } from "./command-name.js";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "varve-command-"));
});

afterEach(() => rmSync(root, { recursive: true }));

/** Puts the command into a folder, which is made; returns the folder. */
function install(...folder: string[]): string {
  const path = join(root, ...folder);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "varve"), "");
  return path;
}

function emptyFolder(): string {
  const path = join(root, "empty");
  mkdirSync(path);
  return path;
}

// Someone who had installed the command globally was told to type "npx varve", which
// does not find it.
describe("the name of the command", () => {
  it("goes through npx in a project that has it, also below its root", () => {
    install("project", "node_modules", ".bin");
    const global = install("bin");
    expect(commandName({ folder: join(root, "project"), path: global })).toBe("npx varve");
    expect(commandName({ folder: join(root, "project", "src"), path: "" })).toBe("npx varve");
  });

  it("is its own where it is installed globally", () => {
    const path = ["", "/nowhere", install("bin")].join(delimiter);
    expect(commandName({ folder: emptyFolder(), path })).toBe("varve");
  });

  it("names the package where npx alone has it, which adds a folder to the path for a while", () => {
    const path = `${install("_npx", "1f", "node_modules", ".bin")}/`;
    expect(commandName({ folder: emptyFolder(), path })).toBe("npx @varve/cli");
    expect(commandName({ folder: root, path: undefined })).toBe("npx @varve/cli");
  });
});
