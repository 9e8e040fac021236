import type { BaseContext } from "../context.js";

/**
 * Says that a result is empty, where it is not a result itself. Scripts that read JSON are
 * not told: they see it.
 */
export async function sayNothing(
  { out, err, json }: Pick<BaseContext, "out" | "err" | "json">,
  sentence: string,
): Promise<void> {
  if (json) return;
  await out.flush();
  await err.line(sentence);
}
