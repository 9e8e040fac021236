import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Random } from "../random.ts";
import { inodeOf } from "./contents.ts";
import type { Journal } from "./journal.ts";
import { type DiskModel, reconstruct } from "./reconstruct.ts";

const lenient: DiskModel = { names: "journalled", tails: "cut" };
const withZeros: DiskModel = { names: "journalled", tails: "zeros" };

let place: string;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "varve-reconstruct-"));
  await mkdir(join(place, "folder"));
  await mkdir(join(place, "graveyard"));
});
afterEach(() => rm(place, { recursive: true }));

/** Writes a file, as a process has left it; resolves to its inode. */
async function left(path: string, content: string): Promise<string> {
  const file = join(place, path);
  await writeFile(file, content);
  return inodeOf(file);
}

/** What the file `a` can hold afterwards, over many choices. */
async function contentsOfA(journal: Journal, model: DiskModel): Promise<Set<string | undefined>> {
  const places = { folder: join(place, "folder"), graveyard: join(place, "graveyard") };
  const seen = new Set<string | undefined>();
  for (let seed = 0; seed < 100; seed++) {
    const target = join(await mkdtemp(join(place, "after-")), "folder");
    await reconstruct(journal, places, target, model, new Random(seed));
    seen.add(await readFile(join(target, "a"), "latin1").catch(() => undefined));
  }
  return seen;
}

describe("a file after a loss of power", () => {
  it("has what was synced, and any first part of the rest", async () => {
    const inode = await left("folder/a", "abcdef");
    const journal: Journal = [
      { case: "create", inode, path: "a" },
      { case: "sync", inode, size: 3, begin: 1 },
    ];
    const contents = await contentsOfA(journal, lenient);
    expect(contents).toEqual(new Set(["abc", "abcd", "abcde", "abcdef"]));
  });

  it("is as it was when it was synced, if nothing was written since", async () => {
    const inode = await left("folder/a", "abc");
    const journal: Journal = [
      { case: "create", inode, path: "a" },
      { case: "sync", inode, size: 3, begin: 1 },
    ];
    expect(await contentsOfA(journal, withZeros)).toEqual(new Set(["abc"]));
  });

  it("can be there without a single byte", async () => {
    const inode = await left("folder/a", "abc");
    const journal: Journal = [
      { case: "create", inode, path: "a" },
      { case: "syncdir", path: ".", begin: 1 },
    ];
    const contents = await contentsOfA(journal, lenient);
    expect(contents).toEqual(new Set(["", "a", "ab", "abc"]));
  });

  it("can end with zeros, from a sector on or from where it was synced", async () => {
    const inode = await left("folder/a", "a".repeat(2000));
    const journal: Journal = [
      { case: "create", inode, path: "a" },
      { case: "sync", inode, size: 700, begin: 1 },
    ];
    const contents = [...(await contentsOfA(journal, withZeros))].map((text = "") => text);
    const zeros = contents.filter((text) => text.endsWith("\0"));
    const begins = new Set(zeros.map((text) => text.indexOf("\0")));
    expect([...begins].sort((a, b) => a - b)).toEqual([700, 1024, 1536]);
    for (const text of contents) expect(text).toMatch(/^a{700,}\0*$/);
  });

  it("comes back from the graveyard, if its end was not durable", async () => {
    const inode = await left("graveyard/1", "abc");
    const journal: Journal = [
      { case: "create", inode, path: "a" },
      { case: "sync", inode, size: 3, begin: 1 },
      { case: "unlink", path: "a" },
    ];
    expect(await contentsOfA(journal, lenient)).toEqual(new Set(["abc", undefined]));
  });

  it("holds what it held before it was cut, if the cut was not durable", async () => {
    const inode = await left("folder/a", "xy");
    await left("graveyard/copy", "abc");
    const created = { case: "create", inode, path: "a" } as const;
    const synced = { case: "sync", inode, size: 3, begin: 1 } as const;
    const cut = { case: "truncate", inode, size: 0, copy: "copy" } as const;
    const undecided = await contentsOfA([created, synced, cut], lenient);
    expect(undecided).toEqual(new Set(["abc", "", "x", "xy"]));
    const again = { case: "sync", inode, size: 2, begin: 3 } as const;
    expect(await contentsOfA([created, synced, cut, again], lenient)).toEqual(new Set(["xy"]));
  });
});
