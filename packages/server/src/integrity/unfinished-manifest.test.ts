import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { filesOf, fill, killed, openLevel, temporaryFolder } from "../test-support/level.js";
import { fragment } from "../test-support/log-writer.js";
import { FragmentType } from "./log-fragment.js";
import { checkForOpening } from "./opening-check.js";
import { cutUnfinishedManifest } from "./unfinished-manifest.js";

const SECTOR_BYTES = 512;

// A loss of power left zeros in place of the second sector of an edit that had not been
// synced; LevelDB would not open the database, though nothing in it was lost.
it("a manifest whose last edit was not finished does not keep a database from being opened", async () => {
  const live = join(await temporaryFolder(), "live");
  await fill(await openLevel(live), "a", 20, 1000);
  const path = await killed(live);
  const manifest = join(path, (await filesOf(path, /^MANIFEST/))[0] as string);
  const before = await readFile(manifest);
  const edit = fragment(FragmentType.full, Buffer.alloc(2 * SECTOR_BYTES, 1));
  const unfinished = Buffer.concat([before, edit]).fill(0, SECTOR_BYTES);
  expect(before.length).toBeLessThan(SECTOR_BYTES);
  await writeFile(manifest, unfinished);
  expect(await checkForOpening(path)).toEqual([]);
  await expect(openLevel(path)).rejects.toThrow();
  await cutUnfinishedManifest(path);
  expect(await readFile(manifest)).toEqual(before);
  const db = await openLevel(path);
  expect(await db.keys().all()).toHaveLength(20);
});

it("a manifest whose last edit was finished stays as it is", async () => {
  const live = join(await temporaryFolder(), "live");
  await fill(await openLevel(live), "a", 1, 10);
  const path = await killed(live);
  const manifest = join(path, (await filesOf(path, /^MANIFEST/))[0] as string);
  const before = await readFile(manifest);
  await cutUnfinishedManifest(path);
  expect(await readFile(manifest)).toEqual(before);
});
