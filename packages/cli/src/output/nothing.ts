import { type BaseContext, DEFAULT_WORKSPACE } from "../context.js";

interface NothingContext extends Pick<BaseContext, "out" | "err" | "json"> {
  /** Of commands that look into one. */
  readonly workspace?: string;
}

/**
 * Says that a result is empty, where it is not a result itself. Scripts that read JSON are
 * not told: they see it. A workspace that was named is named again: one whose name is
 * mistyped is empty, too.
 */
export async function sayNothing(
  { out, err, json, workspace = DEFAULT_WORKSPACE }: NothingContext,
  sentence: string,
): Promise<void> {
  if (json) return;
  await out.flush();
  const where =
    workspace === DEFAULT_WORKSPACE ? "" : ` The workspace is ${JSON.stringify(workspace)}.`;
  await err.line(sentence + where);
}
