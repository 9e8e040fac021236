import type { Side } from "../comparison/side.ts";
import { callOnce, drain, pathOf } from "../http2/call-once.ts";
import { RawConnection } from "../http2/connection.ts";
import type { Lab } from "../lab.ts";
import { AppendRequests } from "../load/append-requests.ts";
import { runCalls } from "../load/unary-load.ts";
import { metered, type Sample } from "../machine/meter.ts";
import type { VarveServer } from "../process/varve-server.ts";
import type { DatabaseName } from "../workload.ts";
import { APPEND } from "./calls.ts";
import { replayRequest } from "./replay.ts";

const STATUS = pathOf("GetStatus");
const REPLAY = pathOf("Replay");
/** What is replayed before the memory is looked at. */
const REPLAYED_EVENTS = 100_000;

/**
 * Ends a server with SIGKILL while appends are on their way and starts it again. The
 * value is the time from the start of the process to the answer to its first call, s.
 * Details: resident memory then, and after a replay of 100,000 events.
 */
export function restart(lab: Lab, database: DatabaseName): Side {
  const folder = lab.clone(database);
  const events = Math.min(REPLAYED_EVENTS, lab.database(database).events);
  const measure = async (seconds: number): Promise<Sample> => {
    await killUnderLoad(await lab.startVarve(folder), lab, seconds);
    const startedMs = performance.now();
    await using server = await lab.startVarve(folder);
    using connection = await RawConnection.open(server.address);
    await callOnce(connection, STATUS, Buffer.alloc(0));
    const startSeconds = (performance.now() - startedMs) / 1000;
    const startedMiB = server.residentMiB;
    return await metered(server.pid, async () => {
      await drain(connection, REPLAY, replayRequest(1, events));
      const details = { startedMiB, replayedMiB: server.residentMiB };
      return { events, seconds: startSeconds, value: startSeconds, details };
    });
  };
  return { name: `start, ${database}`, measure };
}

async function killUnderLoad(server: VarveServer, lab: Lab, seconds: number): Promise<void> {
  using connection = await RawConnection.open(server.address);
  const requests = new AppendRequests(lab.options.seed);
  const next = (): { path: string; message: Buffer } => ({
    path: APPEND,
    message: requests.next(),
  });
  // It never ends well: the server is gone before the last answer.
  const load = runCalls(connection, 64, 2 * seconds, next).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, (seconds / 2) * 1000));
  await server.kill();
  await load;
}
