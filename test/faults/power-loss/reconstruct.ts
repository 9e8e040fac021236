import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Random } from "../random.ts";
import { Contents, type Places } from "./contents.ts";
import type { Journal } from "./journal.ts";
import { isChange, type NameModel, survivors } from "./survivors.ts";
import { chooseTail, type TailModel, writeTail } from "./tail.ts";
import { treeAfter } from "./tree.ts";

/**
 * What a loss of power leaves. What was synced stays: bytes up to the length that a
 * file had when its last sync began, and names as `NameModel` says. What was not is
 * there or not, as the disk likes.
 */
export interface DiskModel {
  readonly names: NameModel;
  readonly tails: TailModel;
}

/** What was lost. */
export interface Loss {
  /** Changes of names, and of files to a shorter length, that are as if never made. */
  readonly changes: number;
  /** Of the files that are still there. */
  readonly bytes: number;
  /** Bytes that have become zeros. */
  readonly zeros: number;
}

/**
 * Makes `target`, which must not exist, what a disk could hold if the power had been
 * lost at the moment when the journal ended. The choices are those of `random`.
 */
export async function reconstruct(
  journal: Journal,
  places: Places,
  target: string,
  model: DiskModel,
  random: Random,
): Promise<Loss> {
  const survived = survivors(journal, model.names, random);
  const changes = journal.filter(isChange);
  const tree = treeAfter(journal.filter((_, i) => survived.has(i)).filter(isChange));
  const contents = await Contents.find(journal, places);
  const loss = { changes: changes.length - survived.size, bytes: 0, zeros: 0 };
  await mkdir(target);
  // A folder comes before what is in it: it was made before.
  for (const [path, inode] of [...tree].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (path === ".") continue;
    if (inode === "folder") {
      await mkdir(join(target, path));
      continue;
    }
    const content = await contents.of(inode, survived);
    const tail = chooseTail(content, model.tails, random);
    await writeTail(content, tail, join(target, path));
    loss.bytes += content.size - tail.size;
    loss.zeros += tail.size - tail.zerosFrom;
  }
  return loss;
}
