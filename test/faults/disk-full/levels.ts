import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../random.ts";
import { limitFileSize, unlimitFileSize } from "./file-size.ts";
import type { Stage } from "./stage.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** One way to run out of space, and to come back. It begins and ends with a server that is well. */
export interface Level {
  /** For the report. */
  readonly name: string;
  run(stage: Stage): Promise<void>;
}

/** Of a server without a reserve of free space. */
export const levels: readonly Level[] = [
  {
    name: "disk filled at once",
    run: async (stage) => {
      await stage.acknowledge(stage.random.integer(1, 300));
      await stage.ballast.fill(upTo(stage.random, 64 * KIB));
      await relieve(stage);
    },
  },
  {
    name: "disk filled by the log",
    run: async (stage) => {
      await stage.acknowledge(stage.random.integer(1, 100));
      await stage.ballast.fill(stage.random.integer(64 * KIB, 8 * MIB));
      await stage.untilFull(10_000);
      await relieve(stage);
    },
  },
  {
    name: "disk full when tables are written",
    run: async (stage) => {
      const enough = stage.random.integer(5 * MIB, 14 * MIB);
      while ((await stage.usedBytes()) < enough) await stage.acknowledge(20);
      await stage.ballast.fill(stage.random.integer(128 * KIB, 5 * MIB));
      await stage.untilFull(10_000);
      await relieve(stage);
    },
  },
  {
    name: "disk full at the start",
    run: async (stage) => {
      await stage.acknowledge(stage.random.integer(1, 600));
      await stage.kill();
      await stage.ballast.fill(upTo(stage.random, 3 * MIB));
      const isUp = await stage.startIfPossible();
      await sleep(stage.random.integer(0, 1000));
      await stage.ballast.release();
      if (!isUp) await stage.start();
      await stage.recover();
    },
  },
  {
    name: "disk filled while starting",
    run: async (stage) => {
      await stage.acknowledge(stage.random.integer(100, 600));
      await stage.kill();
      const starting = stage.startIfPossible();
      await sleep(stage.random.integer(0, 600));
      await stage.ballast.fill(upTo(stage.random, 256 * KIB));
      const isUp = await starting;
      await stage.ballast.release();
      if (!isUp) await stage.start();
      await stage.recover();
    },
  },
  {
    name: "limit on the size of files",
    run: async (stage) => {
      await stage.acknowledge(stage.random.integer(1, 300));
      await limitFileSize(stage.server.pid, upTo(stage.random, 4 * MIB));
      await sleep(stage.random.integer(300, 2000));
      if (stage.random.chance(0.5)) {
        await stage.kill();
        await stage.start();
      } else await unlimitFileSize(stage.server.pid);
      await stage.recover();
    },
  },
];

/** MiB of free space; far more than the load writes between two looks at it. */
const RESERVE_MIB = 24;
const REFUSAL_MS_MAX = 15_000;

/** Appends are refused in time, nothing fails, and reads go on. */
export const reserveLevel: Level = {
  name: "disk filled into the reserve",
  run: async (stage) => {
    stage.reserve(RESERVE_MIB);
    await stage.kill();
    await stage.start();
    await stage.acknowledge(stage.random.integer(1, 300));
    const failedBefore = stage.counts["writes failed"];
    await stage.ballast.fill(stage.random.integer(RESERVE_MIB * 0.75, RESERVE_MIB - 1) * MIB);
    await expectRefusals(stage);
    await stage.readAll();
    await stage.ballast.release();
    await stage.recover();
    await stage.kill();
    if (stage.counts["writes failed"] > failedBefore) {
      stage.violated("a write fails, though the reserve is larger than what is written");
    }
    await stage.start();
  },
};

async function expectRefusals(stage: Stage): Promise<void> {
  const endMs = performance.now() + REFUSAL_MS_MAX;
  while ((await stage.appendFailure()) !== "STORAGE_FULL") {
    if (performance.now() > endMs) {
      return stage.violated("appends are not refused, though less than the reserve is free");
    }
    await sleep(50);
  }
}

/** Ends the lack of space while the server runs, or after a crash. */
async function relieve(stage: Stage): Promise<void> {
  await sleep(stage.random.integer(0, 1500));
  const kind = stage.random.integer(1, 3);
  if (kind === 1) {
    await stage.ballast.release();
    return stage.recover();
  }
  await stage.kill();
  const isUp = kind === 2 && (await stage.startIfPossible());
  if (isUp) await sleep(stage.random.integer(0, 1000));
  await stage.ballast.release();
  if (!isUp) await stage.start();
  await stage.recover();
}

/** More often little than much, bytes. */
function upTo(random: Random, max: number): number {
  return Math.floor(max * random.number() ** 3);
}
