import { isWorkspaceName } from "@varve/server/backup";
import { wrongUse } from "../exit.js";

/** Refuses what cannot be the name of a workspace. `option`: that it was given with. */
export function checkWorkspaceName(option: string, name: string): void {
  if (isWorkspaceName(name)) return;
  throw wrongUse(
    `${option} must be 1 to 63 characters of a-z, 0-9, "-" and "_", starting with a letter or digit.`,
  );
}
