import { describe, expect, it } from "vitest";
import { Random } from "../random.ts";
import type { Journal } from "./journal.ts";
import { isChange, type NameModel, survivors } from "./survivors.ts";
import { treeAfter } from "./tree.ts";

const create = (inode: string, path: string) => ({ case: "create", inode, path }) as const;
const rename = (from: string, to: string) => ({ case: "rename", from, to }) as const;
const unlink = (path: string) => ({ case: "unlink", path }) as const;
const mkdir = (path: string) => ({ case: "mkdir", path }) as const;
const sync = (inode: string, begin: number) => ({ case: "sync", inode, size: 0, begin }) as const;
const syncdir = (path: string, begin: number) => ({ case: "syncdir", path, begin }) as const;

/** All that can be left of the names, over many choices: for each the paths, sorted. */
function outcomes(journal: Journal, model: NameModel): string[] {
  const seen = new Set<string>();
  for (let seed = 0; seed < 300; seed++) {
    const survived = survivors(journal, model, new Random(seed));
    const tree = treeAfter(journal.filter((_, i) => survived.has(i)).filter(isChange));
    const files = [...tree].filter(([path]) => path !== ".");
    seen.add(
      files
        .map(([path, inode]) => `${path}=${inode}`)
        .sort()
        .join(" "),
    );
  }
  return [...seen].sort();
}

describe("names after a loss of power", () => {
  it("that nothing made durable are there up to any moment", () => {
    const journal = [create("1", "a"), create("2", "b"), unlink("a")];
    expect(outcomes(journal, "journalled")).toEqual(["", "a=1", "a=1 b=2", "b=2"]);
    expect(outcomes(journal, "strict")).toEqual(["", "a=1", "a=1 b=2", "b=2"]);
  });

  it("are as they were when a folder was synced, or as they became later", () => {
    const journal = [create("1", "a"), syncdir(".", 1), rename("a", "b")];
    for (const model of ["journalled", "strict"] as const) {
      expect(outcomes(journal, model)).toEqual(["a=1", "b=1"]);
    }
  });

  it("are not those of changes that came while the sync was under way", () => {
    const journal = [create("1", "a"), create("2", "b"), syncdir(".", 1)];
    expect(outcomes(journal, "strict")).toEqual(["a=1", "a=1 b=2"]);
    expect(outcomes(journal, "journalled")).toEqual(["a=1", "a=1 b=2"]);
  });

  it("are durable with the sync of any file, if the file system has one journal", () => {
    const journal = [create("1", "a"), create("2", "b"), rename("a", "c"), sync("2", 3)];
    expect(outcomes(journal, "journalled")).toEqual(["b=2 c=1"]);
  });

  it("are, strictly, durable with the sync of their own file only", () => {
    const journal = [create("1", "a"), create("2", "b"), sync("2", 2)];
    expect(outcomes(journal, "strict")).toEqual(["a=1 b=2", "b=2"]);
  });

  it("keep what a rename has replaced until the rename is durable", () => {
    const journal = [
      create("1", "CURRENT"),
      syncdir(".", 1),
      create("2", "new"),
      sync("2", 3),
      rename("new", "CURRENT"),
      unlink("old"),
    ];
    expect(outcomes(journal, "strict")).toEqual(["CURRENT=1 new=2", "CURRENT=2"]);
  });

  it("in one folder say, strictly, nothing of those in another", () => {
    const journal = [
      mkdir("x"),
      mkdir("y"),
      syncdir(".", 2),
      create("1", "x/a"),
      create("2", "y/b"),
    ];
    expect(outcomes(journal, "journalled")).toHaveLength(3);
    expect(outcomes(journal, "strict")).toHaveLength(4);
  });

  it("are gone with a folder that was not durable", () => {
    const journal = [mkdir("x"), create("1", "x/a"), sync("1", 2)];
    expect(outcomes(journal, "strict")).toEqual(["", "x/a=1 x=folder"]);
  });

  it("move with the folder that is renamed", () => {
    const journal = [
      mkdir("x"),
      create("1", "x/a"),
      rename("x", "y"),
      syncdir(".", 3),
      sync("1", 4),
    ];
    expect(outcomes(journal, "strict")).toEqual(["y/a=1 y=folder"]);
  });
});
