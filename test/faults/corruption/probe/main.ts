/**
 * A process that uses damaged data folders, one after the other, so that a crash of
 * the database does not end the harness. Its arguments are the server package and a
 * file with what the folders held (`StoredData`). Answers each message, a
 * `ProbeRequest`, with an `Observation`.
 */
import { readFile } from "node:fs/promises";
import type { ProbeRequest } from "../prober.ts";
import type { StoredData } from "../stored.ts";
import { observe, type ServerPackage } from "./session.ts";
import { WorkspaceProbe } from "./workspace.ts";

const [serverPackage, storedFile] = process.argv.slice(2) as [string, string];
const server = (await import(serverPackage)) as ServerPackage;
const stored = JSON.parse(await readFile(storedFile, "utf8")) as StoredData;
const probes = stored.workspaces.map((workspace) => new WorkspaceProbe(workspace));

process.on("message", async ({ folder, touched }: ProbeRequest) => {
  process.send?.(await observe(server, folder, probes, touched));
});
process.once("disconnect", () => process.exit());
process.send?.("ready");
