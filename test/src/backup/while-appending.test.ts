import { createHash } from "node:crypto";
import { toBinary } from "@bufbuild/protobuf";
import { RecordedEventSchema } from "@varve/proto";
import { describe, expect, it } from "vitest";
import type { StoreClient } from "../support/client.js";
import { temporaryFolder } from "../support/folder.js";
import { type ReplayInit, replay } from "../support/frames.js";
import { Load } from "../support/load.js";
import { seededRandom } from "../support/random.js";
import { startTestServer, type TestServer } from "../support/server.js";
import { resultOf } from "./varve.js";

/** Backups that are made while appends go on. */
const BACKUPS = 3;
const APPENDS_BETWEEN = 50;

/** How many events there are, and a hash over all of them as they are encoded. */
async function fingerprint(
  client: StoreClient,
  request: ReplayInit = {},
): Promise<{ count: number; hash: string }> {
  const { events } = await replay(client, request);
  const hash = createHash("sha256");
  for (const event of events) hash.update(toBinary(RecordedEventSchema, event));
  return { count: events.length, hash: hash.digest("hex") };
}

interface BackedUp {
  readonly server: TestServer;
  readonly load: Load;
  /** Of the backups. */
  readonly folder: string;
  /** Where each backup ended, in order. */
  readonly heads: readonly number[];
}

/** A server whose log was backed up a few times while it grew, and which has ended. */
async function backUpWhileAppending(): Promise<BackedUp> {
  const { seed, random } = seededRandom();
  console.info(`seed ${seed}`);
  const server = await startTestServer();
  const folder = await temporaryFolder();
  const load = new Load(1, random);
  const running = load.run([server.connect(), server.connect()]);
  const heads: number[] = [];
  for (let i = 0; i < BACKUPS; i++) {
    await load.answered(load.answers.size + APPENDS_BETWEEN);
    const { after, head, events } = await resultOf(["backup", folder], server.address);
    expect([Number(after), events]).toEqual([heads.at(-1) ?? 0, Number(head) - Number(after)]);
    heads.push(Number(head));
  }
  await server.stop();
  await running;
  return { server, load, folder, heads };
}

describe("incremental backups while appends go on", () => {
  it("restore the log as it was at each of their heads, byte for byte", async () => {
    const { server, folder, heads } = await backUpWhileAppending();
    const original = await startTestServer({ folder: server.folder });
    const { head: last } = await resultOf(["backup", folder], original.address);
    for (const head of [...heads.slice(1), Number(last)]) {
      const data = await temporaryFolder();
      const words = ["restore", folder, "--data", data, "--to-position", String(head)];
      expect(await resultOf(words)).toMatchObject({ head: String(head) });
      const copy = await startTestServer({ folder: data });
      const expected = await fingerprint(original.client, { toPosition: BigInt(head) });
      expect(await fingerprint(copy.client)).toEqual(expected);
      expect(expected.count).toBe(head);
      await copy.stop();
    }
    expect((await original.client.getStatus({})).head).toBe(BigInt(last as string));
  });

  it("keep appends single that are sent again after a restore", async () => {
    const { load, folder, heads } = await backUpWhileAppending();
    const head = heads[1] as number;
    const data = await temporaryFolder();
    await resultOf(["restore", folder, "--data", data, "--to-position", String(head)]);
    const copy = await startTestServer({ folder: data });
    const kept = [...load.answers].filter(([, { lastPosition }]) => lastPosition <= head);
    expect(kept.length).toBeGreaterThan(APPENDS_BETWEEN);
    for (const [append, answer] of kept) {
      expect(await copy.client.append(append)).toEqual({ ...answer, repeat: true });
    }
    expect((await copy.client.getStatus({})).head).toBe(BigInt(head));
    const [later] = [...load.answers].find(([, answer]) => answer.firstPosition > head) ?? [];
    expect(await copy.client.append(later ?? {})).toMatchObject({ repeat: false });
  });
});
