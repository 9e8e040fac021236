/**
 * Checks what is stored in a database whose files are damaged, in a process of its own:
 * its argument is the folder, and its reports are messages to its parent.
 */
import { verifyEntries } from "./entries.js";

for await (const report of verifyEntries(process.argv[2] as string, false, {})) {
  await new Promise((resolve) => process.send?.(report, resolve));
}
process.disconnect();
