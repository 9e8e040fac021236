import { forgetWorkspace } from "@varve/server/backup";
import { withBackupFailures } from "../backup/failure.js";
import type { LocalContext } from "../context.js";
import { wrongUse } from "../exit.js";

export interface ForgetWorkspaceFlags {
  readonly data: string;
}

/** Takes a workspace, whose data was deleted on purpose, from the list of those that there are. */
export async function forgetWorkspaceCommand(
  { out, isTerminal, takeInterrupts }: LocalContext,
  workspace: string,
  { data }: ForgetWorkspaceFlags,
): Promise<void> {
  if (data.trim() === "") throw wrongUse("--data must not be empty.");
  const isForgotten = await withBackupFailures(takeInterrupts(), () =>
    forgetWorkspace(data, workspace),
  );
  if (!isForgotten) {
    throw wrongUse(`There is no workspace ${JSON.stringify(workspace)} on the list in ${data}.`);
  }
  await out.line(
    isTerminal
      ? `The workspace ${JSON.stringify(workspace)} is forgotten; an append begins it anew.`
      : JSON.stringify({ workspace, data }),
  );
}
