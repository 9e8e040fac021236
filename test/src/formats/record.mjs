/**
 * Keeps a small database of the format that the built server writes now, for
 * `formats.test.ts` to open with every later version. Run by hand before a release
 * that changes the format, after a build; it never replaces what is there:
 *
 *     node test/src/formats/record.mjs
 */

import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "@varve/client";
import { DATABASE_FORMAT } from "@varve/engine";
import { startTestServer } from "@varve/testing/server";
import { appends, recordOf, snapshot } from "./content.ts";

const target = fileURLToPath(new URL(`../../fixtures/formats/${DATABASE_FORMAT}`, import.meta.url));
const dataFolder = await mkdtemp(join(tmpdir(), "varve-format-"));
const server = await startTestServer({ dataFolder });
const client = connect(server.address);
for (const [i, { workspace, events, ...options }] of appends.entries()) {
  await client.workspace(workspace).appendMany(events, options);
  // Entries in table files as well as in the log file that is written last.
  if (i === appends.length - 3) await server.restart();
}
await client.saveSnapshot(snapshot);
const record = await recordOf(client);
await client.close();
await server.kill();
for (const database of ["catalog", "workspaces/default", "workspaces/blue"]) {
  for (const file of await readdir(join(dataFolder, database))) {
    // Made anew at every opening, and of no meaning.
    if (/^(LOCK|LOG.*)$/.test(file)) await rm(join(dataFolder, database, file));
  }
}
await cp(dataFolder, join(target, "data"), { recursive: true, errorOnExist: true, force: false });
await writeFile(join(target, "record.json"), `${JSON.stringify(record, undefined, 1)}\n`);
await rm(dataFolder, { recursive: true });
console.log(`recorded ${target}`);
