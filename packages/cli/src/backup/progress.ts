import type { WriteBackupOptions } from "@varve/server/backup";
import { createProgress } from "../output/progress.js";
import type { TextOutput } from "../output/text-output.js";

/** Shows on a terminal how far a backup has come. */
export async function withProgress<T>(
  err: TextOutput,
  work: (onProgress: NonNullable<WriteBackupOptions["onProgress"]>) => Promise<T>,
): Promise<T> {
  const bar = await createProgress(err, true);
  try {
    return await work((position, { after, head }) =>
      bar.update(position - after, head - after, () => `position ${position}`),
    );
  } finally {
    bar.stop();
  }
}
