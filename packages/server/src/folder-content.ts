import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** What a data folder has, or may have before it is one. */
const OWN = new Set([
  "ballast",
  "ballast.new",
  "catalog",
  "catalog.new",
  "workspaces",
  "workspaces.txt",
]);
/** What a file system begins with, and what has no part in anything. */
const HARMLESS = /^(?:lost\+found|\..*|workspaces\.txt\.new)$/;
/** The files of a database. */
const DATABASE = /^(?:CURRENT|MANIFEST-\d+|\d+\.(?:ldb|sst|log))$/;
const NAMED_MAX = 3;

/** Names in a folder; none if there is no such folder. */
export async function namesIn(path: string): Promise<string[]> {
  return readdir(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  });
}

/** Whether there is any file of a database in a folder. */
export async function holdsDatabase(path: string): Promise<boolean> {
  return (await namesIn(path)).some((name) => DATABASE.test(name));
}

/** Throws if a folder is somebody else's: one that is Varve's, empty, or missing is fine. */
export async function assertOwnFolder(path: string): Promise<void> {
  const foreign = (await namesIn(path)).filter((name) => !OWN.has(name) && !HARMLESS.test(name));
  if (foreign.length === 0 || (await holdsDatabase(join(path, "catalog")))) return;
  const named = foreign.sort().slice(0, NAMED_MAX).join(", ");
  const more = foreign.length > NAMED_MAX ? ` and ${foreign.length - NAMED_MAX} more` : "";
  throw new Error(`it holds files that are not Varve's (${named}${more}); name an empty folder`);
}
