import { startTestServer, type TestServer } from "@varve/testing/server";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AppendRequests } from "../load/append-requests.ts";
import { lastPosition } from "../load/conditional-requests.ts";
import { callOnce, drain, pathOf } from "./call-once.ts";
import { RawConnection } from "./connection.ts";

let server: TestServer;
let connection: RawConnection;

beforeAll(async () => {
  server = await startTestServer({ inMemory: true });
  connection = await RawConnection.open(server.address);
});

afterAll(async () => {
  connection[Symbol.dispose]();
  await server.stop();
});

it("sends requests that are larger than the windows of the server", async () => {
  const requests = new AppendRequests(1, { eventsPerAppend: 1000 });
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => callOnce(connection, pathOf("Append"), requests.next())),
  );
  const positions = answers.map(([answer]) => lastPosition(answer as Buffer));
  expect(positions.toSorted((a, b) => a - b)).toEqual([1000, 2000, 3000, 4000]);
});

it("takes answers that are larger than its own windows", async () => {
  const bytes = await drain(connection, pathOf("Replay"), Buffer.alloc(0));
  expect(bytes).toBeGreaterThan(2 ** 20);
});

it("tells the status of a call that is refused, and goes on", async () => {
  const empty = callOnce(connection, pathOf("Append"), Buffer.alloc(0));
  await expect(empty).rejects.toThrow("status 3");
  expect(await callOnce(connection, pathOf("GetStatus"), Buffer.alloc(0))).toHaveLength(1);
});

it("fails the calls of a connection that breaks", async () => {
  await using other = await startTestServer({ inMemory: true });
  using broken = await RawConnection.open(other.address);
  const waiting = callOnce(broken, pathOf("Subscribe"), Buffer.alloc(0));
  const fails = expect(waiting).rejects.toThrow();
  await other.kill();
  await fails;
  await expect(callOnce(broken, pathOf("GetStatus"), Buffer.alloc(0))).rejects.toThrow();
});
