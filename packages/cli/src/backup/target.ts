import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { makeFolder } from "@varve/server/backup";
import { wrongUse } from "../exit.js";

/** Where a backup goes. */
export type BackupTarget =
  | { readonly kind: "output" }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "folder"; readonly path: string };

/**
 * What a word on the command line means: standard output, a folder if there is one
 * or if the name ends with a slash, or else a file. The folder is created.
 */
export async function parseTarget(word: string): Promise<BackupTarget> {
  if (word === "-") return { kind: "output" };
  const stats = await stat(word).catch(() => undefined);
  if (stats?.isDirectory()) return { kind: "folder", path: word };
  if (!word.endsWith("/")) return { kind: "file", path: word };
  await makeFolder(resolve(word)).catch((error: unknown) => {
    throw wrongUse(`The folder ${word} cannot be created: ${(error as Error).message}.`);
  });
  return { kind: "folder", path: word };
}
