import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { ChildServer } from "../support/child-server.js";
import { connect, type StoreClient } from "../support/client.js";
import { expectFailure, type Failed, failureOf } from "../support/failure.js";
import { temporaryFolder } from "../support/folder.js";
import { positions, range, replay } from "../support/frames.js";
import { newEvent } from "../support/requests.js";
import { startTestServer } from "../support/server.js";

/** Connects, and says nothing. */
async function silentConnection(address: string): Promise<Socket> {
  const [host, port] = address.split(":");
  const socket = connectSocket(Number(port), host).on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Large enough that LevelDB opens new files again and again. */
function appendOne(client: StoreClient, n: number): Promise<unknown> {
  return client.append({ events: [newEvent(`s-${n % 4}`, { data: randomBytes(64_000) })] });
}

/** Tries until it is taken; what it failed with before. */
async function untilTaken(client: StoreClient, request: object): Promise<Failed[]> {
  const failures: Failed[] = [];
  for (;;) {
    const error = await client.append(request).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    if (error === undefined) return failures;
    failures.push(await failureOf(Promise.reject(error)));
    expect(failures.length).toBeLessThan(1000);
  }
}

describe.skipIf(process.platform !== "linux")("a server with few handles", () => {
  // 300 silent connections took the last one, and the server ended as if its disk had failed.
  it("serves its clients whatever number of silent connections there are", async () => {
    const child = await ChildServer.start(await temporaryFolder(), { handlesMax: 256 });
    const early = connect(child.address);
    await appendOne(early, 0);
    await Promise.all(range(1, 300).map(() => silentConnection(child.address)));
    for (const n of range(1, 200)) await appendOne(early, n);
    const late = connect(child.address);
    await appendOne(late, 0);
    expect(positions((await replay(late)).events)).toEqual(range(1, 202));
  });

  it("that has none left refuses, says what to do, and goes on once it has some", async () => {
    const folder = await temporaryFolder();
    const child = await ChildServer.start(folder, { handlesMax: 256 });
    const client = connect(child.address);
    await appendOne(client, 0);
    await child.limitHandles(20);
    const count = 100;
    const requests = range(1, count).map((n) => ({
      appendId: randomUUID(),
      events: [newEvent(`s-${n}`, { data: randomBytes(64_000) })],
    }));
    const failures = await Promise.all(
      requests.map(async (request) => {
        const first = await client.append(request).then(
          () => undefined,
          (cause: unknown) => failureOf(Promise.reject(cause)),
        );
        return first;
      }),
    );
    const failed = failures.filter((failure) => failure !== undefined);
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.map(({ reason }) => reason)).toContain("APPEND_OUTCOME_UNKNOWN");
    const { reason, message } = await failureOf(client.append({ events: [newEvent("s")] }));
    expect(reason).toBe("STORAGE_UNAVAILABLE");
    expect(message).toMatch(/too many open: .*ulimit -n.*--connections-max/);
    await expectFailure(replay(client), "STORAGE_UNAVAILABLE");

    await child.limitHandles(256);
    for (const request of requests) await untilTaken(client, request);
    const after = (await replay(client)).events;
    expect(positions(after)).toEqual(range(1, 1 + count));
    expect(new Set(after.map(({ stream }) => stream)).size).toBe(1 + count);
    expect(await child.stop()).toBe(0);
    const { client: again } = await startTestServer({ folder });
    expect((await replay(again)).events).toEqual(after);
  });
});
