import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../random.ts";
import { FaultServer } from "../server.ts";
import { copyFolder } from "./files.ts";
import { WorkspaceLoad } from "./workspace-load.ts";

/** A data folder to be damaged, made by servers under load. No server uses it any more. */
export interface PreparedFolder {
  readonly folder: string;
  /** Copies from before, oldest first. */
  readonly older: readonly string[];
  readonly loads: readonly WorkspaceLoad[];
}

/** Events that are appended to each workspace in one session, at most. */
const eventsMax: Readonly<Record<string, number>> = { default: 1500, blue: 400, green: 40 };

/**
 * Their logs hold the same positions, in as many blocks: if they are swapped, nothing but
 * the chain tells that each is of the other.
 */
export const TWINS: readonly string[] = ["east", "west"];

/**
 * The newest blocks, up to so many bytes, are compared with one another at every start:
 * with more of them, what is older is checked by the reads alone.
 */
const CHECKED_AT_START_BYTES = 4 * 1024 * 1024;

/**
 * Several sessions of a server that is killed, or stopped: each leaves a table and a
 * log. One copy is made while the server runs.
 */
export async function prepareFolder(parent: string, random: Random): Promise<PreparedFolder> {
  const folder = join(parent, "data");
  const older: string[] = [];
  const newLoad = (name: string): WorkspaceLoad => new WorkspaceLoad(name, random.fork());
  const loads = Object.keys(eventsMax).map(newLoad);
  const twins = TWINS.map(newLoad);
  const copy = async (): Promise<void> => {
    older.push(join(parent, `older-${older.length + 1}`));
    await copyFolder(folder, older.at(-1) as string);
  };
  const sessions = random.integer(2, 4);
  for (let session = 1; session <= sessions; session++) {
    const isLast = session === sessions;
    await runSession(folder, { loads, twins }, random, isLast ? copy : undefined);
    if (!isLast) await copy();
    if (!isLast && random.chance(0.5)) await runBulkSession(folder, loads[0]);
  }
  return { folder, older, loads: [...loads, ...twins] };
}

async function runSession(
  folder: string,
  { loads, twins }: Readonly<Record<"loads" | "twins", readonly WorkspaceLoad[]>>,
  random: Random,
  underLoad: (() => Promise<void>) | undefined,
): Promise<void> {
  await using server = await startServer(folder);
  // Each workspace has something of each session: tables, and a log that follows on them.
  await Promise.all(loads.map((load) => load.run(server.address, random.integer(1, 30))));
  const events = random.integer(1, 30);
  await Promise.all(twins.map((load) => load.runOneByOne(server.address, events)));
  const isKilled = random.chance(0.5);
  const running = loads.map((load) => {
    const more = random.integer(1, eventsMax[load.workspace] ?? 0);
    return load.run(server.address, isKilled ? more * 3 : more);
  });
  const loaded = Promise.all(running);
  // What is copied, and what is lost by a kill, is a matter of luck.
  await Promise.race([loaded, sleep(random.integer(100, 600))]);
  await underLoad?.();
  if (isKilled) await Promise.race([loaded, sleep(random.integer(0, 300))]);
  else await loaded;
  await (isKilled ? server.kill() : server.stop());
  await loaded;
}

async function runBulkSession(folder: string, load: WorkspaceLoad | undefined): Promise<void> {
  await using server = await startServer(folder);
  await load?.runBulk(server.address, CHECKED_AT_START_BYTES);
  await server.stop();
}

function startServer(folder: string): Promise<FaultServer> {
  return FaultServer.start({ folder, flags: { "free-space-reserve-mib": 0 } });
}
