import { randomUUID } from "node:crypto";
import { type AppendInit, newEvent } from "../../src/support/requests.ts";
import { Connection } from "../load/connection.ts";
import { startLoad } from "../load.ts";
import type { Round } from "../scenario.ts";
import { FaultServer } from "../server.ts";
import { newestLog } from "./newest-log.ts";

/** The folder of a server that was killed, and what its newest log holds. */
export interface KilledServer {
  readonly folder: string;
  /** All that were sent. */
  readonly appends: readonly AppendInit[];
  /** Size of the log before the last but one append, before the last one, and at the end. */
  readonly ends: readonly [number, number, number];
  /** Events of the last but one append, and of the last one. */
  readonly events: readonly [number, number];
}

/** Large enough for some of LevelDB's blocks of 32 KiB, so that its record is in fragments. */
const FRAGMENTED_BYTES = 70_000;

/** Puts the server under load, appends a large event and then a small one, and kills it. */
export async function killServer({ random, folder, signal }: Round): Promise<KilledServer> {
  await using server = await FaultServer.start({ folder, signal });
  const { address } = server;
  const sizes = { dataBytesMax: 60, largeBytesMax: 16 * 1024 };
  const load = startLoad({ address, random: random.fork(), signal, ...sizes, readers: 0 });
  await load.untilAcknowledged(random.integer(20, 60));
  const { appends } = await load.stop();
  const data = Uint8Array.from({ length: FRAGMENTED_BYTES }, () => random.integer(0, 255));
  const several = [1, 2, 3].map((n) => newEvent(`last-${n}`, { data: n === 2 ? data : "{}" }));
  const one = [newEvent("last-1", { data: `{"n":${random.integer(0, 1_000_000)}}` })];
  const last = [several, one].map((events) => ({ appendId: randomUUID(), events }));
  const ends = [(await newestLog(folder)).size];
  for (const request of last) {
    await append(address, request);
    ends.push((await newestLog(folder)).size);
  }
  await server.kill();
  return {
    folder,
    appends: [...appends.map(({ append }) => append), ...last],
    ends: ends as [number, number, number],
    events: [several.length, one.length],
  };
}

async function append(address: string, request: AppendInit): Promise<void> {
  using connection = new Connection(() => address);
  await connection.client.append(request);
}
