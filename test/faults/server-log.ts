import type { Violation } from "./scenario.ts";
import type { Exit } from "./server.ts";

/** Of pino: from here on it is an error. */
const ERROR_LEVEL = 50;
const SHOWN = 400;

/**
 * What a server should not have said on standard error, with its log as JSON: errors that
 * it logged, and whatever is not of the log, as an error that nobody has handled.
 */
export function complaintsIn({ stderr }: Pick<Exit, "stderr">): Violation[] {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  return lines.filter(isComplaint).map((line) => ({
    guarantee: "G13",
    message: `the server said: ${line.slice(0, SHOWN)}`,
  }));
}

/** That the server stopped in order when it was asked to. */
export function stopViolations(exit: Exit): Violation[] {
  if (exit.code === 0) return complaintsIn(exit);
  const how = exit.signal ?? `exit code ${exit.code}`;
  const violation = { guarantee: "G13", message: `the server ended with ${how}` } as const;
  return [violation, ...complaintsIn(exit)];
}

function isComplaint(line: string): boolean {
  try {
    const { level } = JSON.parse(line) as { level?: unknown };
    return typeof level !== "number" || level >= ERROR_LEVEL;
  } catch {
    return true;
  }
}
