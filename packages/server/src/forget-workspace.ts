import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { openDataFolder, workspacePath } from "./data-folder.js";
import { holdsDatabase } from "./folder-content.js";
import { StartupError } from "./startup-error.js";
import { WorkspaceList, workspaceListPath } from "./workspace-list.js";

/**
 * Takes a workspace whose data is gone from the list of those that there are: it is meant
 * to be gone. False if the list does not have it. Throws `StartupError` if the data folder
 * cannot be used, for example because a server uses it, or if the data is there.
 */
export async function forgetWorkspace(dataFolder: string, workspace: string): Promise<boolean> {
  const root = resolve(dataFolder);
  // Looking for a name must not make a new data folder.
  if (!existsSync(workspaceListPath(root))) return false;
  const folder = await openDataFolder(root);
  try {
    if (!folder.has(workspace)) return false;
    const path = workspacePath(root, workspace);
    if (await holdsDatabase(path)) {
      throw new StartupError(`the workspace ${JSON.stringify(workspace)} has data, in ${path}`);
    }
    await (await WorkspaceList.read(root)).remove(workspace);
    return true;
  } finally {
    await folder.close();
  }
}
