import type { CaptureOptions } from "../baseline/batches.ts";
import type { Disk } from "../baseline/disk.ts";
import type { Side } from "../comparison/side.ts";
import type { Lab } from "../lab.ts";
import { metered, type Work } from "../machine/meter.ts";

const ONE_EVENT = { eventsPerAppend: 1, inFlight: 1, events: 100 } as const;

/** B0: a write of as many bytes as one append makes, with its sync; the median time, ms. */
export async function syncSide(lab: Lab): Promise<Side> {
  const disk = lab.disk();
  const { bytesPerBatch } = await disk.capture({ ...ONE_EVENT, seed: lab.options.seed });
  const run = async (seconds: number): Promise<Work> => {
    const times = await disk.sync(bytesPerBatch, seconds);
    return {
      events: times.syncs,
      seconds: times.seconds,
      value: times.p50Us / 1000,
      details: { p99Ms: times.p99Us / 1000, leastMs: times.leastUs / 1000 },
    };
  };
  return { name: "B0 write and sync", measure: (seconds) => metered(disk.pid, () => run(seconds)) };
}

/** B1: what the engine wrote for a load, written to LevelDB again; events per second. */
export async function writeSide(lab: Lab, load: Omit<CaptureOptions, "seed">): Promise<Side> {
  const disk = lab.disk();
  await disk.capture({ ...load, seed: lab.options.seed });
  return diskSide("B1 batches", disk, (seconds) => disk.write(seconds));
}

/** B2: the blocks of a database, read one after the other; events per second. */
export function scanSide(lab: Lab, database: string): Side {
  const disk = lab.disk();
  return diskSide("B2 scan", disk, (seconds) => disk.scan(database, seconds));
}

function diskSide(name: string, disk: Disk, run: (seconds: number) => Promise<Work>): Side {
  return { name, measure: (seconds) => metered(disk.pid, () => run(seconds)) };
}
