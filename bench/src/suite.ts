import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Disk } from "./baseline/disk.ts";
import type { Result } from "./comparison/result.ts";
import { cachedDatabase } from "./database/cache.ts";
import { LoadProcess, type WorkloadResults } from "./load-process.ts";
import { type Cores, findCores } from "./machine/cores.ts";
import { readFacts } from "./machine/facts.ts";
import type { Options } from "./options.ts";
import { DURABLE_US_MIN, type Report, type SyncReport } from "./report/report.ts";
import { removeFolder } from "./run-folder.ts";
import { median } from "./statistics.ts";
import type { DatabaseName, PreparedDatabase } from "./workload.ts";
import { workloadOf, workloads } from "./workloads/index.ts";

/** Where a run keeps what. */
export interface Places {
  /** Databases that are kept from run to run. */
  readonly cache: string;
  /** Files of this run; on the same disk. */
  readonly run: string;
  readonly profiles: string;
}

type Databases = Partial<Record<DatabaseName, PreparedDatabase>>;

const SEED = 4270;

/** Measures the workloads one after the other, each in a load process of its own. */
export async function runSuite(
  options: Options,
  places: Places,
  say: (sentence: string) => void,
): Promise<Report> {
  const cores = findCores();
  if (cores.problem !== undefined) say(cores.problem);
  const sync = await measureSync(places, cores, options.seconds);
  const databases = prepareDatabases(options, places, say);
  const measured: WorkloadResults[] = [];
  for (const id of options.ids) {
    say(`${id} ${workloadOf(id).title} …`);
    measured.push(await runWorkload(id, { options, places, cores, databases }));
  }
  const others = measured.flatMap(({ othersBusy }) => othersBusy ?? []);
  return {
    ...readFacts(),
    command: commandOf(options),
    seconds: options.seconds,
    repeats: options.repeats,
    pinned: cores.problem === undefined,
    events: Object.fromEntries(
      Object.entries(databases).map(([name, { events }]) => [name, events]),
    ),
    sync,
    ...(others.length > 0 && { othersBusy: median(others) }),
    notes: [...notesOn(options, cores), ...measured.flatMap(({ notes }) => notes)],
    results: measured.flatMap(({ results }): readonly Result[] => results),
  };
}

async function runWorkload(
  id: string,
  setting: { options: Options; places: Places; cores: Cores; databases: Databases },
): Promise<WorkloadResults> {
  const { options, places, cores, databases } = setting;
  const profileFolder = options.profile ? places.profiles : undefined;
  const folder = join(places.run, id);
  mkdirSync(folder);
  const { seconds, repeats } = options;
  const lab = { name: id, folder, databases, cores, profileFolder, seed: SEED, seconds };
  try {
    await using load = new LoadProcess({ name: `${id}-load`, core: cores.client, profileFolder });
    return await load.run({ id, lab, repeats });
  } finally {
    removeFolder(folder);
  }
}

/** B0, for the head of the report: as many bytes as an append of one event makes. */
export async function measureSync(
  places: Pick<Places, "run">,
  cores: Cores,
  seconds: number,
): Promise<SyncReport> {
  const folder = join(places.run, "sync");
  mkdirSync(folder);
  await using disk = new Disk(folder, { name: "sync", core: cores.server });
  const load = { eventsPerAppend: 1, inFlight: 1, events: 100, seed: SEED };
  const { bytesPerBatch: bytes } = await disk.capture(load);
  const { p50Us, p99Us, leastUs } = await disk.sync(bytes, seconds);
  return { p50Us, p99Us, leastUs, bytes, durable: p50Us >= DURABLE_US_MIN };
}

function prepareDatabases(
  options: Options,
  places: Places,
  say: (sentence: string) => void,
): Databases {
  const sizes = {
    base: 100_000,
    million: 1_000_000,
    large: options.full ? 10_000_000 : 1_000_000,
  };
  const needed = new Set(options.ids.flatMap((id) => workloadOf(id).databases));
  const databases: Databases = {};
  for (const name of needed) {
    const events = Math.ceil(sizes[name] * options.scale);
    const folder = cachedDatabase(places.cache, events, () =>
      say(`Filling a database of ${events.toLocaleString("en")} events, once …`),
    );
    databases[name] = { folder, events };
  }
  return databases;
}

function notesOn({ full, ids, scale, profile }: Options, cores: Cores): string[] {
  const isLarge = ids.includes("W11") || ids.includes("W12");
  return [
    ...(isLarge && !full ? ["W11, W12: a short run, the large log is not ten million events"] : []),
    ...(scale === 1 ? [] : [`all databases are ${scale} times their size`]),
    ...(profile ? ["profiles were made, which takes time: these figures are worth less"] : []),
    ...(cores.problem === undefined ? [] : [cores.problem]),
  ];
}

function commandOf({ ids, full, scale, seconds, repeats, folder }: Options): string {
  const args = [
    ...(ids.length < workloads.length ? ids : []),
    ...(full && ids.length === workloads.length ? ["--full"] : []),
    ...(seconds === 1.5 ? [] : [`--seconds ${seconds}`]),
    ...(repeats === 5 ? [] : [`--repeats ${repeats}`]),
    ...(scale === 1 ? [] : [`--scale ${scale}`]),
    ...(folder === undefined ? [] : [`--folder ${folder}`]),
  ];
  return ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" ");
}
