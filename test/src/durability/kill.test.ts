import { describe, expect, it } from "vitest";
import { ChildServer } from "../support/child-server.js";
import { connect, type StoreClient } from "../support/client.js";
import { temporaryFolder } from "../support/folder.js";
import { positions, range, replay } from "../support/frames.js";
import { Load } from "../support/load.js";
import { seededRandom } from "../support/random.js";
import { startTestServer } from "../support/server.js";

const ROUNDS = 4;

/** An event that the log must have exactly once, by its id, and where it was said to be. */
type Acknowledged = Map<string, bigint>;

describe("a server that is killed under load", () => {
  it("has every acknowledged event once, without gaps, and a retry settles the others", async () => {
    const { random, seed } = seededRandom();
    console.log(`seed of the kills: ${seed}`);
    const folder = await temporaryFolder();
    const acknowledged: Acknowledged = new Map();
    for (let round = 0; round < ROUNDS; round++) {
      const load = new Load(round, random);
      const server = await ChildServer.start(folder);
      const running = load.run([1, 2, 3].map(() => connect(server.address)));
      // Somewhere between the first answers and a thousand.
      await load.answered(1 + Math.floor(random() ** 2 * 1000));
      await server.kill();
      await running;
      note(acknowledged, load);
      expect(load.unanswered.length).toBeGreaterThan(0);
      await settle(folder, load, acknowledged);
    }
  });
});

/** After a restart: everything is there; then retries what was not answered, and looks again. */
async function settle(folder: string, load: Load, acknowledged: Acknowledged): Promise<void> {
  const { client, stop } = await startTestServer({ folder });
  const before = await expectComplete(client, acknowledged);
  const stored = new Set(before.map(({ event }) => event?.id));
  for (const append of load.unanswered) {
    const answer = await client.append(append);
    const ids = append.events.map(({ event }) => event?.id ?? "");
    // All of it or nothing had been stored, and the answer knows which.
    const there = ids.filter((id) => stored.has(id)).length;
    expect(there).toBe(answer.repeat ? ids.length : 0);
    for (const [i, id] of ids.entries()) acknowledged.set(id, answer.firstPosition + BigInt(i));
  }
  const after = await expectComplete(client, acknowledged);
  expect(after).toHaveLength(acknowledged.size);
  await stop();
}

type Log = Awaited<ReturnType<typeof replay>>["events"];

async function expectComplete(client: StoreClient, acknowledged: Acknowledged): Promise<Log> {
  const { events } = await replay(client);
  expect(positions(events)).toEqual(events.length === 0 ? [] : range(1, events.length));
  const places = new Map(events.map((event) => [event.event?.id ?? "", event.position]));
  expect(places.size).toBe(events.length);
  for (const [id, position] of acknowledged) expect(places.get(id)).toBe(position);
  const next = new Map<string, bigint>();
  for (const { stream, revision } of events) {
    expect(revision).toBe(next.get(stream) ?? 0n);
    next.set(stream, revision + 1n);
  }
  return events;
}

function note(acknowledged: Acknowledged, load: Load): void {
  for (const [append, { firstPosition }] of load.answers) {
    for (const [i, { event }] of append.events.entries()) {
      acknowledged.set(event?.id ?? "", firstPosition + BigInt(i));
    }
  }
}
