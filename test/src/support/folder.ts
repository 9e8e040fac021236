import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Takes what is to be done in the end; the last comes first. */
export type OnEnd = (cleanUp: CleanUp) => void;

export type CleanUp = () => void | Promise<void>;

/** A folder of its own; it goes in the end, which is that of the running test. */
export async function temporaryFolder(onEnd: OnEnd = onTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "varve-test-"));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
