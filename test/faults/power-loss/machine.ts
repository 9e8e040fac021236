import { join } from "node:path";
import type { Random } from "../random.ts";
import type { Round } from "../scenario.ts";
import { type Exit, FaultServer, NotStartedError } from "../server.ts";
import { activityOf } from "./activity.ts";
import { Disk, type DiskFaults } from "./disk.ts";
import type { Failure } from "./journal.ts";
import type { DiskModel } from "./reconstruct.ts";

/** Nobody listens there. */
const NOWHERE = "127.0.0.1:1";

/** What could be found after a loss of power. */
export interface PossibleDisk {
  readonly disk: Disk;
  /** For messages. */
  readonly description: string;
}

/** A server and its disk, which can lose power. */
export class Machine implements AsyncDisposable {
  /** What was done and lost, in numbers for a report. */
  readonly counts: Record<string, number> = {};
  readonly #random: Random;
  readonly #folder: string;
  readonly #signal: AbortSignal;
  #disk: Disk;
  #disks = 1;
  #server: FaultServer | undefined;
  #address = NOWHERE;

  private constructor({ random, folder, signal }: Round, disk: Disk) {
    this.#random = random.fork();
    this.#folder = folder;
    this.#signal = signal;
    this.#disk = disk;
  }

  /** One with an empty disk, in a folder of the round. */
  static async create(round: Round): Promise<Machine> {
    return new Machine(round, await Disk.create(join(round.folder, "disk-1")));
  }

  /** HOST:PORT of the server, while there is one. */
  get address(): string {
    return this.#address;
  }

  /** Those that were injected into what was done to the disk since power was lost. */
  async failures(): Promise<readonly Failure[]> {
    return (await this.#disk.operations()).filter((line) => line.case === "fail");
  }

  /**
   * Starts the server. Resolves to how it ended if the faults have ended it before it
   * answered calls. Throws `NotStartedError` if it ended otherwise.
   */
  async start(faults: DiskFaults = {}): Promise<FaultServer | Exit> {
    const { folder } = this.#disk;
    const env = this.#disk.environment(faults);
    try {
      const server = await FaultServer.start({ folder, env, signal: this.#signal });
      this.#server = server;
      this.#address = server.address;
      // Its port may be that of another process next.
      void server.exited.then(() => {
        if (this.#server === server) this.#address = NOWHERE;
      });
      return server;
    } catch (error) {
      if (!(error instanceof NotStartedError)) throw error;
      const isWanted =
        faults.fail !== undefined || (faults.kill && error.exit.signal === "SIGKILL");
      if (!isWanted) throw error;
      return error.exit;
    }
  }

  /** Starts the server on a sound disk. Throws `NotStartedError`. */
  async startSound(): Promise<FaultServer> {
    return (await this.start()) as FaultServer;
  }

  /** Asks the server to stop, and waits until it has. */
  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  /**
   * Ends the server, if it still runs, and goes on with one disk that could be found
   * then. Resolves to this one and then others.
   */
  async losePower(otherDisks: number): Promise<readonly PossibleDisk[]> {
    await this.#server?.kill();
    this.#server = undefined;
    this.#count(activityOf(await this.#disk.operations()));
    const disks: PossibleDisk[] = [];
    for (let i = 0; i <= otherDisks; i++) disks.push(await this.#possibleDisk());
    this.#disk = (disks[0] as PossibleDisk).disk;
    return disks;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.kill();
  }

  async #possibleDisk(): Promise<PossibleDisk> {
    const model: DiskModel = {
      names: this.#random.pick(["journalled", "strict"]),
      tails: this.#random.pick(["cut", "zeros"]),
    };
    this.#disks++;
    const place = join(this.#folder, `disk-${this.#disks}`);
    const { disk, loss } = await this.#disk.afterPowerLoss(place, model, this.#random);
    this.#count({
      "disks reconstructed": 1,
      "changes of names undone": loss.changes,
      "bytes lost": loss.bytes,
      "bytes turned into zeros": loss.zeros,
    });
    return { disk, description: `disk-${this.#disks} (${model.names}, ${model.tails})` };
  }

  #count(counts: object): void {
    for (const [name, count] of Object.entries(counts)) {
      this.counts[name] = (this.counts[name] ?? 0) + count;
    }
  }
}
