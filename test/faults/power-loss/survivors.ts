import { dirname } from "node:path";
import type { Random } from "../random.ts";
import type { Change, Journal, Sync } from "./journal.ts";

/**
 * When a change of names is durable.
 *
 * - `journalled`: when any sync ends that began after it, as file systems with a
 *   journal do it (ext4, xfs, btrfs). Of later changes a first part may have survived.
 * - `strict`: when its folder was synced; also, for the name of a new file, when that
 *   file was synced. Of the other changes in each folder a first part may have survived,
 *   whatever became of those in other folders.
 *
 * That a file became shorter is durable when it, or with `journalled` anything, was synced.
 */
export type NameModel = "journalled" | "strict";

/** The lines, by their index, of the changes that a disk still has: the rest is as if never made. */
export function survivors(journal: Journal, model: NameModel, random: Random): Set<number> {
  const syncs = journal.filter((line) => line.case === "sync" || line.case === "syncdir");
  const survived = new Set<number>();
  const undecided = new Map<string, number[]>();
  for (const [i, line] of journal.entries()) {
    if (!isChange(line)) continue;
    const place = placeOf(line);
    if (syncs.some((sync) => sync.begin > i && (model === "journalled" || covers(sync, line)))) {
      survived.add(i);
    } else {
      const domain = model === "journalled" ? "" : place;
      undecided.set(domain, [...(undecided.get(domain) ?? []), i]);
    }
  }
  for (const changes of undecided.values()) {
    for (const i of changes.slice(0, random.integer(0, changes.length))) survived.add(i);
  }
  return survived;
}

export function isChange(line: Journal[number]): line is Change {
  return line.case !== "sync" && line.case !== "syncdir" && line.case !== "fail";
}

/** What has the change: a folder, by its path, or a file, by its inode. */
function placeOf(change: Change): string {
  if (change.case === "truncate") return change.inode;
  return `/${dirname(change.case === "rename" ? change.to : change.path)}`;
}

function covers(sync: Sync, change: Change): boolean {
  if (sync.case === "syncdir") return `/${sync.path}` === placeOf(change);
  return "inode" in change && change.inode === sync.inode;
}
