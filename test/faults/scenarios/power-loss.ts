import { ConnectError } from "@connectrpc/connect";
import { checkAll } from "../checkers/index.ts";
import { judge } from "../checkers/judge.ts";
import type { FinalLog, History } from "../history.ts";
import { countsOf } from "../load/counts.ts";
import { type Load, readFinalLog, startLoad } from "../load.ts";
import type { DiskFaults } from "../power-loss/disk.ts";
import { historyUntil } from "../power-loss/history-until.ts";
import { Inspector } from "../power-loss/inspector.ts";
import { Machine, type PossibleDisk } from "../power-loss/machine.ts";
import type { Random } from "../random.ts";
import type { Round, RoundReport, Scenario, Violation } from "../scenario.ts";
import { FaultServer, NotStartedError } from "../server.ts";

/** Disks that a loss of power could have left, besides the one that is gone on with. */
const OTHER_DISKS = 4;

/** Takes the power away under load, and goes on with what the disk could have kept. */
export const powerLoss: Scenario = {
  name: "power-loss",
  description:
    "loss of power at any moment under load, while the server starts, and while LevelDB compacts: what was not synced is gone, or partly so",
  rounds: 6,
  run: async (round) => {
    await using machine = await Machine.create(round);
    await using inspector = new Inspector();
    return await new PowerLossRound(round, machine, inspector).run();
  },
};

/** What one of the other disks held, and when power was lost. */
interface OtherLog {
  readonly momentMs: number;
  readonly log: FinalLog;
  readonly where: string;
}

class PowerLossRound {
  readonly #round: Round;
  readonly #random: Random;
  readonly #machine: Machine;
  readonly #inspector: Inspector;
  readonly #load: Load;
  readonly #violations: Violation[] = [];
  readonly #otherLogs: OtherLog[] = [];
  readonly #faults = {
    "loss of power under load": 0,
    "loss of power at start": 0,
    "loss of power after a stop": 0,
  };

  constructor(round: Round, machine: Machine, inspector: Inspector) {
    const { random, signal } = round;
    this.#round = round;
    this.#random = random;
    this.#machine = machine;
    this.#inspector = inspector;
    this.#load = startLoad({
      address: () => machine.address,
      random: random.fork(),
      signal,
      // With more bytes LevelDB rotates its log more often.
      dataBytesMax: random.pick([600, 6000, 12_000]),
      readers: 1,
      subscribers: 1,
    });
  }

  async run(): Promise<RoundReport> {
    try {
      return await this.#run();
    } catch (error) {
      if (!(error instanceof NotStartedError) && !(error instanceof ConnectError)) throw error;
      // Neither opening the log nor reading it may fail because of a loss of power.
      this.#violate(`after a loss of power: ${error.message}`);
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
    const log = await this.#logAfterStop();
    this.#violations.push(...(await judge(this.#round, history, log)));
    for (const { momentMs, log: other, where } of this.#otherLogs) {
      for (const { guarantee, message } of checkAll(historyUntil(history, momentMs), other)) {
        this.#violations.push({ guarantee, message: `${message} (on ${where})` });
      }
    }
    return this.#report(countsOf(history, log));
  }

  async #hurt(): Promise<void> {
    for (let left = this.#random.integer(1, 3); left > 0 && !this.#round.signal.aborted; left--) {
      await this.#useUntilLoss();
      const [, ...others] = await this.#machine.losePower(OTHER_DISKS);
      await this.#inspect(others);
    }
    await this.#machine.startSound();
    await this.#load.untilAcknowledged(this.#load.acknowledged + this.#random.integer(1, 100));
  }

  /** A stop leaves nothing that a loss of power could take. */
  async #logAfterStop(): Promise<FinalLog> {
    await this.#machine.stop();
    await this.#machine.losePower(0);
    this.#faults["loss of power after a stop"]++;
    const server = await this.#machine.startSound();
    return readFinalLog(server.address);
  }

  async #useUntilLoss(): Promise<void> {
    const kill = anyKill(this.#random);
    const server = await this.#machine.start(kill && { kill });
    if (!(server instanceof FaultServer)) {
      this.#faults["loss of power at start"]++;
      return;
    }
    // Sooner more often than later, but not before what is waited for can have come.
    const acknowledged = Math.floor(this.#random.number() ** 2 * 600) + (kill ? 800 : 1);
    const until = this.#load.untilAcknowledged(this.#load.acknowledged + acknowledged);
    const exit = await Promise.race([server.exited, until]);
    if (exit && exit.signal !== "SIGKILL") this.#violate(`the server ended: ${exit.stderr}`);
    this.#faults["loss of power under load"]++;
  }

  async #inspect(others: readonly PossibleDisk[]): Promise<void> {
    const momentMs = performance.now();
    for (const { disk, description } of others) {
      const where = `another disk of the same loss of power, ${description}`;
      const inspection = await this.#inspector.inspect(disk.folder);
      if (inspection.case !== "opened") {
        this.#violate(`${where} cannot be opened: ${inspection.message}`);
        continue;
      }
      const { log, appendFailure } = inspection;
      if (appendFailure) this.#violate(`${where} cannot be appended to: ${appendFailure}`);
      this.#otherLogs.push({ momentMs, log, where });
      await disk.remove();
    }
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

/** Files of LevelDB that the moments of their changes are of interest of. */
const FILES = [".ldb", ".log", "MANIFEST", "CURRENT", "dbtmp"];

/** Where to end the server; `undefined`: at any moment, by its outside. */
function anyKill(random: Random): DiskFaults["kill"] {
  const when = random.pick(["before", "after"] as const);
  const kind = random.number();
  if (kind < 0.25) return undefined;
  // The operations of a start, and the first ones under load.
  if (kind < 0.5) return { when, operation: random.integer(1, 90) };
  return { when, operation: random.integer(1, 16), name: random.pick(FILES) };
}
