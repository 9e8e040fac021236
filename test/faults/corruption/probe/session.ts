import type { Settings } from "@varve/server";
import type { Observation, SessionObservation, WorkspaceObservation } from "../observation.ts";
import { RawClient } from "./raw-client.ts";
import { type WorkspaceProbe, WorkspaceUse } from "./workspace.ts";

/** The package `@varve/server`, of this checkout or of a copy that is broken on purpose. */
export type ServerPackage = typeof import("@varve/server");

/** Is opened at every start. */
const DEFAULT_WORKSPACE = "default";

/**
 * Uses a data folder by a server in this process, stops it, and uses the folder
 * once more. `touched`: the workspaces that are damaged; of the others, the default one
 * shows whether they are unharmed.
 */
export async function observe(
  server: ServerPackage,
  folder: string,
  probes: readonly WorkspaceProbe[],
  touched: readonly string[],
): Promise<Observation> {
  const uses = probes
    .filter(({ name }) => name === DEFAULT_WORKSPACE || touched.includes(name))
    .map((probe) => new WorkspaceUse(probe, touched.includes(probe.name)));
  const settings = server.readSettings(
    {
      data: folder,
      listen: "127.0.0.1:0",
      "log-level": "silent",
      "free-space-reserve-mib": "0",
      "stop-grace-seconds": "2",
    },
    {},
  );
  const sessions = [
    await observeSession(server, settings, uses, true),
    await observeSession(server, settings, uses, false),
  ];
  const eventsServed = uses.reduce((sum, use) => sum + use.eventsServed, 0);
  return { sessions, eventsServed };
}

async function observeSession(
  { startServer }: ServerPackage,
  settings: Settings,
  uses: readonly WorkspaceUse[],
  writes: boolean,
): Promise<SessionObservation> {
  const running = await startServer(settings).catch((error: unknown) => error as Error);
  if (running instanceof Error) return { case: "refused", message: running.message };
  try {
    using client = new RawClient(running.address);
    const workspaces = [];
    for (const use of uses) workspaces.push(await observeUse(client, use, writes));
    return { case: "started", workspaces };
  } finally {
    await running.stop();
  }
}

async function observeUse(
  client: RawClient,
  use: WorkspaceUse,
  writes: boolean,
): Promise<WorkspaceObservation> {
  const observation = await use.read(client);
  const { status, calls } = observation;
  if (!writes || status.case === "failed") return observation;
  return { ...observation, calls: [...calls, ...(await use.write(client, status.head))] };
}
