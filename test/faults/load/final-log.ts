import type { FinalLog, SeenEvent } from "../history.ts";
import { Connection } from "./connection.ts";
import { toSeen } from "./seen-event.ts";

/** The whole log, by a replay. Throws what the call fails with. */
export async function readFinalLog(address: string): Promise<FinalLog> {
  using connection = new Connection(() => address);
  const events: SeenEvent[] = [];
  for await (const { frame } of connection.client.replay({})) {
    if (frame.case === "events") events.push(...frame.value.events.map(toSeen));
  }
  return events;
}
