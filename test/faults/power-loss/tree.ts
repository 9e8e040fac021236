import { dirname } from "node:path";
import type { Change } from "./journal.ts";

/** The names of a folder: of each path the inode of its file, or that it is a folder. */
export type Tree = ReadonlyMap<string, string | "folder">;

/**
 * The names after these changes. A change that presupposes one that is not among
 * them, for example a file in a folder that was never made, does nothing.
 */
export function treeAfter(changes: Iterable<Change>): Tree {
  const tree = new Map<string, string>([[".", "folder"]]);
  for (const change of changes) apply(tree, change);
  return tree;
}

function apply(tree: Map<string, string>, change: Change): void {
  switch (change.case) {
    case "create":
      if (isFolder(tree, dirname(change.path))) tree.set(change.path, change.inode);
      return;
    case "mkdir":
      if (isFolder(tree, dirname(change.path))) tree.set(change.path, "folder");
      return;
    case "unlink":
      tree.delete(change.path);
      return;
    case "rmdir":
      if (inside(tree, change.path).length === 0) tree.delete(change.path);
      return;
    case "rename":
      rename(tree, change.from, change.to);
  }
}

function isFolder(tree: Tree, path: string): boolean {
  return tree.get(path) === "folder";
}

function inside(tree: Tree, folder: string): string[] {
  return [...tree.keys()].filter((path) => path.startsWith(`${folder}/`));
}

function rename(tree: Map<string, string>, from: string, to: string): void {
  if (!tree.has(from) || !isFolder(tree, dirname(to))) return;
  for (const path of [from, ...inside(tree, from)]) {
    tree.set(to + path.slice(from.length), tree.get(path) as string);
    tree.delete(path);
  }
}
