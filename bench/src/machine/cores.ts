import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Which cores servers and load run on. Absent: wherever the system likes. */
export interface Cores {
  readonly server?: number;
  readonly client?: number;
  /** Why they are not kept apart; absent if they are. */
  readonly problem?: string;
}

/** The first two cores that this process may use. */
export function findCores(): Cores {
  if (spawnSync("taskset", ["--version"]).status !== 0) {
    return { problem: "there is no taskset here: server and load share all cores" };
  }
  const [server, client] = allowedCores();
  if (server === undefined || client === undefined) {
    return { problem: "there is one core only: server and load share it" };
  }
  return { server, client };
}

/** What to run in place of `command` so that it, and all its threads, stay on a core. */
export function pinned(command: readonly string[], core: number | undefined): readonly string[] {
  return core === undefined ? command : ["taskset", "-c", String(core), ...command];
}

function allowedCores(): number[] {
  const status = readFileSync("/proc/self/status", "utf8");
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? "";
  return readCoreList(list);
}

/** `0-2,5` → 0, 1, 2, 5 */
export function readCoreList(list: string): number[] {
  return list.split(",").flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
