import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { describe, expect, it, onTestFinished } from "vitest";
import { KeySpace } from "../format/constants.js";
import { termKey } from "../format/keys.js";
import { encodePostings } from "../format/postings.js";
import { type Database, databaseEncoding, putChecked, writeDurably } from "../log/database.js";
import { planFilter } from "./plan.js";
import { SearchBudget } from "./search-budget.js";
import { SearchTurns } from "./search-turns.js";
import { StreamIndex } from "./stream-index.js";

const TAG = "t".repeat(256);
const BLOCK = 500;

/** An index of blocks that are full of events with a long tag. */
async function indexOf(blocks: number): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), "varve-plan-"));
  const db = new ClassicLevel<Buffer, Buffer>(folder, databaseEncoding);
  onTestFinished(async () => {
    await db.close();
    await rm(folder, { recursive: true });
  });
  await db.open();
  const writes = Array.from({ length: blocks }, (_, n) => {
    const last = (n + 1) * BLOCK;
    const positions = Array.from({ length: BLOCK }, (_, i) => n * BLOCK + i + 1);
    return putChecked(termKey(KeySpace.tag, TAG, last), encodePostings(positions, last));
  });
  await writeDurably(db, writes);
  return db;
}

describe("a cursor over an index of large entries", () => {
  // A read that was cut short by its bytes was taken for the end: a condition held that did not.
  it("goes on where a read has as many bytes as it may have", async () => {
    const db = await indexOf(3000);
    const budget = new SearchBudget(new SearchTurns());
    const filter = [{ tags: [TAG] }];
    using cursor = await planFilter(db, new StreamIndex(db), filter, 1, budget);
    let found = 0;
    for (let target = 1; ; found++) {
      const match = await cursor?.seek(target);
      if (!match) break;
      target = match.blockLast + 1;
    }
    expect(found).toBe(3000);
  });
});
