import { appendFile, readFile, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { Pace } from "@varve/engine";
import { describe, expect, it } from "vitest";
import {
  filesOf,
  fill,
  flip,
  openLevel,
  temporaryFolder,
  withChange,
} from "../test-support/level.js";
import type { FileFinding } from "./file-finding.js";
import { type LevelFolder, readLevelFolder } from "./level-folder.js";
import { checkTables } from "./table-check.js";

/** A database whose log has become a table. */
async function withTable(): Promise<{ path: string; table: string }> {
  const path = join(await temporaryFolder(), "db");
  const db = await openLevel(path);
  await fill(db, "small", 300, 60);
  await fill(db, "large", 3, 30_000);
  await db.close();
  await (await openLevel(path)).close();
  const [name] = await filesOf(path, /\.ldb$/);
  return { path, table: join(path, name as string) };
}

async function findingsOf(folder: LevelFolder): Promise<FileFinding[]> {
  const found: FileFinding[] = [];
  for await (const finding of checkTables(folder, new Pace())) found.push(finding);
  return found;
}

async function check(path: string): Promise<FileFinding[]> {
  return findingsOf(await readLevelFolder(path));
}

describe("a table", () => {
  it("that is whole has no finding", async () => {
    const { path } = await withTable();
    expect(await check(path)).toEqual([]);
  });

  it("has no bit that flips unnoticed", async () => {
    const { path, table } = await withTable();
    const bits = (await readFile(table)).length * 8;
    const footer = bits - 48 * 8;
    for (let bit = 0; bit < bits; bit += bit < footer ? Math.ceil(bits / 200) : 1) {
      const found = await withChange(
        table,
        (bytes) => flip(bytes, bit),
        () => check(path),
      );
      expect([bit, found.length]).toEqual([bit, 1]);
      expect(found[0]).toMatchObject({ kind: "file-damaged", file: table.slice(path.length + 1) });
    }
  });

  it("that has lost its end, or gained one, is named with the place", async () => {
    const { path, table } = await withTable();
    const { length } = await readFile(table);
    await appendFile(table, Buffer.of(0));
    expect(await check(path)).toMatchObject([{ offset: length }]);
    await truncate(table, length - 1);
    expect(await check(path)).toMatchObject([{ offset: length - 1 }]);
    await truncate(table, 0);
    expect(await check(path)).toMatchObject([{ offset: 0 }]);
  });

  it("that is missing is named", async () => {
    const { path, table } = await withTable();
    await rm(table);
    expect(await check(path)).toMatchObject([{ kind: "file-missing" }]);
  });

  it("that is merged into others meanwhile is none of the database any more", async () => {
    const { path } = await withTable();
    const db = await openLevel(path);
    await fill(db, "other", 300, 60);
    const before = await readLevelFolder(path);
    await db.compactRange(Buffer.from("a"), Buffer.from("z"));
    expect(await filesOf(path, /\.ldb$/)).not.toContain(before.tables[0]?.name);
    expect(await findingsOf(before)).toEqual([]);
    expect(await check(path)).toEqual([]);
  });
});
