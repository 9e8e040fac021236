import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { pinned } from "../machine/cores.ts";
import type { Work } from "../machine/meter.ts";
import { ended } from "../process/node-process.ts";
import { buildCrate, installCrate, removeBuildFiles } from "./install/cargo.ts";
import { contentHash } from "./install/content-hash.ts";
import type {
  ClientSetting,
  Peer,
  PeerLoad,
  RunningServer,
  ServerSetting,
  WorkloadId,
} from "./peer.ts";
import { makePool } from "./pool.ts";
import { freePort, startServer } from "./server-process.ts";
import { peerWorkloadOf } from "./workloads.ts";

const CRATE = "umadb";
const VERSION = "0.7.8";
/** Its client has no binding for Node: a load program of ours drives it. */
const loadSource = fileURLToPath(new URL("../../peers/umadb", import.meta.url));
const LOAD = "umadb-load";

/** Of the pages that a read meets again: without it, each is read and parsed each time. */
const PAGE_CACHE_MIB = 256;

/** With the writer that it has by default. */
export const umadb: Peer = peerOf("umadb", "UmaDB", []);

/** With the other, which builds a batch while the one before is written. */
export const umadbPipelined: Peer = peerOf("umadb-pipelined", "UmaDB, pipelined writer", [
  "--pipelined-writer",
  "true",
]);

function peerOf(id: Peer["id"], name: string, flags: readonly string[]): Peer {
  return {
    id,
    name,
    async install(kitchen) {
      await installCrate(kitchen, CRATE, VERSION);
      await buildCrate(kitchen, loadSource, loadFolder());
      removeBuildFiles(kitchen);
      return { umadb: VERSION, "umadb-client": VERSION };
    },
    start: (setting) => start(setting, flags),
    load: (setting) => UmaDbLoad.start(setting),
  };
}

async function start(
  { programs, dataFolder, core }: ServerSetting,
  flags: readonly string[],
): Promise<RunningServer> {
  const port = await freePort();
  const program = join(programs, `${CRATE}-${VERSION}`, "bin", CRATE);
  const settings = {
    listen: `127.0.0.1:${port}`,
    "db-path": join(dataFolder, "uma.db"),
    "page-cache-max-mb": String(PAGE_CACHE_MIB),
  };
  const given = Object.entries(settings).flatMap(([flag, value]) => [`--${flag}`, value]);
  return startServer({ command: [program, ...given, ...flags], port, core, folder: dataFolder });
}

function loadFolder(): string {
  return `${LOAD}-${contentHash(loadSource)}`;
}

/** The load program, which takes an order a line and answers with a line. */
class UmaDbLoad implements PeerLoad {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: Interface) {
    this.#child = child;
    this.#lines = lines[Symbol.asyncIterator]();
  }

  static async start({ programs, address, folder, core }: ClientSetting): Promise<UmaDbLoad> {
    const program = join(programs, loadFolder(), "bin", LOAD);
    const pools = ["order", "conditional"].map((category) => writePool(folder, category));
    const command = pinned([program, `http://${address}`, ...pools], core);
    const [file, ...args] = command as [string, ...string[]];
    const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
    await once(child, "spawn");
    return new UmaDbLoad(child, createInterface(child.stdout));
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  async fill(events: number): Promise<void> {
    await this.#order(`fill ${events}`);
  }

  async count(): Promise<number> {
    return Number(await this.#order("count"));
  }

  async run(workload: WorkloadId, seconds: number): Promise<Work> {
    const answer = await this.#order(orderOf(workload, seconds));
    const [events, taken, p50Us] = answer.split(" ").map(Number);
    return {
      events: events as number,
      seconds: taken as number,
      ...(workload === "one" && { details: { p50Us: p50Us as number } }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end();
    await ended(this.#child);
  }

  async #order(order: string): Promise<string> {
    this.#child.stdin?.write(`${order}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`${LOAD} ended before it answered "${order}"`);
    const answer = String(value);
    if (answer.startsWith("error ")) throw new Error(answer.slice("error ".length));
    return answer;
  }
}

/** See `bench/peers/umadb/src/main.rs`. */
function orderOf(workload: WorkloadId, seconds: number): string {
  const { inFlight, eventsPerAppend } = peerWorkloadOf(workload);
  if (workload === "catch-up") return `catch-up ${seconds}`;
  if (workload === "conditional") return `conditional ${inFlight} ${seconds}`;
  return `append ${inFlight} ${eventsPerAppend} ${seconds}`;
}

/** A line for each event: its stream, a tab, its payload as JSON. */
function writePool(folder: string, category: string): string {
  const file = join(folder, `${category}.pool`);
  const lines = makePool(category).map(
    ({ stream, payload }) => `${stream}\t${JSON.stringify(payload)}\n`,
  );
  writeFileSync(file, lines.join(""));
  return file;
}
