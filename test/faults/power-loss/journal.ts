import { readFile } from "node:fs/promises";

/** A change of names, or of a file's length: what a loss of power can undo. */
export type Change =
  | { readonly case: "create"; readonly inode: string; readonly path: string }
  | { readonly case: "mkdir" | "rmdir" | "unlink"; readonly path: string }
  | { readonly case: "rename"; readonly from: string; readonly to: string }
  | {
      readonly case: "truncate";
      readonly inode: string;
      readonly size: number;
      /** In the graveyard: what the file held before. */
      readonly copy: string;
    };

/** What became durable. `begin`: lines of the journal when the sync began. */
export type Sync =
  | {
      readonly case: "sync";
      readonly inode: string;
      readonly size: number;
      readonly begin: number;
    }
  | { readonly case: "syncdir"; readonly path: string; readonly begin: number };

/** A failure that was injected, at a time of `process.hrtime`. */
export interface Failure {
  readonly case: "fail";
  readonly timeNs: bigint;
  readonly path: string;
}

export type Line = Change | Sync | Failure;

/** The journal of `journal.h`, one entry for each line. */
export type Journal = readonly Line[];

/** What the shim has written. A last line without an end was not written. */
export async function readJournal(file: string): Promise<Journal> {
  const lines = (await readFile(file, "utf8")).split("\n");
  return lines.slice(0, -1).map(toLine);
}

function toLine(line: string): Line {
  const [name, first = "", second = "", third = ""] = line.split("\t");
  switch (name) {
    case "create":
      return { case: name, inode: first, path: second };
    case "mkdir":
    case "rmdir":
    case "unlink":
      return { case: name, path: first };
    case "rename":
      return { case: name, from: first, to: second };
    case "truncate":
      return { case: name, inode: first, size: Number(second), copy: third };
    case "sync":
      return { case: name, inode: first, size: Number(second), begin: Number(third) };
    case "syncdir":
      return { case: name, path: first, begin: Number(second) };
    case "fail":
      return { case: name, timeNs: BigInt(first), path: second };
    default:
      throw new Error(`a loss of power cannot be emulated after this: ${line}`);
  }
}
