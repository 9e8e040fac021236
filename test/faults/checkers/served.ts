import type { SeenEvent } from "../history.ts";

/**
 * How what was served differs from what should have been; `undefined` if it does not.
 * With `prefix`, what was served may end early.
 */
export function servedWrong(
  served: readonly SeenEvent[],
  expected: readonly SeenEvent[],
  { prefix = false }: { readonly prefix?: boolean } = {},
): string | undefined {
  for (const [i, event] of served.entries()) {
    const wrong = differs(event, expected[i]);
    if (wrong) return wrong;
  }
  const next = expected[served.length];
  if (!next || prefix) return undefined;
  const last = served.at(-1);
  const after = last ? `after position ${last.position}` : "at the start";
  return `position ${next.position} (${next.stream}, revision ${next.revision}) is missing ${after}`;
}

function differs(event: SeenEvent, expected: SeenEvent | undefined): string | undefined {
  if (!expected) return `position ${event.position} (event ${event.id}) is one too many`;
  if (event.position !== expected.position) {
    return `position ${event.position} came where position ${expected.position} should have come`;
  }
  const at = `position ${event.position} was served`;
  if (event.id !== expected.id) {
    return `${at} with event ${event.id}, but the log has event ${expected.id} there`;
  }
  if (event.stream !== expected.stream || event.revision !== expected.revision) {
    return `${at} as revision ${event.revision} of ${event.stream}, but the log has revision ${expected.revision} of ${expected.stream}`;
  }
  if (event.digest !== expected.digest) return `${at} with other bytes than the log has`;
  if (event.recordedAtMs === expected.recordedAtMs) return undefined;
  return `${at} with time ${event.recordedAtMs}, but the log has ${expected.recordedAtMs}`;
}
