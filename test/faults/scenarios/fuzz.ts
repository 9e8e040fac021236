import { checkPositions } from "../checkers/positions.ts";
import { checkRevisions } from "../checkers/revisions.ts";
import { MemoryWatch } from "../consumers/memory-watch.ts";
import type { Burst } from "../fuzz/burst.ts";
import { bursts } from "../fuzz/bursts.ts";
import { Ledger } from "../fuzz/ledger.ts";
import { WellBehaved } from "../fuzz/well-behaved.ts";
import type { History } from "../history.ts";
import { readFinalLog } from "../load.ts";
import type { Random } from "../random.ts";
import type { Round, RoundReport, Scenario, Violation } from "../scenario.ts";
import { FaultServer } from "../server.ts";
import { stopViolations } from "../server-log.ts";

/** What the server may have in memory whatever is sent to it, MiB. */
const MEMORY_MIB_MAX = 900;

export const fuzz: Scenario = {
  name: "fuzz",
  description:
    "malformed HTTP/2, gRPC and protobuf of every kind, floods and compression bombs; the server answers others all the while and writes nothing that it has not acknowledged",
  rounds: 1,
  run: async (round) => await new FuzzRound(round).run(),
};

class FuzzRound {
  readonly #round: Round;
  readonly #ledger = new Ledger();
  readonly #violations: Violation[] = [];
  readonly #faults: Record<string, number> = {};

  constructor(round: Round) {
    this.#round = round;
  }

  async run(): Promise<RoundReport> {
    const { folder, signal, random } = this.#round;
    await using server = await FaultServer.start({ folder, signal });
    let ended = false;
    void server.exited.then(() => {
      ended = true;
    });
    await using memory = new MemoryWatch(server);
    const wellBehaved = new WellBehaved(server.address, random.fork(), this.#ledger);
    for (const burst of shuffled(bursts, random)) {
      await this.#fire(burst, server.address, wellBehaved);
      if (ended || signal.aborted) break;
    }
    wellBehaved.close();
    if (ended) this.#violate("G13", "the server is gone");
    else await this.#checkLog(server.address);
    if (memory.maxMiB > MEMORY_MIB_MAX) {
      const most = Math.round(memory.maxMiB);
      this.#violate("G12", `the server had ${most} MiB in memory, of ${MEMORY_MIB_MAX} at most`);
    }
    this.#violations.push(...stopViolations(await server.stop()));
    return {
      faults: this.#faults,
      counts: { "events acknowledged": this.#ledger.size },
      peaks: {
        MiB: Math.round(memory.maxMiB),
        "ms for an answer": Math.round(wellBehaved.slowestMs),
      },
      violations: this.#violations,
    };
  }

  async #fire(burst: Burst, address: string, wellBehaved: WellBehaved): Promise<void> {
    const random = this.#round.random.fork();
    await burst.run({ address, random, ledger: this.#ledger });
    const [layer = ""] = burst.name.split(":");
    this.#faults[layer] = (this.#faults[layer] ?? 0) + 1;
    const wrong = await wellBehaved.check();
    if (wrong) this.#violate("G13", `after "${burst.name}": ${wrong}`);
  }

  async #checkLog(address: string): Promise<void> {
    const log = await readFinalLog(address);
    const nothing: History = { appends: [], reads: [], subscriptions: [] };
    this.#violations.push(
      ...checkPositions(nothing, log),
      ...checkRevisions(nothing, log),
      ...this.#ledger.check(log),
    );
  }

  #violate(guarantee: Violation["guarantee"], message: string): void {
    this.#violations.push({ guarantee, message });
  }
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, place: random.number() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
