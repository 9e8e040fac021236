import { setTimeout as sleep } from "node:timers/promises";
import { ConnectError } from "@connectrpc/connect";
import { judge } from "../checkers/judge.ts";
import type { History } from "../history.ts";
import { countsOf } from "../load/counts.ts";
import { type Load, readFinalLog, startLoad } from "../load.ts";
import type { DiskFaults } from "../power-loss/disk.ts";
import type { Failure } from "../power-loss/journal.ts";
import { Machine } from "../power-loss/machine.ts";
import type { Random } from "../random.ts";
import type { Round, RoundReport, Scenario, Violation } from "../scenario.ts";
import { type Exit, FaultServer, NotStartedError } from "../server.ts";

/** With which a server ends whose disk has failed. */
const DISK_FAILURE_STATUS = 74;
const STARTUP_STATUS = 1;
/** A server that lives longer than this after a failure, ms, goes on. */
const ENDS_WITHIN_MS = 15_000;

/** Lets the disk fail to write, after which nothing that it says can be relied on. */
export const fsyncFailure: Scenario = {
  name: "fsync-failure",
  description:
    "an fsync or a write of a log, a table or a manifest fails with EIO, once or from then on, under load and at starts; at the next start the disk is as it was, or has forgotten what was not synced",
  rounds: 4,
  run: async (round) => {
    await using machine = await Machine.create(round);
    return await new FsyncFailureRound(round, machine).run();
  },
};

/** A failure, and when the server that met it had ended, ms. */
interface Met {
  readonly failure: Failure;
  readonly endedMs: number;
}

class FsyncFailureRound {
  readonly #round: Round;
  readonly #random: Random;
  readonly #machine: Machine;
  readonly #load: Load;
  readonly #met: Met[] = [];
  readonly #violations: Violation[] = [];
  readonly #faults: Record<string, number> = {};

  constructor(round: Round, machine: Machine) {
    const { random, signal } = round;
    this.#round = round;
    this.#random = random;
    this.#machine = machine;
    this.#load = startLoad({
      address: () => machine.address,
      random: random.fork(),
      signal,
      dataBytesMax: random.pick([600, 12_000]),
      readers: 1,
      subscribers: 1,
    });
  }

  async run(): Promise<RoundReport> {
    try {
      return await this.#run();
    } catch (error) {
      if (!(error instanceof NotStartedError) && !(error instanceof ConnectError)) throw error;
      this.#violate(`on a sound disk: ${error.message}`);
      return this.#report({});
    }
  }

  async #run(): Promise<RoundReport> {
    let history: History;
    try {
      await this.#hurt();
    } finally {
      history = await this.#load.stop();
    }
    const log = await readFinalLog(this.#machine.address);
    this.#violations.push(...(await judge(this.#round, history, log)));
    this.#violations.push(...this.#acknowledgedAfter(history));
    return this.#report(countsOf(history, log));
  }

  async #hurt(): Promise<void> {
    for (let left = this.#random.integer(1, 3); left > 0 && !this.#round.signal.aborted; left--) {
      await this.#useUntilFailure(anyFailure(this.#random));
      // What is in memory only of a file whose fsync has failed is as good as lost.
      if (this.#random.chance(0.5)) await this.#machine.losePower(0);
    }
    await this.#machine.startSound();
    await this.#load.untilAcknowledged(this.#load.acknowledged + this.#random.integer(1, 100));
  }

  async #useUntilFailure(fail: NonNullable<DiskFaults["fail"]>): Promise<void> {
    const failedBefore = (await this.#machine.failures()).length;
    const server = await this.#machine.start({ fail });
    const exit = server instanceof FaultServer ? await this.#use(server, failedBefore) : server;
    const failures = (await this.#machine.failures()).slice(failedBefore);
    const [failure] = failures;
    if (!failure) {
      if (exit) this.#violate(`without a failure the server ended: ${exit.stderr}`);
      return;
    }
    this.#met.push({ failure, endedMs: performance.now() });
    const name = `${fail.call} of a ${kindOf(failure.path)} failed`;
    this.#faults[name] = (this.#faults[name] ?? 0) + 1;
    this.#judge(failure, exit, !(server instanceof FaultServer));
  }

  /** Resolves to how the server has ended by itself; `undefined` if it did not. */
  async #use(server: FaultServer, failedBefore: number): Promise<Exit | undefined> {
    const enough = this.#load.untilAcknowledged(this.#load.acknowledged + 1200);
    const early = await Promise.race([server.exited, enough]);
    if (early) return early;
    const hasFailed = (await this.#machine.failures()).length > failedBefore;
    const late = hasFailed ? await Promise.race([server.exited, sleep(ENDS_WITHIN_MS)]) : undefined;
    if (!late) await server.kill();
    return late ?? undefined;
  }

  #judge({ path }: Failure, exit: Exit | undefined, atStart: boolean): void {
    const wrong = wrongEnd(exit, atStart);
    if (wrong) this.#violate(`after a failed write or fsync of ${path} the server ${wrong}`);
  }

  /** An append that began after the log had failed cannot have been stored by that server. */
  #acknowledgedAfter({ appends }: History): Violation[] {
    return this.#met.flatMap(({ failure, endedMs }) => {
      const failedMs = harnessMs(failure.timeNs);
      if (kindOf(failure.path) !== "log") return [];
      return appends
        .filter(({ startedMs, endedMs: answeredMs, outcome }) => {
          const isNew = outcome.case === "stored" && !outcome.repeat;
          return isNew && startedMs > failedMs && answeredMs < endedMs;
        })
        .map(({ append }) => ({
          guarantee: "G1" as const,
          message: `append ${append.appendId} was acknowledged after ${failure.path} could not be written`,
        }));
    });
  }

  #violate(message: string): void {
    this.#violations.push({ guarantee: "G1", message });
  }

  #report(counts: RoundReport["counts"]): RoundReport {
    return {
      faults: this.#faults,
      counts: { ...counts, ...this.#machine.counts },
      violations: this.#violations,
    };
  }
}

/** What is wrong with the end of a server that has met a failure. */
function wrongEnd(exit: Exit | undefined, atStart: boolean): string | undefined {
  if (!exit) return "goes on";
  const { code, signal, stderr } = exit;
  const isExpected = code === DISK_FAILURE_STATUS || (atStart && code === STARTUP_STATUS);
  if (!isExpected) return `ended with ${signal ?? `status ${code}`}: ${stderr}`;
  return stderr === "" ? "ended without a word" : undefined;
}

function anyFailure(random: Random): NonNullable<DiskFaults["fail"]> {
  const call = random.pick(["sync", "sync", "write"] as const);
  const often = random.pick(["once", "on"] as const);
  const kind = random.number();
  if (kind < 0.2) return { call, often, number: random.integer(1, 40) };
  if (kind < 0.6) return { call, often, number: random.integer(1, 300), name: ".log" };
  return { call, often, number: random.integer(1, 8), name: random.pick([".ldb", "MANIFEST"]) };
}

/** What a file is to LevelDB, in words for a report. */
function kindOf(path: string): string {
  if (path.endsWith(".log")) return "log";
  if (path.endsWith(".ldb")) return "table";
  if (path.includes("MANIFEST")) return "manifest";
  return path.endsWith(".dbtmp") ? "new CURRENT" : "folder";
}

/** A time of CLOCK_MONOTONIC as one of `performance.now()`, ms. */
function harnessMs(timeNs: bigint): number {
  return performance.now() - Number(process.hrtime.bigint() - timeNs) / 1e6;
}
