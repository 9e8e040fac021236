import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Kitchen } from "../peer.ts";

/**
 * Fills a folder of the kitchen, named after what is in it and its version, unless it is
 * there already. One that was not finished is begun anew.
 */
export async function installOnce(
  kitchen: Kitchen,
  name: string,
  fill: (folder: string) => Promise<unknown>,
): Promise<string> {
  const folder = join(kitchen.folder, name);
  if (existsSync(folder)) return folder;
  kitchen.say(`Installing ${name}, once …`);
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  await fill(unfinished);
  renameSync(unfinished, folder);
  return folder;
}
