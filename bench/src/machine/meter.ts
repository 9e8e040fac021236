import { machineCpuMs, ownCpuMs, processCpuMs } from "./cpu.ts";
import { settled } from "./settle.ts";

/** What one repeat did. */
export interface Work {
  /** What counts: events appended, delivered, read. */
  readonly events: number;
  readonly seconds: number;
  /** What is compared. Default: events per second. */
  readonly value?: number;
  /** Further figures, by name. */
  readonly details?: Readonly<Record<string, number>>;
}

/** One repeat, measured. */
export interface Sample {
  readonly value: number;
  readonly details: Readonly<Record<string, number>>;
  readonly cpu: CpuUse;
}

/** Processor time of one repeat. Absent where the system does not tell. */
export interface CpuUse {
  /** µs for each event. */
  readonly serverUsPerEvent?: number;
  readonly clientUsPerEvent: number;
  /** Part of one core: 1 is all of it. */
  readonly serverBusy?: number;
  readonly clientBusy: number;
  /** What everything else on the machine used: the noise of the measurement. */
  readonly othersBusy?: number;
}

/** Whose processor time is taken: what each has used so far, ms. */
export interface Parties {
  readonly server: () => number | undefined;
  readonly client: () => number;
}

const LOOK_MS = 100;

/**
 * Runs one repeat. `server` is the process on the other core, and this one is the client,
 * unless they are said to be others. What the server still does after the last answer
 * counts into its time for each event.
 */
export async function metered(server: number | Parties, run: () => Promise<Work>): Promise<Sample> {
  const parties = typeof server === "number" ? partiesOf(server) : server;
  const before = readClocks(parties);
  const work = await run();
  const after = readClocks(parties);
  await settled(parties.server, Math.min(LOOK_MS, work.seconds * 1000));
  return {
    value: work.value ?? work.events / work.seconds,
    details: work.details ?? {},
    cpu: cpuUse(work, before, after, parties.server()),
  };
}

function partiesOf(server: number): Parties {
  return { server: () => processCpuMs(server), client: ownCpuMs };
}

function cpuUse(
  { events }: Work,
  before: Clocks,
  after: Clocks,
  settledServer: number | undefined,
): CpuUse {
  const wall = after.wall - before.wall;
  const client = after.client - before.client;
  const server = difference(before.server, after.server);
  const machine = difference(before.machine, after.machine);
  const inAll = difference(before.server, settledServer);
  const perEvent = 1000 / Math.max(1, events);
  return {
    clientUsPerEvent: client * perEvent,
    clientBusy: client / wall,
    ...(inAll !== undefined && { serverUsPerEvent: inAll * perEvent }),
    ...(server !== undefined && { serverBusy: server / wall }),
    ...(server !== undefined &&
      machine !== undefined && { othersBusy: Math.max(0, machine - server - client) / wall }),
  };
}

/** All in ms. */
interface Clocks {
  readonly wall: number;
  readonly client: number;
  readonly server: number | undefined;
  readonly machine: number | undefined;
}

function readClocks({ server, client }: Parties): Clocks {
  return {
    wall: performance.now(),
    client: client(),
    server: server(),
    machine: machineCpuMs(),
  };
}

function difference(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before;
}
