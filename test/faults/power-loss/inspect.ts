/**
 * A process that opens data folders, one after the other, each by a server of its own.
 * Its argument is the URL of the server package. Answers each message, the path of a
 * folder, with an `Inspection`.
 */
import { randomUUID } from "node:crypto";
import { newEvent } from "../../src/support/requests.ts";
import type { FinalLog } from "../history.ts";
import { Connection } from "../load/connection.ts";
import { readFinalLog } from "../load.ts";
import type { Inspection } from "./inspection.ts";

const [serverPackage] = process.argv.slice(2) as [string];
const server = (await import(serverPackage)) as typeof import("@varve/server");

async function inspect(folder: string): Promise<Inspection> {
  const settings = server.readSettings(
    { data: folder, listen: "127.0.0.1:0", "log-level": "silent", "stop-grace-seconds": "1" },
    {},
  );
  try {
    const running = await server.startServer(settings);
    try {
      const log = await readFinalLog(running.address);
      const appendFailure = await append(running.address, log);
      return { case: "opened", log, ...(appendFailure && { appendFailure }) };
    } finally {
      await running.stop();
    }
  } catch (error) {
    return { case: "refused", message: (error as Error).message };
  }
}

/** Resolves to what is wrong with the answer. */
async function append(address: string, log: FinalLog): Promise<string | undefined> {
  using connection = new Connection(() => address);
  const events = [newEvent("inspection-1")];
  try {
    const answer = await connection.client.append({ appendId: randomUUID(), events });
    const position = Number(answer.firstPosition);
    return position === log.length + 1 ? undefined : `it was stored at position ${position}`;
  } catch (error) {
    return (error as Error).message;
  }
}

process.on("message", async (folder: string) => {
  process.send?.(await inspect(folder));
});
process.once("disconnect", () => process.exit());
process.send?.("ready");
