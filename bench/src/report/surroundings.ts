import { percent, readable } from "./number.ts";
import { notDurable, OTHERS_BUSY_MAX, type Report } from "./report.ts";

/** What every table begins with: on what was measured, when, and how long a sync took. */
export function headOf(report: Surroundings): string {
  const { machine, system, date, versions, commit, sync, pinned } = report;
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${machine}, ${system}`,
    `${date}, ${names.join(", ")}${commit === undefined ? "" : `, commit ${commit}`}`,
    `sync of ${sync.bytes} bytes: ${readable(sync.p50Us)} µs (p99 ${readable(sync.p99Us)}), ` +
      `${pinned ? "servers on one core, load on another" : "cores shared"}`,
  ].join("\n");
}

/** What every table ends with, for a reader who would take it as it is. */
export function remarksOf({ notes, sync, othersBusy }: Surroundings): string[] {
  const busy = othersBusy !== undefined && othersBusy > OTHERS_BUSY_MAX;
  return [
    ...notes,
    ...(busy ? [`Other programs used ${percent(othersBusy)} of a core: measure again.`] : []),
    ...(sync.durable ? [] : [notDurable(sync)]),
  ];
}

type Surroundings = Pick<
  Report,
  "machine" | "system" | "date" | "versions" | "commit" | "sync" | "pinned" | "notes" | "othersBusy"
>;
