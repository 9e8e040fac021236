import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readSettings, StartupError, startServer } from "@varve/server";
import { describe, expect, it } from "vitest";
import { ChildServer } from "../support/child-server.js";
import { connect } from "../support/client.js";
import { temporaryFolder } from "../support/folder.js";
import { replay } from "../support/frames.js";
import { Load } from "../support/load.js";
import { seededRandom } from "../support/random.js";
import { flagsFor } from "../support/server.js";

const FLIPS = 40;

/** The data of a server that was killed under load, and what it had acknowledged. */
async function killedServer(random: () => number): Promise<{ folder: string; load: Load }> {
  const folder = await temporaryFolder();
  const server = await ChildServer.start(folder);
  const load = new Load(0, random);
  const running = load.run([1, 2, 3].map(() => connect(server.address)));
  await load.answered(300);
  await server.kill();
  await running;
  return { folder, load };
}

/** Where the newest writes are. */
async function logOf(folder: string): Promise<string> {
  const path = join(folder, "workspaces/default");
  return join(path, (await readdir(path)).filter((n) => n.endsWith(".log")).at(-1) as string);
}

/** The ids of all events by their positions, or why the server does not start. */
async function eventsIn(folder: string): Promise<Map<bigint, string> | StartupError> {
  try {
    const server = await startServer(readSettings(flagsFor(folder), {}));
    const { events } = await replay(connect(server.address));
    await server.stop();
    return new Map(events.map(({ position, event }) => [position, event?.id ?? ""]));
  } catch (error) {
    if (error instanceof StartupError) return error;
    throw error;
  }
}

describe("one bit of the newest writes that has flipped", () => {
  it("keeps the server from starting, or loses nothing that was acknowledged", async () => {
    const { random, seed } = seededRandom();
    console.log(`seed of the flips: ${seed}`);
    const { folder, load } = await killedServer(random);
    const bytes = await readFile(await logOf(folder));
    let refused = 0;
    for (let n = 0; n < FLIPS; n++) {
      const copy = await temporaryFolder();
      await cp(folder, copy, { recursive: true });
      const bit = Math.floor(random() * bytes.length * 8);
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      await writeFile(await logOf(copy), damaged);
      const found = await eventsIn(copy);
      if (found instanceof StartupError) {
        expect(found.message).toMatch(/\.log is damaged at byte \d+: .*truncate -s \d+ '/);
        refused++;
      } else expectAll(found, load);
    }
    // All but the padding between blocks, and what had not been finished at the end.
    expect(refused).toBeGreaterThan(FLIPS / 2);
  });

  it("costs no more than what follows it, if that is given up", async () => {
    const { folder } = await killedServer(seededRandom().random);
    const log = await logOf(folder);
    const bytes = await readFile(log);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] as number) ^ 1;
    await writeFile(log, bytes);
    const refused = await eventsIn(folder);
    const offset = Number(/truncate -s (\d+)/.exec((refused as StartupError).message)?.[1]);
    await writeFile(log, bytes.subarray(0, offset));
    const found = (await eventsIn(folder)) as Map<bigint, string>;
    expect(found.size).toBeGreaterThan(0);
    expect([...found.keys()].at(-1)).toBe(BigInt(found.size));
  });
});

function expectAll(found: ReadonlyMap<bigint, string>, load: Load): void {
  for (const [append, { firstPosition }] of load.answers) {
    for (const [i, { event }] of append.events.entries()) {
      expect(found.get(firstPosition + BigInt(i))).toBe(event?.id);
    }
  }
}
