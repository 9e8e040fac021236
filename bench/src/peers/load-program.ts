/** The load generator: fills a log, or does one workload on Varve and on a peer in turn. */
import { resultOf } from "../comparison/result.ts";
import { measureRounds } from "../comparison/rounds.ts";
import type { Side } from "../comparison/side.ts";
import { ownCpuMs, processCpuMs, processTreeCpuMs } from "../machine/cpu.ts";
import { metered, type Parties } from "../machine/meter.ts";
import { serveCalls } from "../process/remote.ts";
import { median } from "../statistics.ts";
import { comparisonsOf } from "./comparisons.ts";
import { contestantOf, peerOf } from "./index.ts";
import type { Measured, MeasureRequest, PeerLoadCalls, ServerAccess } from "./load-process.ts";
import type { PeerLoad, WorkloadId } from "./peer.ts";

serveCalls<PeerLoadCalls>({
  async fill({ server, events }): Promise<void> {
    await using load = await contestantOf(server.contestant).load(server);
    await load.fill(events);
    await expectCount(load, events);
  },
  measure,
});

async function measure(request: MeasureRequest): Promise<Measured> {
  const { workload, seconds, repeats } = request;
  await using varve = await Measurement.start(request.varve, workload);
  await using peer = await Measurement.start(request.peer, workload);
  const rounds = await measureRounds([varve, peer], { count: repeats, seconds });
  await varve.check();
  await peer.check();
  const others = rounds.flatMap((round) =>
    [...round.values()].flatMap(({ cpu }) => cpu.othersBusy ?? []),
  );
  const { id, name } = peerOf(request.peer.contestant);
  const comparisons = comparisonsOf(workload, { id, varve, peer });
  return {
    results: comparisons.map((comparison) => resultOf({ id, title: name }, comparison, rounds)),
    ...(others.length > 0 && { othersBusy: median(others) }),
  };
}

/** One workload on one server. */
class Measurement implements Side, AsyncDisposable {
  readonly name: string;
  readonly #load: PeerLoad;
  readonly #workload: WorkloadId;
  readonly #parties: Parties;
  /** What the log must hold. */
  #events: number;

  private constructor(server: ServerAccess, workload: WorkloadId, load: PeerLoad, events: number) {
    this.name = `${contestantOf(server.contestant).name}, ${workload}`;
    this.#load = load;
    this.#workload = workload;
    this.#parties = partiesOf(server.pid, load.pid);
    this.#events = events;
  }

  static async start(server: ServerAccess, workload: WorkloadId): Promise<Measurement> {
    const load = await contestantOf(server.contestant).load(server);
    return new Measurement(server, workload, load, await load.count());
  }

  measure(seconds: number): ReturnType<Side["measure"]> {
    return metered(this.#parties, async () => {
      const work = await this.#load.run(this.#workload, seconds);
      if (this.#workload !== "catch-up") this.#events += work.events;
      return work;
    });
  }

  /** Throws if the log does not hold what was answered as appended. */
  check(): Promise<void> {
    return expectCount(this.#load, this.#events);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#load[Symbol.asyncDispose]();
  }
}

function partiesOf(server: number, client: number | undefined): Parties {
  return {
    server: () => processTreeCpuMs(server),
    client: client === undefined ? ownCpuMs : () => (processCpuMs(client) ?? 0) + ownCpuMs(),
  };
}

async function expectCount(load: PeerLoad, events: number): Promise<void> {
  const count = await load.count();
  if (count !== events) throw new Error(`the log has ${count} events in place of ${events}`);
}
