import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newEvent } from "../../src/support/requests.ts";
import type { FinalLog, History } from "../history.ts";
import { Connection } from "../load/connection.ts";
import { fromThrown } from "../load/failure.ts";
import { type Load, readFinalLog, startLoad } from "../load.ts";
import type { Random } from "../random.ts";
import type { ReasonName } from "../reasons.ts";
import type { Round, Violation } from "../scenario.ts";
import { type Exit, FaultServer, NotStartedError } from "../server.ts";
import { Ballast } from "./ballast.ts";
import { SmallDisk } from "./small-disk.ts";

/** A disk that is large enough for a round, if nobody fills it. MiB. */
const DISK_MIB = 64;
/** Appends that are not taken for this long, though there is space, are refused for good. ms. */
const RECOVERY_MS_MAX = 30_000;
/** Less than any write of a log needs, bytes. */
const FULL_BYTES = 8 * 1024;

/** A server under load on a disk that can be filled, and what is found out about it. */
export class Stage implements AsyncDisposable {
  readonly random: Random;
  readonly disk: SmallDisk;
  readonly ballast: Ballast;
  readonly violations: Violation[] = [];
  readonly counts = { "starts refused": 0, "writes failed": 0 };
  #server: FaultServer | undefined;
  #address: string | undefined;
  #load: Load | undefined;
  #flags: Readonly<Record<string, number>> = { "free-space-reserve-mib": 0 };

  private constructor(round: Round, disk: SmallDisk) {
    this.random = round.random;
    this.disk = disk;
    this.ballast = new Ballast(disk);
  }

  /** With a server that runs under load, without a reserve of free space. */
  static async set(round: Round): Promise<Stage> {
    const stage = new Stage(round, await SmallDisk.mount(join(round.folder, "disk"), DISK_MIB));
    try {
      await stage.start();
      stage.#load = startLoad({
        address: stage.address,
        random: round.random.fork(),
        signal: round.signal,
        expected: ["STORAGE_UNAVAILABLE", "STORAGE_FULL"],
      });
    } catch (error) {
      await stage[Symbol.asyncDispose]();
      throw error;
    }
    return stage;
  }

  get address(): string {
    if (!this.#address) throw new Error("no server has been started");
    return this.#address;
  }

  get server(): FaultServer {
    if (!this.#server) throw new Error("no server runs");
    return this.#server;
  }

  /** Bytes that are stored. */
  async usedBytes(): Promise<number> {
    return DISK_MIB * 1024 * 1024 - (await this.disk.freeBytes());
  }

  /** MiB of free space under which appends are refused, from the next start on. */
  reserve(mib: number): void {
    this.#flags = { "free-space-reserve-mib": mib };
  }

  async start(): Promise<void> {
    this.#server = await FaultServer.start({
      folder: join(this.disk.path, "data"),
      flags: this.#flags,
      ...(this.#address && { listen: this.#address }),
    });
    this.#address = this.#server.address;
  }

  /** As `start`; on a full disk the server may refuse, with a sentence. */
  async startIfPossible(): Promise<boolean> {
    try {
      await this.start();
      return true;
    } catch (error) {
      if (!(error instanceof NotStartedError)) throw error;
      this.counts["starts refused"]++;
      const { code, stderr } = error.exit;
      if (code !== 1 || !/^varve-test-server: \S.* \S/m.test(stderr) || /^ +at /m.test(stderr)) {
        this.violated(`the start is refused with status ${code} and without a sentence: ${stderr}`);
      }
      return false;
    }
  }

  /** Ends the server as a crash would, if it runs. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    this.#judgeEnd(await server.kill());
  }

  /** Resolves when so many more appends have been acknowledged. */
  async acknowledge(count: number): Promise<void> {
    const load = this.#load as Load;
    await load.untilAcknowledged(load.acknowledged + count);
  }

  /** Appends have to be taken again by themselves, now that there is space. */
  async recover(): Promise<void> {
    const load = this.#load as Load;
    const before = load.acknowledged;
    const late = sleep(RECOVERY_MS_MAX, "late" as const, { ref: false });
    const outcome = await Promise.race([
      this.acknowledge(this.random.integer(5, 200)),
      late,
      this.server.exited,
    ]);
    if (outcome !== "late") return;
    const taken = load.acknowledged - before;
    this.violated(`${RECOVERY_MS_MAX} ms after there is space again ${taken} appends are taken`);
  }

  /** Resolves when the disk is full, or after a time. */
  async untilFull(timeoutMs: number): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    while (performance.now() < endMs && (await this.disk.freeBytes()) > FULL_BYTES) await sleep(20);
  }

  /** What an append fails with now; `undefined` if it is taken. */
  async appendFailure(): Promise<ReasonName | undefined> {
    using connection = new Connection(() => this.address);
    try {
      await connection.client.append({ workspace: "probe", events: [newEvent("probe")] });
      return undefined;
    } catch (error) {
      return fromThrown(error).reason;
    }
  }

  /** Reads go on, also while appends are refused. */
  async readAll(): Promise<void> {
    try {
      await readFinalLog(this.address);
    } catch (error) {
      const { reason } = fromThrown(error);
      this.violated(`the log cannot be read while appends are refused: ${reason}`);
    }
  }

  /**
   * What the clients did and saw, and what is in the log in the end: on the disk, not in
   * memory.
   */
  async end(): Promise<{ readonly history: History; readonly log: FinalLog }> {
    const history = await (this.#load as Load).stop();
    await this.kill();
    await this.start();
    return { history, log: await readFinalLog(this.address) };
  }

  /** It has to be there until it is killed, whatever the disk does. */
  #judgeEnd({ code, signal, stderr }: Exit): void {
    this.counts["writes failed"] += stderr.split("the workspace is opened anew").length - 1;
    if (signal === "SIGKILL") return;
    this.violated(`the server ended by itself with ${signal ?? code}: ${stderr.slice(-500)}`);
  }

  violated(message: string): void {
    this.violations.push({ guarantee: "G10", message });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.kill();
    await this.#load?.stop();
    await this.disk[Symbol.asyncDispose]();
  }
}
