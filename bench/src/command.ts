import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createRunFolder, removeFolder } from "./run-folder.ts";

/** Does what needs a folder of its own, which is gone afterwards, however that ends. */
export async function inRunFolder(
  cache: string,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const run = createRunFolder(cache);
  // What this process has started ends with it.
  const stop = (): void => {
    removeFolder(run);
    process.exit(130);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    await use(run);
  } finally {
    removeFolder(run);
  }
}

/** Writes a result, and says so. */
export function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  say(`Written: ${file}`);
}

/** Standard output is for the table. */
export function say(sentence: string): void {
  console.error(sentence);
}
