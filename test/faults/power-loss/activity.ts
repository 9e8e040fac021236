import type { Journal, Line } from "./journal.ts";

/** What LevelDB did to the files of the default workspace. */
export interface Activity {
  /** Logs that were begun because the one before was full. */
  readonly "log rotations": number;
  readonly "tables written": number;
  /** Tables that were removed: they had been merged into others, or never completed. */
  readonly "tables removed": number;
}

/** Of one run of a server, which begins with a new log when it opens the database. */
export function activityOf(journal: Journal): Activity {
  const count = (name: Line["case"], ending: string): number =>
    journal.filter(
      (line) =>
        line.case === name &&
        "path" in line &&
        line.path.startsWith("workspaces/default/") &&
        line.path.endsWith(ending),
    ).length;
  return {
    "log rotations": Math.max(0, count("create", ".log") - 1),
    "tables written": count("create", ".ldb"),
    "tables removed": count("unlink", ".ldb"),
  };
}
