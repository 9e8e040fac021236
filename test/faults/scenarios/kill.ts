import { setTimeout as sleep } from "node:timers/promises";
import { ConnectError } from "@connectrpc/connect";
import { judge } from "../checkers/judge.ts";
import { verify } from "../corruption/verify.ts";
import { countsOf } from "../load/counts.ts";
import { type Load, readFinalLog, startLoad } from "../load.ts";
import type { Random } from "../random.ts";
import type { Round, RoundReport, Scenario, Violation } from "../scenario.ts";
import { FaultServer, NotStartedError } from "../server.ts";

/** A start of the server is taken to last so long until one has been seen, ms. */
const START_MS = 500;

/** Ends the server at random moments, as a crash of the process would. */
export const kill: Scenario = {
  name: "kill",
  description: "kill -9 at random moments under load, also while the server starts",
  rounds: 7,
  run: async (round) => await new KillRound(round).run(),
};

/** A check of all that is stored must find nothing, whatever was stored. */
async function findDamage(folder: string): Promise<Violation[]> {
  const { status, said } = await verify(folder);
  if (status === 0) return [];
  return [{ guarantee: "G11", message: `varve verify says of whole data: ${said}` }];
}

class KillRound {
  readonly #round: Round;
  readonly #random: Random;
  #server: FaultServer | undefined;
  #startMs = START_MS;
  #killed = 0;
  #killedAtStart = 0;
  #stopped = 0;

  constructor(round: Round) {
    this.#round = round;
    this.#random = round.random;
  }

  async run(): Promise<RoundReport> {
    try {
      return await this.#run();
    } catch (error) {
      if (!(error instanceof NotStartedError) && !(error instanceof ConnectError)) throw error;
      // Neither opening the log nor reading it may fail because of a kill.
      return this.#report({}, [{ guarantee: "G1", message: `after a kill: ${error.message}` }]);
    } finally {
      await this.#server?.kill();
    }
  }

  async #run(): Promise<RoundReport> {
    this.#server = await FaultServer.start({ folder: this.#round.folder });
    const { address } = this.#server;
    const load = startLoad({
      address,
      random: this.#random.fork(),
      signal: this.#round.signal,
    });
    try {
      await this.#hurt(load, address);
    } catch (error) {
      await this.#server?.kill();
      await load.stop();
      throw error;
    }
    const history = await load.stop();
    await this.#server.stop();
    const findings = await findDamage(this.#round.folder);
    // What is in the log in the end is what is on the disk, not what is in memory.
    this.#server = await FaultServer.start({ folder: this.#round.folder });
    const log = await readFinalLog(this.#server.address);
    const violations = await judge(this.#round, history, log);
    return this.#report(countsOf(history, log), [...violations, ...findings]);
  }

  /** Kills and starts again, several times, on the same port and under the same load. */
  async #hurt(load: Load, address: string): Promise<void> {
    const kills = this.#random.integer(1, 4);
    for (let i = 0; i < kills && !this.#round.signal.aborted; i++) {
      // Sooner more often than later: between the first answers and some hundreds.
      const more = 1 + Math.floor(this.#random.number() ** 2 * 600);
      await load.untilAcknowledged(load.acknowledged + more);
      await this.#end();
      if (this.#random.chance(0.4)) await this.#killStarting(address);
      await this.#start(address);
    }
    await load.untilAcknowledged(load.acknowledged + this.#random.integer(1, 100));
  }

  /** Now and then it is asked to stop instead: what is answered meanwhile counts as well. */
  async #end(): Promise<void> {
    const gently = this.#killed > 0 && this.#random.chance(0.15);
    if (gently) {
      await this.#server?.stop();
      this.#stopped++;
    } else {
      await this.#server?.kill();
      this.#killed++;
    }
  }

  async #start(address: string): Promise<void> {
    const startedMs = performance.now();
    this.#server = await FaultServer.start({ folder: this.#round.folder, listen: address });
    this.#startMs = performance.now() - startedMs;
  }

  /** Near the end of a start, where the database is opened and its end is checked. */
  async #killStarting(address: string): Promise<void> {
    const killing = new AbortController();
    const options = { folder: this.#round.folder, listen: address, signal: killing.signal };
    const starting = FaultServer.start(options).then(
      (server) => server.exited,
      (error: unknown) => {
        // That it ended is what was wanted, but not by itself.
        if (!(error instanceof NotStartedError) || !error.exit.signal) throw error;
      },
    );
    await Promise.race([starting, sleep(this.#startMs * (0.4 + 0.7 * this.#random.number()))]);
    killing.abort();
    await starting;
    this.#killedAtStart++;
  }

  #report(counts: RoundReport["counts"], violations: readonly Violation[]): RoundReport {
    const faults = {
      "kill -9": this.#killed,
      "kill -9 at start": this.#killedAtStart,
      "stop under load": this.#stopped,
    };
    return { faults, counts, violations };
  }
}
