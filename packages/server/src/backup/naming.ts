import { BackupError } from "@varve/engine";

/** Does some work on a backup, and says of which one a `BackupError` is. */
export async function naming<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof BackupError ? error.of(name) : error;
  }
}
