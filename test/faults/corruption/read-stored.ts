import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AppendRequestSchema,
  type RecordedEvent,
  RecordedEventSchema,
  ReplayRequestSchema,
} from "@varve/proto";
import type { FinalLog } from "../history.ts";
import { toSeen } from "../load/seen-event.ts";
import type { Random } from "../random.ts";
import { eventsIn } from "./probe/frames.ts";
import { RawClient } from "./probe/raw-client.ts";
import type { StoredAppend, StoredData, StoredWorkspace } from "./stored.ts";
import type { WorkspaceLoad } from "./workspace-load.ts";

const REPEATED_MAX = 20;

/** What a server that holds undamaged data serves, and which appends to repeat on it. */
export async function readStored(
  address: string,
  loads: readonly WorkspaceLoad[],
  random: Random,
): Promise<StoredData> {
  using client = new RawClient(address);
  const workspaces: StoredWorkspace[] = [];
  for (const load of loads) {
    const events = await readAll(client, load.workspace);
    const appends = toRepeat(load, random);
    workspaces.push({ name: load.workspace, events, appends });
  }
  return { workspaces };
}

/** As the checkers see it. */
export function finalLogOf({ events }: StoredWorkspace): FinalLog {
  return events.map((base64) => {
    const recorded: RecordedEvent = fromBinary(RecordedEventSchema, Buffer.from(base64, "base64"));
    return toSeen(recorded);
  });
}

async function readAll(client: RawClient, workspace: string): Promise<string[]> {
  const request = toBinary(ReplayRequestSchema, create(ReplayRequestSchema, { workspace }));
  const events: string[] = [];
  for await (const frame of client.stream("Replay", request)) {
    for (const { bytes } of eventsIn(frame, "Replay")) events.push(bytes.toString("base64"));
  }
  return events;
}

function toRepeat({ appends }: WorkspaceLoad, random: Random): StoredAppend[] {
  const stored = appends.flatMap(({ append, outcome }) =>
    outcome.case === "stored" ? [{ append, firstPosition: outcome.firstPosition }] : [],
  );
  if (stored.length === 0) return [];
  const chosen = new Set(Array.from({ length: REPEATED_MAX }, () => random.pick(stored)));
  return [...chosen].map(({ append, firstPosition }) => {
    const bytes = toBinary(AppendRequestSchema, create(AppendRequestSchema, append));
    return { request: Buffer.from(bytes).toString("base64"), firstPosition };
  });
}
