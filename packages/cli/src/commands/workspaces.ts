import type { MaintenanceContext } from "../context.js";
import { sayNothing } from "../output/nothing.js";

/** Lists the workspaces that exist, by name. */
export async function workspaces(context: MaintenanceContext): Promise<void> {
  const { client, out, isTerminal } = context;
  const names = await client.listWorkspaces();
  for (const workspace of names) {
    await out.line(isTerminal ? workspace : JSON.stringify({ workspace }));
  }
  if (names.length === 0) await sayNothing(context, "There are no workspaces.");
}
